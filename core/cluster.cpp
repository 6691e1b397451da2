// SPDX-License-Identifier: Apache-2.0
#include "core/cluster.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "core/check.hpp"
#include "core/rule_resolver.hpp"

namespace ballast {

std::string_view name(PowerState state) {
    switch (state) {
        case PowerState::on: return "on";
        case PowerState::waking: return "waking";
        case PowerState::going_to_sleep: return "going to sleep";
        case PowerState::asleep: return "asleep";
    }
    return "?";
}

std::string_view name(Priority priority) {
    switch (priority) {
        case Priority::low: return "low";
        case Priority::normal: return "normal";
        case Priority::high: return "high";
    }
    return "?";
}

std::string_view name(RuleKind kind) {
    switch (kind) {
        case RuleKind::affinity: return "affinity";
        case RuleKind::anti_affinity: return "anti-affinity";
        case RuleKind::pin: return "pin";
        case RuleKind::forbid: return "forbid";
        case RuleKind::ignore_vm: return "ignore-vm";
        case RuleKind::ignore_host: return "ignore-host";
        case RuleKind::freeze: return "freeze";
        case RuleKind::cpu_compatible: return "cpu-compatible";
    }
    return "?";
}

std::string_view name(FaultDomain domain) {
    switch (domain) {
        case FaultDomain::host: return "host";
        case FaultDomain::rack: return "rack";
        case FaultDomain::zone: return "zone";
    }
    return "?";
}

namespace {

template <typename Map>
auto find_in(const Map& map, std::string_view name) -> std::optional<typename Map::mapped_type> {
    const auto it = map.find(std::string(name));
    if (it == map.end()) return std::nullopt;
    return it->second;
}

Status check_labels(const std::string& who, const std::vector<std::string>& labels) {
    const bool ok = std::none_of(labels.begin(), labels.end(), [](const std::string& label) { return label.empty(); });
    return ok ? Status() : fail(ErrorKind::usage, who + "a label is empty; name it or take it out");
}

Status check_things(const std::string& who, const char* key, const std::vector<std::string>& things) {
    for (const std::string& thing : things) {
        if (!kind_of_need(thing).empty()) continue;
        return fail(ErrorKind::usage, who + "\"" + thing + "\" in \"" + key +
                                          "\" is not of the form \"kind:what\", such as \"network:br0\"");
    }
    return {};
}

}  // namespace

std::optional<HostId> Inventory::find_host(std::string_view name) const { return find_in(host_by_name_, name); }
std::optional<VmId> Inventory::find_vm(std::string_view name) const { return find_in(vm_by_name_, name); }

void Inventory::fill_columns() {
    using Kind = std::tuple<std::string_view, std::string_view, std::string_view, std::uint64_t>;
    std::map<Kind, std::uint32_t> kinds;
    usable_.reserve(hosts_.size());
    kind_.reserve(hosts_.size());
    for (const HostSpec& host : hosts_) {
        usable_.push_back(host.capacity - host.reserve);
        const Kind kind(host.cpu.arch, host.cpu.vendor, host.cpu.model, host.hypervisor_version);
        kind_.push_back(kinds.try_emplace(kind, static_cast<std::uint32_t>(kinds.size())).first->second);
    }
    for (const HostSpec& host : hosts_) {
        const bool limited = host.cpus > 0 && host.cpu_overcommit > 0.0;
        vcpus_max_.push_back(limited ? static_cast<std::uint64_t>(host.cpus * host.cpu_overcommit + 1e-9)
                                     : no_vcpu_limit);
    }
    vcpus_.reserve(vms_.size());
    memory_bytes_.reserve(vms_.size());
    stays_put_.reserve(vms_.size());
    vm_ids_.reserve(vms_.size());
    for (std::size_t v = 0; v < vms_.size(); ++v) {
        vcpus_.push_back(vms_[v].vcpus);
        memory_bytes_.push_back(vms_[v].memory_bytes);
        stays_put_.push_back(ignored_vm_[v] || !vms_[v].immovable_because.empty() ? 1 : 0);
        vm_ids_.emplace_back(v);
    }
}

void Inventory::fill_domains() {
    std::map<std::pair<std::string_view, std::string_view>, std::uint32_t> racks;  // by zone and rack
    std::map<std::string_view, std::uint32_t> zones;
    for (std::size_t h = 0; h < hosts_.size(); ++h) {
        const HostSpec& host = hosts_[h];
        const auto alone = static_cast<std::uint32_t>(h);
        rack_.push_back(host.rack.empty() ? alone : racks.try_emplace({host.zone, host.rack}, alone).first->second);
        zone_.push_back(host.zone.empty() ? alone : zones.try_emplace(host.zone, alone).first->second);
    }
}

Result<Cluster> Cluster::make(std::shared_ptr<const Inventory> inventory, ClusterState state) {
    BALLAST_CHECK(state.hosts.size() == inventory->hosts().size(), "one state per host");
    BALLAST_CHECK(state.vms.size() == inventory->vms().size(), "one state per VM");
    Cluster cluster;
    cluster.inventory_ = std::move(inventory);
    cluster.state_ = std::move(state);
    if (Status ok = cluster.take_in_hosts(); !ok) return tl::unexpected(ok.error());
    if (Status ok = cluster.take_in_vms(); !ok) return tl::unexpected(ok.error());
    cluster.group_by_host();
    return cluster;
}

Status Cluster::take_in_hosts() {
    used_.reserve(host_count());
    for (std::size_t h = 0; h < host_count(); ++h) {
        const ResourceVector& overhead = state_.hosts[h].overhead;
        if (!overhead.is_quantity()) {
            return fail(ErrorKind::usage, "host \"" + inventory_->hosts()[h].name +
                                              "\": its own use (overhead) must be finite and not negative");
        }
        used_.push_back(overhead);
        has_pressure_ = has_pressure_ || state_.hosts[h].pressure != HostPressure{};
    }
    return {};
}

// The one pass over the states of all VMs; what is needed of every VM later is kept in columns.
Status Cluster::take_in_vms() {
    host_offset_.assign(host_count() + 1, 0);  // here: how many VMs are on the host before
    unsampled_on_.resize(host_count());
    vcpus_on_.resize(host_count());
    cpu_mhz_.reserve(vm_count());
    for (std::size_t v = 0; v < vm_count(); ++v) {
        const VmState& vm = state_.vms[v];
        const bool placed = vm.host.valid() && vm.host.index() < host_count();
        if (!placed || !vm.demand.is_quantity()) {
            return fail(ErrorKind::usage,
                        "VM \"" + inventory_->vms()[v].name + "\": " +
                            (placed ? "demand must be finite and not negative" : "is on no host of this cluster"));
        }
        const std::size_t h = vm.host.index();
        ++host_offset_[h + 1];
        used_[h] += footprint(VmId(v));
        vcpus_on_[h] += inventory_->vcpus(VmId(v));
        if (!vm.sampled && !unsampled_on_[h].valid()) unsampled_on_[h] = VmId(v);
        cpu_mhz_.push_back(vm.demand.cpu_mhz());
        has_pressure_ = has_pressure_ || vm.pressure != VmPressure{};
    }
    return {};
}

// A counting sort of the VMs by host, stable in VM id.
void Cluster::group_by_host() {
    std::partial_sum(host_offset_.begin(), host_offset_.end(), host_offset_.begin());
    vms_by_host_.resize(vm_count());
    std::vector<std::uint32_t> next(host_offset_.begin(), host_offset_.end() - 1);
    for (std::size_t v = 0; v < vm_count(); ++v) vms_by_host_[next[state_.vms[v].host.index()]++] = VmId(v);
}

std::span<const VmId> Cluster::vms_on(HostId id) const {
    const std::size_t first = host_offset_[id.index()];
    return std::span(vms_by_host_).subspan(first, host_offset_[id.index() + 1] - first);
}

HostId ClusterBuilder::add_host(HostSpec spec, HostState state) {
    hosts_.push_back(std::move(spec));
    state_.hosts.push_back(state);
    return HostId(hosts_.size() - 1);
}

VmId ClusterBuilder::add_vm(VmSpec spec, VmState state) {
    vms_.push_back(std::move(spec));
    state_.vms.push_back(state);
    return VmId(vms_.size() - 1);
}

void ClusterBuilder::add_rule(RuleSpec rule) { rules_.push_back(std::move(rule)); }

Status ClusterBuilder::index_hosts(Inventory& inventory) const {
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
        const HostSpec& host = hosts_[i];
        if (host.name.empty()) return fail(ErrorKind::usage, "host " + std::to_string(i + 1) + " has no name");
        const std::string who = "host \"" + host.name + "\": ";
        if (!inventory.host_by_name_.emplace(host.name, HostId(i)).second) {
            return fail(ErrorKind::usage, who + "the name is used twice; host names must be distinct");
        }
        if (!host.capacity.is_quantity() || !host.reserve.is_quantity()) {
            return fail(ErrorKind::usage, who + "capacity and reserve must be finite and not negative");
        }
        if (!std::isfinite(host.cpu_overcommit) || host.cpu_overcommit < 0.0 || host.cpu_overcommit > 1e6) {
            return fail(ErrorKind::usage, who + "cpu_overcommit must be from 0 to 1000000");
        }
        if (Status ok = check_labels(who, host.labels); !ok) return ok;
        if (Status ok = check_things(who, "provides", host.provides); !ok) return ok;
        for (const Resource r : {Resource::cpu, Resource::memory}) {
            if (host.capacity[r] <= 0.0) {
                return fail(ErrorKind::usage, who + "its " + std::string(name(r)) + " capacity is zero");
            }
            if (host.reserve[r] >= host.capacity[r]) {
                return fail(ErrorKind::usage, who + "its " + std::string(name(r)) + " reserve leaves nothing to use");
            }
        }
    }
    return {};
}

