// SPDX-License-Identifier: Apache-2.0
// What pre-flight can find about one migration: a code for machines, a sentence, and what to do about it. The table of
// codes (preflight.cpp) is the one place that says how bad each is and what it means; docs/preflight.md is for people.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ballast {

enum class PreflightSeverity : std::uint8_t {
    warn,    // the migration may start; a person should know
    refuse,  // the migration must not start
};

enum class PreflightCode : std::uint8_t {
    // the VM itself, wherever it would go
    not_running,
    job_active,
    block_job,
    snapshots,
    storage_unsafe,
    migration_blocked,
    host_device,
    disk_local,
    disk_transient,
    cache_unsafe,
    cpu_invtsc,
    // the two hosts
    uri_without_host,
    uri_loopback,
    same_host,
    same_hostname,
    name_unresolved,
    libvirt_older,
    qemu_older,
    security_model,
    // the VM on that host
    uuid_running,
    uuid_taken,
    name_taken,
    arch_missing,
    kvm_missing,
    machine_missing,
    device_missing,
    vcpu_limit,
    cpu_incompatible,
    cpu_passthrough,
    cpu_passthrough_differs,
    cpu_vendor,
    cpu_unknown,
    network_missing,
    interface_missing,
    interface_unknown,
    pool_missing,
    storage_differs,
    storage_unproven,
    memory_short,
    hugepages_short,
    numa_node_missing,
    cpu_pin_missing,
    post_copy_unlocked,
    post_copy_risk,
};

struct PreflightCodeInfo {
    PreflightCode code;
    std::string_view name;  // "network-missing": stable, for machines
    PreflightSeverity severity;
    std::string_view meaning;  // in general, one clause
};

// One row per code, in the order of the codes.
[[nodiscard]] std::span<const PreflightCodeInfo> preflight_codes();
[[nodiscard]] const PreflightCodeInfo& info(PreflightCode code);
[[nodiscard]] std::string_view name(PreflightSeverity severity);  // "warn", "refuse"

// Who a finding is about. Findings of many migrations are told once, so their texts have no names of VMs and hosts in
// them but "{vm}", "{from}" and "{to}".
struct MoveNames {
    std::string_view vm;
    std::string_view from;
    std::string_view to;
};

struct PreflightFinding {
    PreflightCode code = PreflightCode::not_running;
    std::string text;    // what is the matter, with the figures
    std::string remedy;  // what to do about it

    [[nodiscard]] bool refuses() const { return info(code).severity == PreflightSeverity::refuse; }
    friend bool operator==(const PreflightFinding&, const PreflightFinding&) = default;
};

// `text` with the names put in.
[[nodiscard]] std::string with_names(std::string_view text, const MoveNames& names);
// "TEXT; REMEDY [CODE]", with the names put in: one line.
[[nodiscard]] std::string describe(const PreflightFinding& finding, const MoveNames& names);
[[nodiscard]] bool any_refuses(std::span<const PreflightFinding> findings);

}  // namespace ballast
