// SPDX-License-Identifier: Apache-2.0
#include "scheduler/zoo/proxmox_crs.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "core/models/migration_model.hpp"
#include "scheduler/load_window.hpp"
#include "scheduler/zoo/deviation.hpp"
#include "scheduler/zoo/table_policy.hpp"

namespace ballast::zoo {

namespace {

enum Option : std::size_t { threshold, hold, margin };

constexpr std::array<PolicyOptionHelp, 3> option_table = {{
    {"threshold", "fraction", 0.3, 0.0, 100.0, "coefficient of variation of the nodes' loads that is tolerated"},
    {"hold", "count", 3.0, 1.0, 10000.0, "ha-auto-rebalance-hold-duration: rounds of 10 s above it before a move"},
    {"margin", "fraction", 0.1, 0.0, 1.0, "a move must lower the coefficient by this share of it"},
}};

constexpr PolicyHelp help{"proxmox-crs",
                          "Proxmox VE CRS 5.2.0, auto-rebalance, bruteforce: the one best move while the loads differ",
                          option_table};

constexpr double round_s = 10.0;

std::vector<double> load_of(const PolicyInput& input, std::span<const double> /*values*/) {
    return mean_mhz(input.cluster, input.history, 0.0);
}

class Rebalance {
  public:
    Rebalance(const PolicyInput& input, Peer& peer, std::span<const double> values)
        : input_(input), peer_(peer), values_(values) {
        for (const HostId host : peer.hosts()) loads_.add(load(host));
    }

    // While a guest is under way nothing is decided, and then the loads must differ for `hold` rounds again.
    void run() {
        Reason reason;
        reason.code = ReasonCode::balanced;
        reason.limit = values_[threshold];
        double left_s = std::max(input_.history.period_s(), values_[hold] * round_s);
        while (sustained() && left_s >= values_[hold] * round_s) {
            const std::size_t mark = peer_.draft().move_count();
            if (!move_one()) break;
            for (const Move& move : peer_.draft().moves().subspan(mark)) {
                left_s -= std::ceil(move.cost.duration_s / round_s) * round_s;
            }
            left_s -= values_[hold] * round_s;
        }
        reason.value = loads_.coefficient_of_variation();
        if (reason.value > reason.limit) reason.code = sustained() ? ReasonCode::no_gain : ReasonCode::not_sustained;
        peer_.explain_hosts(reason);
    }

  private:
    struct Wish {
        UnitId unit;
        HostId from;
        HostId to;
        double imbalance = 0.0;
    };

    // A node's load: the mean of its CPU and its memory use.
    [[nodiscard]] double load(HostId host) const {
        return (peer_.loads().cpu(host) + peer_.loads().memory(host)) / 2.0;
    }
    [[nodiscard]] double share(UnitId unit, HostId host) const {
        const ResourceVector& usable = peer_.cluster().usable(host);
        return (peer_.cpu_mhz(unit) / usable.cpu_mhz() + peer_.memory_bytes(unit) / usable.memory_bytes()) / 2.0;
    }

    // Above the threshold now and in as many samples as the rounds take. Memory has no past; it hardly varies.
    [[nodiscard]] bool sustained() const {
        if (loads_.coefficient_of_variation() <= values_[threshold]) return false;
        const std::size_t samples = samples_of(values_[hold] * round_s, input_.history);
        if (samples > input_.history.sample_count()) return false;
        for (std::size_t age = 0; age < samples; ++age) {
            const std::vector<double> mhz = past_mhz(peer_.cluster(), input_.history, age);
            Deviation past;
            for (const HostId host : peer_.hosts()) {
                const double cpu = mhz[host.index()] / peer_.cluster().usable(host).cpu_mhz();
                past.add((cpu + peer_.loads().memory(host)) / 2.0);
            }
            if (past.coefficient_of_variation() <= values_[threshold]) return false;
        }
        return true;
    }

    // Nodes of one size, the least loaded first: of them only the first that may take a guest can be its best place.
    [[nodiscard]] std::vector<std::vector<HostId>> by_size() const {
        std::map<std::pair<double, double>, std::vector<HostId>> sizes;
        for (const HostId host : peer_.hosts()) {
            const ResourceVector& usable = peer_.cluster().usable(host);
            sizes[{usable.cpu_mhz(), usable.memory_bytes()}].push_back(host);
        }
        std::vector<std::vector<HostId>> result;
        for (auto& [size, hosts] : sizes) {
            std::stable_sort(hosts.begin(), hosts.end(), [&](HostId a, HostId b) { return load(a) < load(b); });
            result.push_back(std::move(hosts));
        }
        return result;
    }

    void improve(Wish& best, UnitId unit, HostId from, const std::vector<HostId>& nodes) {
        const double source = load(from);
        const Deviation::Change leaves{source, source - share(unit, from)};
        for (const HostId to : nodes) {
            if (to == from) continue;
            const double there = load(to);
            const double imbalance = loads_.with(leaves, {there, there + share(unit, to)}).coefficient_of_variation();
            if (imbalance >= best.imbalance) return;
            if (peer_.refusal(unit, to)) continue;
            best = {unit, from, to, imbalance};
            return;
        }
    }

    // The best of all moves of all guests is made if it pays.
    bool move_one() {
        const double now = loads_.coefficient_of_variation();
        Wish best{{}, {}, {}, now};
        const std::vector<std::vector<HostId>> sizes = by_size();
        for (const HostId from : peer_.hosts()) {
            for (const UnitId unit : peer_.movable_units(from)) {
                for (const std::vector<HostId>& nodes : sizes) improve(best, unit, from, nodes);
            }
        }
        if (!best.unit.valid() || (now - best.imbalance) / now < values_[margin]) return false;
        Reason reason;
        reason.code = ReasonCode::lower_imbalance;
        reason.value = now;
        reason.limit = best.imbalance;
        const double from_before = load(best.from);
        const double to_before = load(best.to);
        if (!peer_.move(best.unit, best.to, reason)) return false;
        loads_.apply({from_before, load(best.from)});
        loads_.apply({to_before, load(best.to)});
        return true;
    }

    const PolicyInput& input_;
    Peer& peer_;
    std::span<const double> values_;
    Deviation loads_;
};

void decide(const PolicyInput& input, std::span<const double> values, Rng& /*rng*/, Peer& peer) {
    Rebalance(input, peer, values).run();
}

}  // namespace

const PolicyHelp& proxmox_crs_help() { return help; }

Result<std::unique_ptr<Policy>> make_proxmox_crs(std::string_view options) {
    return make_table_policy({help, load_of, decide, threshold}, options);
}

}  // namespace ballast::zoo
