// SPDX-License-Identifier: Apache-2.0
// The Cluster: an immutable snapshot of hosts, VMs, placement, demand, rules and power states.
//
// It has two parts. The Inventory (names, capacities, rules) is shared between snapshots; the state (placement,
// demand, power) is the snapshot's own. A new snapshot of the same inventory is therefore cheap: O(hosts + VMs),
// without a string being copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/host.hpp"
#include "core/ids.hpp"
#include "core/provisions.hpp"
#include "core/result.hpp"
#include "core/rules.hpp"
#include "core/vm.hpp"

namespace ballast {

inline constexpr std::uint64_t no_vcpu_limit = std::numeric_limits<std::uint64_t>::max();

// Hosts, VMs and rules by id. Immutable; built by ClusterBuilder.
class Inventory {
  public:
    [[nodiscard]] std::span<const HostSpec> hosts() const { return hosts_; }
    [[nodiscard]] std::span<const VmSpec> vms() const { return vms_; }
    [[nodiscard]] std::span<const Rule> rules() const { return rules_; }
    [[nodiscard]] bool has_soft_rules() const { return has_soft_rules_; }
    // All rules as they were handed to the builder.
    [[nodiscard]] std::span<const RuleSpec> rules_as_written() const { return rules_as_written_; }
    // What the operator should know about rules without effect, one line each.
    [[nodiscard]] std::span<const std::string> rule_warnings() const { return rule_warnings_; }

    [[nodiscard]] std::optional<HostId> find_host(std::string_view name) const;
    [[nodiscard]] std::optional<VmId> find_vm(std::string_view name) const;

    // What planning asks about every host or VM, apart from the names, so that asking touches little memory.
    // Capacity after the host's reserve.
    [[nodiscard]] const ResourceVector& usable(HostId host) const { return usable_[host.index()]; }
    // Hosts of one kind have the same HostCpu and hypervisor version. Kinds are numbered from 0.
    [[nodiscard]] std::uint32_t kind(HostId host) const { return kind_[host.index()]; }
    // Hosts in one fault domain of this kind have the same number, which no other domain of the kind has.
    [[nodiscard]] std::uint32_t domain(HostId host, FaultDomain kind) const {
        if (kind == FaultDomain::host) return static_cast<std::uint32_t>(host.index());
        return (kind == FaultDomain::rack ? rack_ : zone_)[host.index()];
    }
    [[nodiscard]] std::uint32_t vcpus(VmId vm) const { return vcpus_[vm.index()]; }
    // How many virtual CPUs the host may have by its cpu_overcommit; `no_vcpu_limit` if it has none, or no CPU count.
    [[nodiscard]] std::uint64_t vcpus_max(HostId host) const { return vcpus_max_[host.index()]; }
    [[nodiscard]] double memory_bytes(VmId vm) const { return memory_bytes_[vm.index()]; }
    // An ignore_vm or freeze rule or a reason of the VM's own keeps it from being moved.
    [[nodiscard]] bool stays_put(VmId vm) const { return stays_put_[vm.index()] != 0; }
    // What VMs need of a host beside room.
    [[nodiscard]] const Provisions& provisions() const { return provisions_; }
    // All VMs in id order.
    [[nodiscard]] std::span<const VmId> vm_ids() const { return vm_ids_; }

    // The rules that mention this VM, in rule order.
    [[nodiscard]] std::span<const RuleId> rules_of(VmId vm) const { return rules_of_vm_[vm.index()]; }
    // The ignore_host rule that mentions this host, if any; the ignore_vm or freeze rule that mentions this VM, if any.
    [[nodiscard]] std::optional<RuleId> ignored_by(HostId host) const { return ignored_host_[host.index()]; }
    [[nodiscard]] std::optional<RuleId> ignored_by(VmId vm) const { return ignored_vm_[vm.index()]; }
    // The freeze rule that keeps this host from being put to sleep or woken, if any.
    [[nodiscard]] std::optional<RuleId> power_frozen_by(HostId host) const { return power_frozen_[host.index()]; }

  private:
    friend class ClusterBuilder;
    void fill_columns();  // usable_ to vm_ids_, from hosts_ and vms_
    void fill_domains();  // rack_ and zone_
    void index_rules();   // rules_of_vm_ to ignored_vm_, from rules_

    std::vector<HostSpec> hosts_;
    std::vector<VmSpec> vms_;
    std::vector<Rule> rules_;
    bool has_soft_rules_ = false;
    std::vector<RuleSpec> rules_as_written_;
    std::vector<std::string> rule_warnings_;
    Provisions provisions_;
    std::vector<ResourceVector> usable_;
    std::vector<std::uint32_t> kind_;
    std::vector<std::uint32_t> rack_;  // by host: the index of the first host in it
    std::vector<std::uint32_t> zone_;
    std::vector<std::uint32_t> vcpus_;
    std::vector<std::uint64_t> vcpus_max_;
    std::vector<double> memory_bytes_;
    std::vector<char> stays_put_;
    std::vector<VmId> vm_ids_;
    std::vector<std::vector<RuleId>> rules_of_vm_;
    std::vector<std::optional<RuleId>> ignored_host_;
    std::vector<std::optional<RuleId>> ignored_vm_;
    std::vector<std::optional<RuleId>> power_frozen_;
    std::unordered_map<std::string, HostId> host_by_name_;  // looked up only, never iterated
    std::unordered_map<std::string, VmId> vm_by_name_;
};

// What changes between two snapshots of one inventory. Indexed by id.
struct ClusterState {
    std::vector<HostState> hosts;
    std::vector<VmState> vms;
};

class Cluster {
  public:
    // Validates `state` against the inventory: sizes, placements, quantities. Errors name the VM or host.
    // O(hosts + VMs).
    [[nodiscard]] static Result<Cluster> make(std::shared_ptr<const Inventory> inventory, ClusterState state);

