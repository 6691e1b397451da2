// SPDX-License-Identifier: Apache-2.0
#include "cli/check_matrix.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace ballast {

namespace {

using Json = nlohmann::ordered_json;

// What pre-flight looks at as well, and closer.
bool is_of_preflight(ReasonCode code) {
    constexpr std::array codes = {ReasonCode::immovable,  ReasonCode::not_provided, ReasonCode::cpu_arch,
                                  ReasonCode::cpu_vendor, ReasonCode::cpu_model,    ReasonCode::hypervisor_older};
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

Json finding_json(const PreflightFinding& finding, const MoveNames& names) {
    return {{"code", info(finding.code).name},
            {"from", "pre-flight"},
            {"severity", name(info(finding.code).severity)},
            {"text", with_names(finding.text, names)},
            {"remedy", with_names(finding.remedy, names)}};
}

}  // namespace

std::string_view name(CheckMark mark) {
    constexpr std::array<std::string_view, 5> names = {"here", "yes", "warn", "no", "?"};
    return names[static_cast<std::size_t>(mark)];
}

CheckCell CheckMatrix::judged(const std::optional<Reason>& rule, const std::vector<PreflightFinding>& findings) {
    const bool refused = any_refuses(findings);
    CheckCell cell;
    if (rule && !(refused && is_of_preflight(rule->code))) cell.rule = rule;
    cell.mark = refused || cell.rule ? CheckMark::no : findings.empty() ? CheckMark::yes : CheckMark::warn;
    for (const PreflightFinding& finding : findings) {
        const std::string key =
            "f" + std::string(info(finding.code).name) + '\n' + finding.text + '\n' + finding.remedy;
        const auto [at, is_new] = numbers_.emplace(key, static_cast<std::uint32_t>(findings_.size()));
        if (is_new) findings_.push_back(finding);
        cell.findings.push_back(at->second);
    }
    return cell;
}

CheckCell CheckMatrix::not_read(const std::string& why) {
    const auto [at, is_new] = numbers_.emplace("u" + why, static_cast<std::uint32_t>(unread_.size()));
    if (is_new) unread_.push_back(why);
    CheckCell cell;
    cell.mark = CheckMark::unknown;
    cell.not_read = at->second;
    return cell;
}

std::vector<VmId> CheckMatrix::stuck() const {
    std::vector<VmId> stuck;
    for (const Row& row : rows_) {
        const auto count = [&](CheckMark mark) {
            return static_cast<std::size_t>(
                std::count_if(row.cells.begin(), row.cells.end(), [&](const CheckCell& c) { return c.mark == mark; }));
        };
        if (count(CheckMark::no) > 0 && count(CheckMark::no) + count(CheckMark::here) == row.cells.size()) {
            stuck.push_back(row.vm);
        }
    }
    return stuck;
}

std::string CheckMatrix::json() const {
    Json hosts = Json::array();
    for (const HostId host : columns_) hosts.push_back(cluster_.spec(host).name);
    Json vms = Json::array();
    for (const Row& row : rows_) {
        const std::string& from = cluster_.spec(cluster_.state(row.vm).host).name;
        Json moves = Json::array();
        for (std::size_t c = 0; c < columns_.size(); ++c) {
            const CheckCell& cell = row.cells[c];
            if (cell.mark == CheckMark::here) continue;
            const std::string& to = cluster_.spec(columns_[c]).name;
            Json reasons = Json::array();
            if (cell.not_read) {
                reasons.push_back({{"code", "not-read"}, {"from", "pre-flight"}, {"text", unread_[*cell.not_read]}});
            }
            if (cell.rule) {
                reasons.push_back({{"code", name(cell.rule->code)},
                                   {"from", "planning"},
                                   {"severity", "refuse"},
                                   {"text", describe(*cell.rule, cluster_)}});
            }
            for (const std::uint32_t f : cell.findings) {
                reasons.push_back(finding_json(findings_[f], {cluster_.spec(row.vm).name, from, to}));
            }
            moves.push_back({{"host", to},
                             {"can", cell.mark == CheckMark::unknown ? "unknown" : name(cell.mark)},
                             {"reasons", std::move(reasons)}});
        }
        vms.push_back({{"vm", cluster_.spec(row.vm).name},
                       {"uuid", cluster_.spec(row.vm).uuid},
                       {"host", from},
                       {"moves", std::move(moves)}});
    }
    Json stuck_names = Json::array();
    for (const VmId vm : stuck()) stuck_names.push_back(cluster_.spec(vm).name);
    const Json document = {{"hosts", std::move(hosts)},
                           {"vms", std::move(vms)},
                           {"cannot_move", std::move(stuck_names)},
                           {"not_read", unread_}};
    return document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace ballast
