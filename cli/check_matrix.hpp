// SPDX-License-Identifier: Apache-2.0
// Who can move where, and why not: what `ballast check` found out, as a table for people and as JSON.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/cluster.hpp"
#include "core/preflight.hpp"
#include "core/reason.hpp"

namespace ballast {

enum class CheckMark : std::uint8_t {
    here,     // the VM is there
    yes,      // it can move there
    warn,     // it can, and there is something to know
    no,       // it cannot
    unknown,  // the host or the VM could not be read
};

[[nodiscard]] std::string_view name(CheckMark mark);

// One VM and one host.
struct CheckCell {
    CheckMark mark = CheckMark::here;
    std::optional<Reason> rule;             // what the rules, capacities and demands have against it
    std::vector<std::uint32_t> findings;    // numbers of findings in the matrix
    std::optional<std::uint32_t> not_read;  // likewise, of what could not be read
};

class CheckMatrix {
  public:
    struct Row {
        VmId vm;
        std::vector<CheckCell> cells;  // one per column
    };

    // Refers to `cluster` while it lives.
    CheckMatrix(const Cluster& cluster, std::vector<HostId> columns)
        : cluster_(cluster), columns_(std::move(columns)) {}

    // The cells of a row, made by these in any order and added with add_row().
    [[nodiscard]] static CheckCell here() { return {}; }
    // What pre-flight refuses anyway is left to it to say: it has a code and a remedy of its own for it.
    [[nodiscard]] CheckCell judged(const std::optional<Reason>& rule, const std::vector<PreflightFinding>& findings);
    [[nodiscard]] CheckCell not_read(const std::string& why);
    void add_row(VmId vm, std::vector<CheckCell> cells) { rows_.push_back({vm, std::move(cells)}); }

    [[nodiscard]] const std::vector<HostId>& columns() const { return columns_; }
    [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }
    // VMs for which every other host of the columns is a no.
    [[nodiscard]] std::vector<VmId> stuck() const;
    [[nodiscard]] bool all_read() const { return unread_.empty(); }

    // VMs that are treated alike share a row. Up to `matrix_hosts_max` columns one per host, beyond that lists of
    // hosts; then the reasons, each once, with what to do.
    [[nodiscard]] std::string show() const;
    // One document with every VM and host: docs/preflight.md.
    [[nodiscard]] std::string json() const;

    static constexpr std::size_t matrix_hosts_max = 10;

  private:
    friend class CheckMatrixText;

    const Cluster& cluster_;
    std::vector<HostId> columns_;
    std::vector<Row> rows_;
    std::vector<PreflightFinding> findings_;  // each once
    std::vector<std::string> unread_;         // likewise
    std::map<std::string, std::uint32_t> numbers_;
};

}  // namespace ballast
