// SPDX-License-Identifier: Apache-2.0
#include "scheduler/zoo/watcher_consolidation.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "scheduler/zoo/table_policy.hpp"

namespace ballast::zoo {

namespace {

enum Option : std::size_t { period, spare, spare_min };

constexpr std::array<PolicyOptionHelp, 3> option_table = {{
    {"period", "s", 3600.0, 0.0, 604800.0, "loads are means over it"},
    {"spare", "fraction", 0.1, 0.0, 1.0, "free_used_percent: empty hosts kept on, as a share of the hosts with VMs"},
    {"spare_min", "count", 1.0, 0.0, 100000.0, "min_free_hosts_num: but at least so many"},
}};

constexpr PolicyHelp help{"watcher-consolidation",
                          "OpenStack Watcher ec06744, vm_workload_consolidation with saving_energy: packs to 100 %",
                          option_table};

std::vector<double> load_of(const PolicyInput& input, std::span<const double> values) {
    return mean_mhz(input.cluster, input.history, values[period]);
}

// The plan in Watcher's own model; a VM may be put down more than once, and only its last place counts.
class Packing {
  public:
    explicit Packing(Peer& peer) : peer_(peer), hosts_(peer.cluster().host_count()), at_(peer.cluster().vm_count()) {
        for (const HostId host : peer.hosts()) {
            Host& model = hosts_[host.index()];
            model = {peer.loads().cpu_mhz(host), peer.free_bytes(host), peer.movable_units(host)};
            for (const UnitId unit : model.units) at_[unit.index()] = host;
        }
    }

    void run() {
        offload();
        consolidate();
        carry_out();
    }

  private:
    struct Host {
        double cpu_mhz = 0.0;
        double free_bytes = 0.0;
        std::vector<UnitId> units;
    };

    [[nodiscard]] double usable_mhz(HostId host) const { return peer_.cluster().usable(host).cpu_mhz(); }
    [[nodiscard]] bool overloaded(HostId host) const { return hosts_[host.index()].cpu_mhz > usable_mhz(host); }
    [[nodiscard]] bool takes(HostId host, double mhz, double bytes) const {
        const Host& model = hosts_[host.index()];
        return model.cpu_mhz + mhz <= usable_mhz(host) && bytes <= model.free_bytes;
    }

    // By CPU used, least first, as of now.
    [[nodiscard]] std::vector<HostId> by_use() const {
        std::vector<HostId> order(peer_.hosts().begin(), peer_.hosts().end());
        std::stable_sort(order.begin(), order.end(),
                         [&](HostId a, HostId b) { return hosts_[a.index()].cpu_mhz < hosts_[b.index()].cpu_mhz; });
        return order;
    }
    [[nodiscard]] std::vector<UnitId> smallest_first(HostId host) const {
        std::vector<UnitId> units = hosts_[host.index()].units;
        std::stable_sort(units.begin(), units.end(),
                         [&](UnitId a, UnitId b) { return peer_.cpu_mhz(a) < peer_.cpu_mhz(b); });
        return units;
    }

    void put(UnitId unit, HostId from, HostId to) {
        Host& source = hosts_[from.index()];
        Host& destination = hosts_[to.index()];
        source.cpu_mhz -= peer_.cpu_mhz(unit);
        source.free_bytes += peer_.configured_bytes(unit);
        std::erase(source.units, unit);
        destination.cpu_mhz += peer_.cpu_mhz(unit);
        destination.free_bytes -= peer_.configured_bytes(unit);
        destination.units.push_back(unit);
        if (at_[unit.index()] == home(unit)) put_.push_back(unit);
        at_[unit.index()] = to;
    }

    // The last of `order` at or behind `first` that takes the unit.
    bool put_on_fullest(UnitId unit, HostId from, const std::vector<HostId>& order, std::size_t first) {
        const double mhz = peer_.cpu_mhz(unit);
        const double bytes = peer_.configured_bytes(unit);
        for (std::size_t i = order.size(); i-- > first;) {
            if (order[i] == from || !takes(order[i], mhz, bytes)) continue;
            put(unit, from, order[i]);
            return true;
        }
        return false;
    }