Status ClusterBuilder::index_vms(Inventory& inventory) const {
    std::unordered_map<std::string, std::size_t> by_uuid;
    for (std::size_t i = 0; i < vms_.size(); ++i) {
        const VmSpec& vm = vms_[i];
        if (vm.name.empty()) return fail(ErrorKind::usage, "VM " + std::to_string(i + 1) + " has no name");
        const std::string who = "VM \"" + vm.name + "\": ";
        const auto [other, is_new] = inventory.vm_by_name_.emplace(vm.name, VmId(i));
        if (!is_new) {
            const auto host_name = [&](std::size_t v) {
                const HostId host = state_.vms[v].host;
                return host.valid() && host.index() < hosts_.size() ? hosts_[host.index()].name : std::string("?");
            };
            return fail(ErrorKind::usage, who + "the name is used twice (on " + host_name(other->second.index()) +
                                              " and on " + host_name(i) + "); VM names must be distinct");
        }
        if (!vm.uuid.empty() && !by_uuid.emplace(vm.uuid, i).second) {
            return fail(ErrorKind::usage, who + "has the UUID of VM \"" + vms_[by_uuid[vm.uuid]].name + "\"");
        }
        if (!std::isfinite(vm.memory_bytes) || vm.memory_bytes <= 0.0) {
            return fail(ErrorKind::usage, who + "its memory must be positive");
        }
        if (vm.vcpus == 0) return fail(ErrorKind::usage, who + "it has no virtual CPU");
        if (Status ok = check_labels(who, vm.labels); !ok) return ok;
        if (Status ok = check_things(who, "needs", vm.needs); !ok) return ok;
    }
    return {};
}

