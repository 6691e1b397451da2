// SPDX-License-Identifier: Apache-2.0
#include "scheduler/zoo/xo_density.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "scheduler/zoo/table_policy.hpp"
#include "scheduler/zoo/xo.hpp"

namespace ballast::zoo {

namespace {

enum Option : std::size_t { cpu, memory_free };

constexpr std::array<PolicyOptionHelp, 2> option_table = {{
    {"cpu", "fraction", 0.90, 0.05, 1.0, "critical CPU load: destinations stay below it"},
    {"memory_free", "MiB", 1000.0, 0.0, 1e9,
     "critical free memory: destinations keep more; with 1.5 times that free a "
     "host is emptied"},
}};

constexpr PolicyHelp help{"xo-density",
                          "Xen Orchestra 3945d05, density: empties every host but the master and shuts it down; never "
                          "wakes one",
                          option_table};

std::vector<double> load_of(const PolicyInput& input, std::span<const double> /*values*/) { return xo_mhz(input); }

class Density {
  public:
    Density(Peer& peer, const XoLevels& levels) : peer_(peer), levels_(levels) {}

    void run() {
        if (peer_.hosts().empty()) return;
        std::vector<HostId> candidates;
        for (const HostId host : peer_.hosts()) {
            if (host != master() && peer_.free_bytes(host) > levels_.free_low()) candidates.push_back(host);
        }
        for (const HostId host : candidates) {
            if (!peer_.controllable(host) || peer_.draft().received(host)) continue;
            if (empty(host)) peer_.sleep(host);
        }
        Reason reason;
        reason.code = ReasonCode::no_gain;
        peer_.explain_hosts(reason);
    }

  private:
    // The pool's master; clusters of plain hosts have none, so the first one stands for it.
    [[nodiscard]] HostId master() const { return peer_.hosts().front(); }

    // The master, if it takes the VM; otherwise the host with the least free memory that does.
    [[nodiscard]] HostId destination(UnitId unit, HostId from) const {
        HostId best;
        for (const HostId host : peer_.hosts()) {
            if (host == from || peer_.draft().has_verdict(host) || !takes(unit, host)) continue;
            if (host == master()) return host;
            if (!best.valid() || peer_.free_bytes(host) < peer_.free_bytes(best)) best = host;
        }
        return best;
    }
    [[nodiscard]] bool takes(UnitId unit, HostId host) const {
        const double cpu_mhz = peer_.loads().cpu_mhz(host) + peer_.cpu_mhz(unit);
        return cpu_mhz < levels_.cpu_critical * peer_.cluster().usable(host).cpu_mhz() &&
               peer_.free_bytes(host) - peer_.configured_bytes(unit) > levels_.free_critical;
    }

    // All or nothing, VMs with much memory first.
    bool empty(HostId host) {
        const double saved_watts = peer_.saving_watts(host);
        const std::size_t mark = peer_.draft().move_count();
        std::vector<UnitId> units = xo_movable_units(peer_, host, 0.0);
        std::size_t vms = 0;
        for (const UnitId unit : units) vms += peer_.draft().units().members(unit).size();
        if (vms < peer_.placement().vm_count(host)) return false;
        std::stable_sort(units.begin(), units.end(),
                         [&](UnitId a, UnitId b) { return peer_.configured_bytes(a) > peer_.configured_bytes(b); });
        const double usable_bytes = peer_.cluster().usable(host).memory_bytes();
        Reason reason;
        reason.code = ReasonCode::empty_host;
        reason.host = host;
        reason.resource = Resource::memory;
        reason.value = 1.0 - peer_.free_bytes(host) / usable_bytes;
        reason.limit = 1.0 - levels_.free_low() / usable_bytes;
        for (const UnitId unit : units) {
            const HostId to = destination(unit, host);
            if (to.valid() && peer_.move(unit, to, reason)) continue;
            peer_.rollback(mark);
            reason.code = ReasonCode::no_destination;
            reason.host = {};
            if (!to.valid()) peer_.draft().stay(unit, reason);
            return false;
        }
        if (!units.empty()) peer_.draft().credit_watts(mark, saved_watts);
        return true;
    }

    Peer& peer_;
    XoLevels levels_;
};

void decide(const PolicyInput& /*input*/, std::span<const double> values, Rng& /*rng*/, Peer& peer) {
    Density(peer, {values[cpu], values[memory_free] * bytes_per_mib}).run();
}

}  // namespace

const PolicyHelp& xo_density_help() { return help; }

Result<std::unique_ptr<Policy>> make_xo_density(std::string_view options) {
    return make_table_policy({help, load_of, decide, cpu}, options);
}

}  // namespace ballast::zoo
