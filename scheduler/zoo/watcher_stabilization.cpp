// SPDX-License-Identifier: Apache-2.0
#include "scheduler/zoo/watcher_stabilization.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "scheduler/zoo/deviation.hpp"
#include "scheduler/zoo/table_policy.hpp"

namespace ballast::zoo {

namespace {

enum Option : std::size_t { threshold, host_period, vm_period, tries };

constexpr std::array<PolicyOptionHelp, 4> option_table = {{
    {"threshold", "fraction", 0.1, 0.0, 1.0, "standard deviation of the hosts' CPU loads that is tolerated"},
    {"host_period", "s", 600.0, 0.0, 604800.0, "hosts' loads are means over it"},
    {"vm_period", "s", 720.0, 0.0, 604800.0, "VMs' loads are means over it"},
    {"tries", "count", 1.0, 1.0, 1000.0, "retry_count: random hosts tried for each VM"},
}};

constexpr PolicyHelp help{"watcher-stabilization",
                          "OpenStack Watcher ec06744, workload_stabilization: random moves that lower the deviation",
                          option_table};

std::vector<double> load_of(const PolicyInput& input, std::span<const double> values) {
    return mean_mhz(input.cluster, input.history, values[vm_period]);
}

class Stabilization {
  public:
    Stabilization(const PolicyInput& input, Peer& peer, Rng& rng, std::span<const double> values)
        : peer_(peer), rng_(rng), values_(values), load_(input.cluster.host_count(), 0.0) {
        const Loads hosts(input.cluster, mean_mhz(input.cluster, input.history, values[host_period]));
        for (const HostId host : peer.hosts()) {
            load_[host.index()] = hosts.cpu(host);
            deviation_.add(hosts.cpu(host));
        }
    }

    void run() {
        Reason reason;
        reason.code = ReasonCode::balanced;
        reason.value = deviation_.deviation();
        reason.limit = values_[threshold];
        if (reason.value > reason.limit) {
            apply(simulated());
            if (deviation_.deviation() > reason.limit) reason.code = ReasonCode::no_gain;
            reason.value = deviation_.deviation();
        }
        peer_.explain_hosts(reason);
    }

  private:
    struct Wish {
        UnitId unit;
        HostId from;
        HostId to;
        double deviation = 0.0;  // if it were the only move
    };
    struct Changes {
        Deviation::Change from;
        Deviation::Change to;
    };

    [[nodiscard]] Changes changes(const Wish& wish) const {
        const double mhz = peer_.cpu_mhz(wish.unit);
        const double from = load_[wish.from.index()];
        const double to = load_[wish.to.index()];
        return {{from, from - mhz / peer_.cluster().usable(wish.from).cpu_mhz()},
                {to, to + mhz / peer_.cluster().usable(wish.to).cpu_mhz()}};
    }

    // One wish for each VM whose best random host lowers the deviation, the lowest first.
    std::vector<Wish> simulated() {
        std::vector<Wish> wishes;
        const auto hosts = peer_.hosts();
        if (hosts.size() < 2) return wishes;
        for (const HostId from : hosts) {
            for (const UnitId unit : peer_.movable_units(from)) {
                Wish best{unit, from, from, deviation_.deviation()};
                for (auto left = static_cast<std::size_t>(values_[tries]); left > 0; --left) {
                    const std::size_t drawn = rng_.below(hosts.size() - 1);
                    Wish wish{unit, from, hosts[drawn] < from ? hosts[drawn] : hosts[drawn + 1], 0.0};
                    const Changes changed = changes(wish);
                    wish.deviation = deviation_.with(changed.from, changed.to).deviation();
                    if (wish.deviation < best.deviation) best = wish;
                }
                if (best.to != from) wishes.push_back(best);
            }
        }
        std::stable_sort(wishes.begin(), wishes.end(),
                         [](const Wish& a, const Wish& b) { return a.deviation < b.deviation; });
        return wishes;
    }

    // Those that still lower it, until it is below the threshold.
    void apply(const std::vector<Wish>& wishes) {
        for (const Wish& wish : wishes) {
            const Changes changed = changes(wish);
            const Deviation after = deviation_.with(changed.from, changed.to);
            if (after.deviation() >= deviation_.deviation()) continue;
            Reason reason;
            reason.code = ReasonCode::lower_imbalance;
            reason.value = deviation_.deviation();
            reason.limit = after.deviation();
            if (!peer_.move(wish.unit, wish.to, reason)) continue;
            deviation_ = after;
            load_[wish.from.index()] = changed.from.after;
            load_[wish.to.index()] = changed.to.after;
            if (deviation_.deviation() < values_[threshold]) return;
        }
    }

    Peer& peer_;
    Rng& rng_;
    std::span<const double> values_;
    std::vector<double> load_;  // by host, a fraction; Watcher's model of what the moves do
    Deviation deviation_;
};

void decide(const PolicyInput& input, std::span<const double> values, Rng& rng, Peer& peer) {
    Stabilization(input, peer, rng, values).run();
}

}  // namespace

const PolicyHelp& watcher_stabilization_help() { return help; }

Result<std::unique_ptr<Policy>> make_watcher_stabilization(std::string_view options) {
    return make_table_policy({help, load_of, decide, threshold}, options);
}

}  // namespace ballast::zoo
