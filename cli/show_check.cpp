// SPDX-License-Identifier: Apache-2.0
// A CheckMatrix for people.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "cli/check_matrix.hpp"
#include "cli/text_table.hpp"

namespace ballast {

namespace {

constexpr std::size_t names_max = 6;  // of VMs or hosts in a cell

std::string some_of(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size() && i < names_max; ++i) text += (i == 0 ? "" : " ") + names[i];
    if (names.size() > names_max) text += fmt::format(" … ({})", names.size());
    return text;
}

std::string only_or(const std::set<std::string>& names, const char* several) {
    return names.size() == 1 ? *names.begin() : several;
}

}  // namespace

class CheckMatrixText {
  public:
    explicit CheckMatrixText(const CheckMatrix& matrix) : matrix_(matrix), cluster_(matrix.cluster_) {
        for (const CheckMatrix::Row& row : matrix_.rows_) {
            std::string key = std::to_string(cluster_.state(row.vm).host.index());
            for (std::size_t c = 0; c < row.cells.size(); ++c) key += '\n' + cell_text(row, c);
            const auto [at, is_new] = group_of_.emplace(key, groups_.size());
            if (is_new) groups_.push_back({&row, {}});
            groups_[at->second].vms.push_back(cluster_.spec(row.vm).name);
        }
    }

    std::string text() {
        if (groups_.empty()) return "There is no running VM to check.\n";
        const bool as_matrix = matrix_.columns_.size() <= CheckMatrix::matrix_hosts_max;
        return (as_matrix ? matrix() : lists()) + reasons() + summary();
    }

  private:
    struct Group {
        const CheckMatrix::Row* row;
        std::vector<std::string> vms;
    };
    // A reason as it is shown: under one number for all moves it is given for.
    struct Shown {
        CheckMark mark = CheckMark::no;
        std::string code;
        std::string text;
        std::string remedy;
        std::set<std::string> vms;
        std::set<std::string> from;
        std::set<std::string> to;
    };
    using Key = std::tuple<int, std::uint32_t>;  // kind of reason, its number there

    std::size_t number(const Key& key, Shown reason, const CheckMatrix::Row& row, std::size_t column) {
        const auto [at, is_new] = number_of_.emplace(key, shown_.size());
        if (is_new) shown_.push_back(std::move(reason));
        Shown& shown = shown_[at->second];
        shown.vms.insert(cluster_.spec(row.vm).name);
        shown.from.insert(cluster_.spec(cluster_.state(row.vm).host).name);
        shown.to.insert(cluster_.spec(matrix_.columns_[column]).name);
        return at->second + 1;
    }

    std::vector<std::size_t> numbers(const CheckMatrix::Row& row, std::size_t column) {
        const CheckCell& cell = row.cells[column];
        std::vector<std::size_t> list;
        if (cell.not_read) {
            list.push_back(number({0, *cell.not_read},
                                  {CheckMark::unknown, "not-read", matrix_.unread_[*cell.not_read], "", {}, {}, {}},
                                  row, column));
        }
        if (cell.rule) {
            const Shown shown{CheckMark::no,
                              std::string(name(cell.rule->code)),
                              rule_text(row.vm, *cell.rule),
                              "`ballast explain {vm}` says what would change that",
                              {},
                              {},
                              {}};
            list.push_back(number({1, static_cast<std::uint32_t>(cell.rule->code)}, shown, row, column));
        }
        for (const std::uint32_t f : cell.findings) {
            const PreflightFinding& finding = matrix_.findings_[f];
            const CheckMark mark = finding.refuses() ? CheckMark::no : CheckMark::warn;
            const Shown shown{mark, std::string(info(finding.code).name), finding.text, finding.remedy, {}, {}, {}};
            list.push_back(number({2, f}, shown, row, column));
        }
        return list;
    }

    std::string rule_text(VmId vm, const Reason& reason) const {
        const std::string& because = cluster_.spec(vm).immovable_because;
        const bool immovable = reason.code == ReasonCode::immovable && !because.empty();
        return describe(reason, cluster_) + (immovable ? ": " + because : "");
    }