    [[nodiscard]] const Inventory& inventory() const { return *inventory_; }
    [[nodiscard]] const std::shared_ptr<const Inventory>& shared_inventory() const { return inventory_; }

    [[nodiscard]] std::size_t host_count() const { return state_.hosts.size(); }
    [[nodiscard]] std::size_t vm_count() const { return state_.vms.size(); }

    [[nodiscard]] const HostSpec& spec(HostId id) const { return inventory_->hosts()[id.index()]; }
    [[nodiscard]] const VmSpec& spec(VmId id) const { return inventory_->vms()[id.index()]; }
    [[nodiscard]] const HostState& state(HostId id) const { return state_.hosts[id.index()]; }
    [[nodiscard]] const VmState& state(VmId id) const { return state_.vms[id.index()]; }
    [[nodiscard]] const ClusterState& state() const { return state_; }
    [[nodiscard]] const Rule& rule(RuleId id) const { return inventory_->rules()[id.index()]; }

    // Capacity after the host's reserve.
    [[nodiscard]] const ResourceVector& usable(HostId id) const { return inventory_->usable(id); }
    // state(id).demand.cpu_mhz(), without touching the rest of the state.
    [[nodiscard]] double cpu_mhz(VmId id) const { return cpu_mhz_[id.index()]; }
    // What a VM takes of a host: its demand, with the configured memory (a destination must be able to give all of it).
    [[nodiscard]] ResourceVector footprint(VmId id) const {
        ResourceVector result = state(id).demand;
        result[Resource::memory] = inventory_->memory_bytes(id);
        return result;
    }
    // Of its memory, what a migration has to copy: what is resident on its host, or the configured memory where that is
    // not known. QEMU sends pages that the guest never touched as a mark only.
    [[nodiscard]] double migrated_bytes(VmId id) const {
        const double resident = state(id).demand.memory_bytes();
        return resident > 0.0 ? resident : inventory_->memory_bytes(id);
    }
    // The VMs on a host in id order. The span lives as long as the Cluster.
    [[nodiscard]] std::span<const VmId> vms_on(HostId id) const;
    // The first VM on the host that has no fresh sample; none if all have.
    [[nodiscard]] VmId unsampled_on(HostId id) const { return unsampled_on_[id.index()]; }
    // Sum of the footprints on the host plus its overhead.
    [[nodiscard]] const ResourceVector& used(HostId id) const { return used_[id.index()]; }
    // Sum of the virtual CPUs on the host.
    [[nodiscard]] std::uint64_t vcpus_on(HostId id) const { return vcpus_on_[id.index()]; }
    // Whether any sign of pressure.hpp was measured of any host or VM.
    [[nodiscard]] bool has_pressure() const { return has_pressure_; }
    // Used CPU over usable CPU, a fraction; above 1 when demand exceeds what the host can give.
    [[nodiscard]] double cpu_utilisation(HostId id) const { return used(id).cpu_mhz() / usable(id).cpu_mhz(); }

  private:
    [[nodiscard]] Status take_in_hosts();
    [[nodiscard]] Status take_in_vms();
    void group_by_host();

    std::shared_ptr<const Inventory> inventory_;
    ClusterState state_;
    std::vector<double> cpu_mhz_;             // by VM
    std::vector<VmId> vms_by_host_;           // grouped by host
    std::vector<std::uint32_t> host_offset_;  // host_count + 1 offsets into vms_by_host_
    std::vector<VmId> unsampled_on_;          // by host
    std::vector<ResourceVector> used_;        // by host
    std::vector<std::uint64_t> vcpus_on_;     // by host
    bool has_pressure_ = false;
};

// Collects hosts, VMs and rules and validates them as a whole.
class ClusterBuilder {
  public:
    HostId add_host(HostSpec spec, HostState state = {});
    // `state.host` must be an id that add_host returned.
    VmId add_vm(VmSpec spec, VmState state);
    void add_rule(RuleSpec rule);
    // The time for which it is built decides which rules are in force; 1970 if it is never said.
    void set_time(double unix_time_s) { unix_time_s_ = unix_time_s; }

    // Checks that names are present and unique, capacities positive, quantities finite, memory within what was
    // configured, and that rules name known VMs and hosts and known host labels (rule_resolver.hpp). The first problem
    // is returned as a usage error, in one line.
    [[nodiscard]] Result<Cluster> build() &&;

  private:
    [[nodiscard]] Status index_hosts(Inventory& inventory) const;
    [[nodiscard]] Status index_vms(Inventory& inventory) const;

    std::vector<HostSpec> hosts_;
    std::vector<VmSpec> vms_;
    std::vector<RuleSpec> rules_;
    double unix_time_s_ = 0.0;
    ClusterState state_;
};

}  // namespace ballast
