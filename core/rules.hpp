// SPDX-License-Identifier: Apache-2.0
// The operator's rules. Rules select VMs and hosts by name and by label and are resolved to ids by the
// cluster builder, so that a rule that names an unknown VM is an error before anything is decided.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.hpp"
#include "core/weekly_window.hpp"

namespace ballast {

enum class RuleKind : std::uint8_t {
    affinity,        // these VMs run on one host
    anti_affinity,   // at most `at_most` of these VMs are in one fault domain; without more said, none share a host
    pin,             // these VMs run on these hosts only
    forbid,          // these VMs never run on these hosts
    ignore_vm,       // these VMs are never moved
    ignore_host,     // these hosts are left alone: nothing moves to or from them
    cpu_compatible,  // VMs with the explicit CPU model `cpu_model` may move among these hosts whatever their CPU is
    freeze,          // while its window is open, these VMs are not moved and these hosts neither sleep nor wake
};

inline constexpr RuleKind all_rule_kinds[] = {RuleKind::affinity,       RuleKind::anti_affinity, RuleKind::pin,
                                              RuleKind::forbid,         RuleKind::ignore_vm,     RuleKind::ignore_host,
                                              RuleKind::cpu_compatible, RuleKind::freeze};

[[nodiscard]] std::string_view name(RuleKind kind);  // "anti-affinity", as in the configuration

// Where one failure takes everything with it. A host whose rack or zone is not known is a domain of its own; racks of
// one name in two zones are two racks.
enum class FaultDomain : std::uint8_t { host, rack, zone };

inline constexpr FaultDomain all_fault_domains[] = {FaultDomain::host, FaultDomain::rack, FaultDomain::zone};

[[nodiscard]] std::string_view name(FaultDomain domain);  // "rack"

// A VM that a rule does not select for a while, or for good.
struct RuleException {
    std::string vm;                 // by name; need not be there
    std::optional<double> until_s;  // Unix time
    std::string because;
};

// As written by the operator.
struct RuleSpec {
    RuleKind kind = RuleKind::affinity;
    std::string name;                // unique; shown in every refusal the rule causes
    std::vector<std::string> vms;    // by name
    std::vector<std::string> hosts;  // by name; for cpu_compatible no host at all means all hosts
    std::string cpu_model;           // for cpu_compatible only
    // Whoever has one of these labels is selected, too.
    std::vector<std::string> vm_labels{};
    std::vector<std::string> host_labels{};
    // For anti_affinity only: at most so many (1 or more) of the VMs per domain.
    std::uint32_t at_most = 1;
    FaultDomain per = FaultDomain::host;
    // 0 = hard. Positive, for affinity, anti_affinity, pin and forbid: soft. Where a hot host or one in maintenance
    // cannot be relieved otherwise, soft rules give way, those with the smallest sum of weights; never to save energy.
    double weight = 0.0;
    // In force from the one to just before the other, in Unix time; absent = without limit.
    std::optional<double> from_s{};
    std::optional<double> until_s{};
    std::vector<RuleException> except{};
    // For freeze only. A freeze that selects neither VMs nor hosts is about all of both.
    WeeklyWindow window{};
};

// Whether its time has come, and has not passed.
[[nodiscard]] inline bool in_force(const RuleSpec& rule, double unix_time_s) {
    return (!rule.from_s || *rule.from_s <= unix_time_s) && (!rule.until_s || unix_time_s < *rule.until_s);
}

// As resolved against a cluster: ids sorted ascending, no duplicates.
struct Rule {
    RuleKind kind = RuleKind::affinity;
    std::string name;
    std::vector<VmId> vms;
    std::vector<HostId> hosts;
    std::string cpu_model;
    std::uint32_t at_most = 1;
    FaultDomain per = FaultDomain::host;
    double weight = 0.0;                                      // 0 = hard
    double ends_s = std::numeric_limits<double>::infinity();  // Unix time at which it is no longer in force

    [[nodiscard]] bool soft() const { return weight > 0.0; }
};

}  // namespace ballast
