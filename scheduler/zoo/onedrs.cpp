// SPDX-License-Identifier: Apache-2.0
#include "scheduler/zoo/onedrs.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "scheduler/zoo/table_policy.hpp"

namespace ballast::zoo {

namespace {

enum Option : std::size_t { penalty, moves };

constexpr std::array<PolicyOptionHelp, 2> option_table = {{
    {"penalty", "fraction", 0.01, 0.0, 1.0,
     "of the objective: n migrations of N possible ones cost penalty n / (2N + 1)"},
    {"moves", "count", -1.0, -1.0, 100000.0, "MIGRATION_THRESHOLD: VMs moved by one decision at most; -1 = no limit"},
}};

constexpr PolicyHelp help{
    "onedrs",
    "OpenNebula OneDRS f847cf2, BALANCE by CPU usage: lowers the worst host's load, however little "
    "it gains",
    option_table};

std::vector<double> load_of(const PolicyInput& input, std::span<const double> /*values*/) {
    return mean_mhz(input.cluster, input.history, 0.0);
}

// Steepest descent: each step makes the move that leaves the worst host and its destination with the lowest maximum.
// A step may leave the worst load as it is, if another host is as loaded; steps at the end that bought nothing in the
// objective are taken back.
class Descent {
  public:
    Descent(Peer& peer, std::span<const double> values)
        : peer_(peer),
          penalty_per_move_(values[penalty] / (2.0 * static_cast<double>(peer.cluster().vm_count()) + 1.0)),
          moves_max_(values[moves] < 0.0 ? peer.cluster().vm_count() : static_cast<std::size_t>(values[moves])) {}

    void run() {
        double best = objective();
        std::size_t best_mark = 0;
        while (peer_.draft().move_count() < moves_max_ && step()) {
            if (objective() >= best) continue;
            best = objective();
            best_mark = peer_.draft().move_count();
        }
        peer_.rollback(best_mark);
        Reason reason;
        reason.code = best_mark >= moves_max_ && moves_max_ > 0 ? ReasonCode::move_limit : ReasonCode::no_gain;
        reason.value = static_cast<double>(best_mark);
        reason.limit = static_cast<double>(moves_max_);
        peer_.explain_hosts(reason);
    }

  private:
    struct Wish {
        UnitId unit;
        HostId to;
        double load = 0.0;  // of the more loaded of the two hosts, after it
    };

    [[nodiscard]] HostId worst() const {
        HostId result;
        for (const HostId host : peer_.hosts()) {
            if (!result.valid() || peer_.loads().cpu(host) > peer_.loads().cpu(result)) result = host;
        }
        return result;
    }
    [[nodiscard]] double objective() const {
        const HostId host = worst();
        const double load = host.valid() ? peer_.loads().cpu(host) : 0.0;
        return load + penalty_per_move_ * static_cast<double>(peer_.draft().move_count());
    }

    // The MILP knows all constraints, so what is forbidden is no wish.
    void improve(Wish& best, UnitId unit, HostId source) {
        const double unit_mhz = peer_.cpu_mhz(unit);
        const double left = (peer_.loads().cpu_mhz(source) - unit_mhz) / peer_.cluster().usable(source).cpu_mhz();
        if (unit_mhz <= 0.0 || left >= best.load) return;
        for (const HostId host : peer_.hosts()) {
            if (host == source) continue;
            const double there = (peer_.loads().cpu_mhz(host) + unit_mhz) / peer_.cluster().usable(host).cpu_mhz();
            const double load = std::max(left, there);
            if (load < best.load && !peer_.refusal(unit, host)) best = {unit, host, load};
        }
    }

    bool step() {
        const HostId source = worst();
        if (!source.valid()) return false;
        Reason reason;
        reason.code = ReasonCode::lower_imbalance;
        reason.host = source;
        reason.value = peer_.loads().cpu(source);
        Wish best{{}, {}, reason.value};
        for (const UnitId unit : peer_.movable_units(source)) improve(best, unit, source);
        if (!best.unit.valid()) return false;
        if (peer_.draft().move_count() + peer_.draft().units().members(best.unit).size() > moves_max_) return false;
        reason.limit = best.load;
        return peer_.move(best.unit, best.to, reason);
    }

    Peer& peer_;
    double penalty_per_move_;
    std::size_t moves_max_;
};

void decide(const PolicyInput& /*input*/, std::span<const double> values, Rng& /*rng*/, Peer& peer) {
    Descent(peer, values).run();
}

}  // namespace

const PolicyHelp& onedrs_help() { return help; }

Result<std::unique_ptr<Policy>> make_onedrs(std::string_view options) {
    return make_table_policy({help, load_of, decide, penalty}, options);
}

}  // namespace ballast::zoo