void Inventory::index_rules() {
    rules_of_vm_.resize(vms_.size());
    ignored_host_.resize(hosts_.size());
    ignored_vm_.resize(vms_.size());
    power_frozen_.resize(hosts_.size());
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        const Rule& rule = rules_[i];
        const RuleId id(i);
        has_soft_rules_ = has_soft_rules_ || rule.soft();
        for (const VmId vm : rule.vms) {
            rules_of_vm_[vm.index()].push_back(id);
            const bool freezes = rule.kind == RuleKind::freeze && !ignored_vm_[vm.index()];
            if (rule.kind == RuleKind::ignore_vm || freezes) ignored_vm_[vm.index()] = id;
        }
        for (const HostId host : rule.hosts) {
            if (rule.kind == RuleKind::ignore_host) ignored_host_[host.index()] = id;
            if (rule.kind == RuleKind::freeze) power_frozen_[host.index()] = id;
        }
    }
}

Result<Cluster> ClusterBuilder::build() && {
    auto inventory = std::make_shared<Inventory>();
    for (const auto step : {&ClusterBuilder::index_hosts, &ClusterBuilder::index_vms}) {
        if (Status ok = (this->*step)(*inventory); !ok) return tl::unexpected(ok.error());
    }
    inventory->hosts_ = std::move(hosts_);
    inventory->vms_ = std::move(vms_);
    Result<ResolvedRules> resolved = resolve_rules(rules_, *inventory, unix_time_s_);
    if (!resolved) return tl::unexpected(resolved.error());
    inventory->rules_ = std::move(resolved->rules);
    inventory->rule_warnings_ = std::move(resolved->warnings);
    inventory->rules_as_written_ = std::move(rules_);
    inventory->index_rules();
    inventory->fill_columns();
    inventory->fill_domains();
    inventory->provisions_ = Provisions(inventory->hosts_, inventory->vms_);
    return Cluster::make(std::move(inventory), std::move(state_));
}

}  // namespace ballast
