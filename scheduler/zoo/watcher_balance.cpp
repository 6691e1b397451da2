// SPDX-License-Identifier: Apache-2.0
#include "scheduler/zoo/watcher_balance.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "scheduler/zoo/table_policy.hpp"

namespace ballast::zoo {

namespace {

enum Option : std::size_t { threshold, period };

constexpr std::array<PolicyOptionHelp, 2> option_table = {{
    {"threshold", "fraction", 0.25, 0.01, 1.0, "hosts at or above it are sources; destinations stay below it"},
    {"period", "s", 300.0, 0.0, 604800.0, "loads are means over it"},
}};

constexpr PolicyHelp help{"watcher-balance",
                          "OpenStack Watcher ec06744, workload_balance: one VM per decision, towards the mean load",
                          option_table};

std::vector<double> load_of(const PolicyInput& input, std::span<const double> values) {
    return mean_mhz(input.cluster, input.history, values[period]);
}

class Balance {
  public:
    Balance(Peer& peer, double limit) : peer_(peer), limit_(limit) {}

    void run() {
        double sum_mhz = 0.0;
        for (const HostId host : peer_.hosts()) {
            sum_mhz += workload(host);
            (share(host) >= limit_ ? over_ : others_).push_back(host);
        }
        std::stable_sort(over_.begin(), over_.end(), [&](HostId a, HostId b) { return share(a) > share(b); });
        move_one(sum_mhz / static_cast<double>(std::max<std::size_t>(1, peer_.hosts().size())));
        for (const HostId host : over_) {
            Reason reason;
            reason.code = peer_.draft().move_count() > 0 ? ReasonCode::move_limit : ReasonCode::no_gain;
            reason.value = reason.limit = peer_.draft().move_count() > 0 ? 1.0 : 0.0;
            peer_.explain_rest(host, reason);
            peer_.draft().verdict(host, HostAction::none, source_reason(host));
        }
    }

  private:
    // Watcher adds up VMs; what the host itself uses is not seen.
    [[nodiscard]] double workload(HostId host) const {
        return peer_.loads().cpu_mhz(host) - peer_.cluster().state(host).overhead.cpu_mhz();
    }
    [[nodiscard]] double share(HostId host) const { return workload(host) / peer_.cluster().usable(host).cpu_mhz(); }
    [[nodiscard]] Reason source_reason(HostId host) const {
        Reason reason;
        reason.code = ReasonCode::relieve_overload;
        reason.host = host;
        reason.value = share(host);
        reason.limit = limit_;
        return reason;
    }

    // The first source with a VM that does not take it below the mean gives away the one that takes it closest.
    void move_one(double mean_mhz) {
        for (const HostId source : over_) {
            const double excess_mhz = workload(source) - mean_mhz;
            UnitId best;
            for (const UnitId unit : peer_.movable_units(source)) {
                const double rest_mhz = excess_mhz - peer_.cpu_mhz(unit);
                if (rest_mhz < 0.0) continue;
                if (!best.valid() || rest_mhz < excess_mhz - peer_.cpu_mhz(best)) best = unit;
            }
            if (best.valid()) return place(best, source);
        }
    }

    // Watcher knows of CPU and memory; whatever else is against the host it likes best ends the round.
    void place(UnitId unit, HostId source) {
        HostId to;
        for (const HostId host : others_) {
            const double after_mhz = workload(host) + peer_.cpu_mhz(unit);
            if (after_mhz >= limit_ * peer_.cluster().usable(host).cpu_mhz()) continue;
            if (peer_.configured_bytes(unit) > peer_.free_bytes(host)) continue;
            if (!to.valid() || share(host) < share(to)) to = host;
        }
        Reason nowhere;
        nowhere.code = ReasonCode::no_destination;
        if (to.valid()) {
            peer_.move(unit, to, source_reason(source));
        } else {
            peer_.draft().stay(unit, nowhere);
        }
    }

    Peer& peer_;
    double limit_;
    std::vector<HostId> over_;
    std::vector<HostId> others_;
};

void decide(const PolicyInput& /*input*/, std::span<const double> values, Rng& /*rng*/, Peer& peer) {
    Balance(peer, values[threshold]).run();
}

}  // namespace

const PolicyHelp& watcher_balance_help() { return help; }

Result<std::unique_ptr<Policy>> make_watcher_balance(std::string_view options) {
    return make_table_policy({help, load_of, decide, threshold}, options);
}

}  // namespace ballast::zoo