    std::string cell_text(const CheckMatrix::Row& row, std::size_t column) {
        std::string list;
        for (const std::size_t n : numbers(row, column)) list += (list.empty() ? "" : ",") + fmt::format("{}", n);
        return std::string(name(row.cells[column].mark)) + (list.empty() ? "" : " " + list);
    }

    std::string matrix() {
        std::vector<TextTable::Column> columns = {{"VM"}, {"ON"}};
        for (const HostId host : matrix_.columns_) columns.push_back({cluster_.spec(host).name});
        TextTable table(std::move(columns));
        for (const Group& group : groups_) {
            std::vector<std::string> cells = {some_of(group.vms), host_of(group)};
            for (std::size_t c = 0; c < matrix_.columns_.size(); ++c) cells.push_back(cell_text(*group.row, c));
            table.add_row(std::move(cells));
        }
        return table.render();
    }

    // Hosts that have the same text in a row are named together, those that say yes counted only.
    std::string lists() {
        TextTable table({{"VM"}, {"ON"}, {"CAN MOVE"}, {"TO"}});
        for (const Group& group : groups_) {
            std::map<std::string, std::vector<std::string>> hosts_with;
            for (std::size_t c = 0; c < matrix_.columns_.size(); ++c) {
                if (group.row->cells[c].mark == CheckMark::here) continue;
                hosts_with[cell_text(*group.row, c)].push_back(cluster_.spec(matrix_.columns_[c]).name);
            }
            std::string vms = some_of(group.vms);
            std::string on = host_of(group);
            for (const auto& [text, hosts] : hosts_with) {
                const bool every_one = hosts_with.size() == 1 && hosts.size() > names_max;
                table.add_row({vms, on, text, every_one ? fmt::format("all {} others", hosts.size()) : some_of(hosts)});
                vms.clear();
                on.clear();
            }
        }
        return table.render();
    }

    std::string host_of(const Group& group) const { return cluster_.spec(cluster_.state(group.row->vm).host).name; }

    std::string reasons() const {
        std::string text;
        for (std::size_t i = 0; i < shown_.size(); ++i) {
            const Shown& shown = shown_[i];
            const std::string vm = only_or(shown.vms, "the VM");
            const std::string from = only_or(shown.from, "the source");
            const std::string to = only_or(shown.to, "the destination");
            const MoveNames names{vm, from, to};
            text +=
                fmt::format("{:>3}  {}  {}: {}\n", i + 1, name(shown.mark), shown.code, with_names(shown.text, names));
            if (!shown.remedy.empty()) text += fmt::format("     -> {}\n", with_names(shown.remedy, names));
            if (shown.vms.size() > 1 || shown.to.size() > 1) {
                text += fmt::format("     VMs: {}; hosts: {}\n", some_of({shown.vms.begin(), shown.vms.end()}),
                                    some_of({shown.to.begin(), shown.to.end()}));
            }
        }
        return text.empty() ? "" : "\n" + text;
    }

    std::string summary() const {
        std::vector<std::string> stuck;
        for (const VmId vm : matrix_.stuck()) stuck.push_back(cluster_.spec(vm).name);
        if (!stuck.empty()) {
            return fmt::format("\nCANNOT MOVE to any host{}: {}\n", matrix_.all_read() ? "" : " that was read",
                               fmt::join(stuck, " "));
        }
        if (!matrix_.all_read()) return "\nSome hosts or VMs could not be read; what is marked ? is not known.\n";
        return "\nEvery VM can move somewhere.\n";
    }

    const CheckMatrix& matrix_;
    const Cluster& cluster_;
    std::vector<Group> groups_;
    std::map<std::string, std::size_t> group_of_;
    std::vector<Shown> shown_;  // in order of first appearance
    std::map<Key, std::size_t> number_of_;
};

std::string CheckMatrix::show() const { return CheckMatrixText(*this).text(); }

}  // namespace ballast