    void offload() {
        const std::vector<HostId> order = by_use();
        for (std::size_t i = order.size(); i-- > 0;) {
            for (const UnitId unit : smallest_first(order[i])) {
                if (!overloaded(order[i])) break;
                put_on_fullest(unit, order[i], order, 0);
            }
        }
    }

    void consolidate() {
        const std::vector<HostId> order = by_use();
        for (std::size_t i = 0; i < order.size(); ++i) {
            std::vector<UnitId> units = smallest_first(order[i]);
            std::reverse(units.begin(), units.end());
            for (const UnitId unit : units) put_on_fullest(unit, order[i], order, i + 1);
        }
    }

    // A -> B -> C has become A -> C, and A -> B -> A nothing. A move that has to wait for another is tried again.
    void carry_out() {
        std::vector<UnitId> left = put_;  // twice, if it was put back home on the way
        std::sort(left.begin(), left.end());
        left.erase(std::unique(left.begin(), left.end()), left.end());
        std::erase_if(left, [&](UnitId unit) { return at_[unit.index()] == home(unit); });
        for (bool progress = true; progress;) {
            const std::size_t before = left.size();
            std::erase_if(left, [&](UnitId unit) { return peer_.move(unit, at_[unit.index()], reason(unit)); });
            progress = left.size() < before;
        }
    }
    [[nodiscard]] HostId home(UnitId unit) const { return peer_.placement().host_of(VmId(unit.index())); }
    [[nodiscard]] Reason reason(UnitId unit) const {
        Reason result;
        result.code = ReasonCode::pack_tighter;
        result.host = at_[unit.index()];
        result.value = hosts_[result.host.index()].cpu_mhz / usable_mhz(result.host);
        return result;
    }

    Peer& peer_;
    std::vector<Host> hosts_;  // the model
    std::vector<HostId> at_;   // by unit: where the model has it
    std::vector<UnitId> put_;  // every unit that was put down
};

// Draws `count` of the hosts; Python's random.sample.
std::vector<HostId> drawn(std::vector<HostId> hosts, std::size_t count, Rng& rng) {
    count = std::min(count, hosts.size());
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t j = i + rng.below(hosts.size() - i);
        std::swap(hosts[i], hosts[j]);
    }
    hosts.resize(count);
    return hosts;
}

// Looks at the hosts as they are before the moves of this decision: the two strategies are audits of their own.
void save_energy(Peer& peer, std::span<const double> values, Rng& rng) {
    std::size_t busy = 0;
    std::vector<HostId> free_on;
    for (const HostId host : peer.hosts()) {
        if (!peer.cluster().vms_on(host).empty()) {
            ++busy;
        } else if (peer.placement().vm_count(host) == 0 && peer.controllable(host)) {
            free_on.push_back(host);
        }
    }
    const std::size_t coming = peer.controllable_hosts(PowerState::waking).size();
    const auto wanted = static_cast<std::size_t>(std::max(
        values[spare_min], static_cast<double>(static_cast<std::size_t>(static_cast<double>(busy) * values[spare]))));
    const std::size_t have = free_on.size() + coming;
    if (have > wanted) {
        for (const HostId host : drawn(free_on, have - wanted, rng)) peer.sleep(host);
    } else if (have < wanted) {
        Reason reason;
        reason.code = ReasonCode::wake_spare;
        reason.value = static_cast<double>(have);
        reason.limit = static_cast<double>(wanted);
        for (const HostId host : drawn(peer.controllable_hosts(PowerState::asleep), wanted - have, rng))
            peer.wake(host, reason);
    }
}

void decide(const PolicyInput& /*input*/, std::span<const double> values, Rng& rng, Peer& peer) {
    Packing(peer).run();
    save_energy(peer, values, rng);
    Reason reason;
    reason.code = ReasonCode::no_gain;
    peer.explain_hosts(reason);
}

}  // namespace

const PolicyHelp& watcher_consolidation_help() { return help; }

Result<std::unique_ptr<Policy>> make_watcher_consolidation(std::string_view options) {
    return make_table_policy({help, load_of, decide, spare}, options);
}

}  // namespace ballast::zoo
