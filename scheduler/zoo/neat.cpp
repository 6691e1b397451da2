// SPDX-License-Identifier: Apache-2.0
#include "scheduler/zoo/neat.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "scheduler/load_window.hpp"
#include "scheduler/zoo/table_policy.hpp"

namespace ballast::zoo {

namespace {

enum Option : std::size_t { underload, overload, otf, cpu_fill, memory_fill, window };

constexpr std::array<PolicyOptionHelp, 6> option_table = {{
    {"underload", "fraction", 0.5, 0.0, 1.0, "hosts whose mean load of the last 2 samples is below it are emptied"},
    {"overload", "fraction", 0.8, 0.05, 1.0, "state_config: at or above it a host is overloaded"},
    {"otf", "fraction", 0.1, 0.0, 1.0, "share of overloaded samples above which an overloaded host gives a VM away"},
    {"cpu_fill", "fraction", 0.8, 0.05, 1.0, "cpu_threshold: how full destinations may become"},
    {"memory_fill", "fraction", 0.95, 0.05, 1.0, "ram_threshold: likewise, in configured memory"},
    {"window", "samples", 100.0, 1.0, 10000.0, "data_collector_data_length: samples that otf looks at"},
}};

constexpr PolicyHelp help{"neat",
                          "OpenStack Neat a5a853a: empties underloaded hosts and suspends them, takes VMs off "
                          "overloaded ones",
                          option_table};

constexpr std::size_t mean_of = 2;  // samples: n of last_n_average_threshold, last_n_vm_cpu, last_n

std::vector<double> load_of(const PolicyInput& input, std::span<const double> /*values*/) {
    return mean_mhz(input.cluster, input.history, mean_of * input.history.period_s());
}

class Neat {
  public:
    Neat(const PolicyInput& input, Peer& peer, std::span<const double> values)
        : input_(input), peer_(peer), values_(values), overloaded_samples_(input.cluster.host_count(), 0) {
        samples_ = std::min(static_cast<std::size_t>(values[window]), input.history.sample_count());
        for (std::size_t age = 0; age < samples_; ++age) {
            const std::vector<double> mhz = past_mhz(input.cluster, input.history, age);
            for (const HostId host : peer.hosts()) {
                const double limit_mhz = values[overload] * input.cluster.usable(host).cpu_mhz();
                if (mhz[host.index()] >= limit_mhz) ++overloaded_samples_[host.index()];
            }
        }
    }

    // Each host's own manager asks in turn; the requests are served one after the other.
    void run() {
        sleepers_ = peer_.controllable_hosts(PowerState::asleep);
        waking_ = peer_.controllable_hosts(PowerState::waking);
        for (const HostId host : peer_.hosts()) {
            if (input_.cluster.vms_on(host).empty()) continue;
            if (peer_.loads().cpu(host) < values_[underload]) {
                empty(host);
            } else if (is_overloaded(host)) {
                relieve(host);
            }
        }
        // Idle hosts are switched off when an underload is dealt with, those that carry nothing for other reasons, too.
        if (!underload_seen_) return;
        for (const HostId host : peer_.empty_hosts()) {
            if (!peer_.draft().has_verdict(host)) peer_.sleep(host);
        }
    }

  private:
    [[nodiscard]] bool is_overloaded(HostId host) const {
        if (peer_.placement().utilisation(host, Resource::cpu) < values_[overload] || samples_ == 0) return false;
        const auto overloaded = static_cast<double>(overloaded_samples_[host.index()]);
        return overloaded / static_cast<double>(samples_) > values_[otf];
    }
    [[nodiscard]] double cpu_left(HostId host, double fill) const {
        return fill * peer_.cluster().usable(host).cpu_mhz() - peer_.loads().cpu_mhz(host);
    }
    [[nodiscard]] double memory_left(HostId host, double fill) const {
        return fill * peer_.placement().usable(host).memory_bytes() - peer_.placement().used(host).memory_bytes();
    }
    [[nodiscard]] bool takes(UnitId unit, HostId host, double fill_cpu, double fill_memory) const {
        return cpu_left(host, fill_cpu) >= peer_.cpu_mhz(unit) &&
               memory_left(host, fill_memory) >= peer_.configured_bytes(unit);
    }

    // Best fit: of the hosts in use, the one with the least CPU to spare that takes the unit.
    [[nodiscard]] HostId best_fit(UnitId unit, HostId from) const {
        HostId best;
        for (const HostId host : peer_.hosts()) {
            if (host == from || peer_.placement().vm_count(host) == 0) continue;
            if (!takes(unit, host, values_[cpu_fill], values_[memory_fill])) continue;
            if (!best.valid() || cpu_left(host, values_[cpu_fill]) < cpu_left(best, values_[cpu_fill])) best = host;
        }
        return best;
    }
    // Of these idle hosts, the smallest that takes it as a whole.
    [[nodiscard]] HostId smallest(UnitId unit, const std::vector<HostId>& idle) const {
        HostId best;
        for (const HostId host : idle) {
            if (!takes(unit, host, 1.0, 1.0)) continue;
            if (!best.valid() || cpu_left(host, 1.0) < cpu_left(best, 1.0)) best = host;
        }
        return best;
    }

    void empty(HostId host) {
        underload_seen_ = true;
        Reason reason;
        reason.code = ReasonCode::empty_host;
        reason.host = host;
        reason.value = peer_.loads().cpu(host);
        reason.limit = values_[underload];
        const double saved_watts = peer_.saving_watts(host);
        const std::size_t mark = peer_.draft().move_count();
        if (move_all(host, reason)) {
            peer_.draft().credit_watts(mark, saved_watts);
            peer_.sleep(host);
            return;
        }
        peer_.rollback(mark);
        reason.code = ReasonCode::no_gain;
        peer_.draft().verdict(host, HostAction::none, reason);
    }
    // Largest CPU first, among equals largest memory.
    bool move_all(HostId host, const Reason& reason) {
        std::vector<UnitId> units = peer_.movable_units(host);
        std::stable_sort(units.begin(), units.end(), [&](UnitId a, UnitId b) {
            if (peer_.cpu_mhz(a) != peer_.cpu_mhz(b)) return peer_.cpu_mhz(a) > peer_.cpu_mhz(b);
            return peer_.configured_bytes(a) > peer_.configured_bytes(b);
        });
        std::size_t vms = 0;
        for (const UnitId unit : units) vms += peer_.draft().units().members(unit).size();
        if (vms < peer_.placement().vm_count(host)) return false;  // one cannot leave, or has come in this decision
        Reason nowhere;
        nowhere.code = ReasonCode::no_destination;
        for (const UnitId unit : units) {
            const HostId to = best_fit(unit, host);
            if (!to.valid()) peer_.draft().stay(unit, nowhere);
            if (!to.valid() || !peer_.move(unit, to, reason)) return false;
        }
        return true;
    }

    // Of the VMs with the least memory, the one with the most CPU.
    [[nodiscard]] UnitId choose(HostId host) {
        UnitId best;
        for (const UnitId unit : peer_.movable_units(host)) {
            const double bytes = peer_.configured_bytes(unit);
            const bool better = !best.valid() || bytes < peer_.configured_bytes(best) ||
                                (bytes == peer_.configured_bytes(best) && peer_.cpu_mhz(unit) > peer_.cpu_mhz(best));
            if (better) best = unit;
        }
        return best;
    }

    void relieve(HostId host) {
        const Reason reason = peer_.draft().load_reason(ReasonCode::relieve_overload, host, values_[overload]);
        Reason rest;
        rest.code = ReasonCode::move_limit;
        rest.value = rest.limit = 1.0;
        if (const UnitId unit = choose(host); unit.valid()) {
            if (!place(unit, host, reason)) rest.code = ReasonCode::no_destination;
        }
        peer_.explain_rest(host, rest);
        if (!peer_.draft().has_verdict(host)) peer_.draft().verdict(host, HostAction::none, reason);
    }
    // True if it has moved. A host that sleeps is woken for it; it goes there when the host is on, if that is still
    // what is wanted then.
    bool place(UnitId unit, HostId from, const Reason& reason) {
        HostId to = best_fit(unit, from);
        if (!to.valid()) to = smallest(unit, peer_.empty_hosts());
        if (to.valid()) return peer_.move(unit, to, reason);
        const bool coming = smallest(unit, waking_).valid();
        to = coming ? smallest(unit, waking_) : smallest(unit, sleepers_);
        if (!to.valid()) return false;
        if (const auto refused = peer_.refusal(unit, to)) {
            peer_.draft().stay(unit, *refused, to);
            return false;
        }
        Reason wait = reason;
        wait.host = to;
        wait.code = ReasonCode::host_not_on;
        peer_.draft().stay(unit, wait, to);
        if (coming) return false;
        wait.code = ReasonCode::wake_for_overload;
        peer_.wake(to, wait);
        std::erase(sleepers_, to);
        return false;
    }

    const PolicyInput& input_;
    Peer& peer_;
    std::span<const double> values_;
    std::size_t samples_ = 0;
    std::vector<std::size_t> overloaded_samples_;  // by host
    std::vector<HostId> sleepers_;
    std::vector<HostId> waking_;
    bool underload_seen_ = false;
};

void decide(const PolicyInput& input, std::span<const double> values, Rng& /*rng*/, Peer& peer) {
    Neat(input, peer, values).run();
}

}  // namespace

const PolicyHelp& neat_help() { return help; }

Result<std::unique_ptr<Policy>> make_neat(std::string_view options) {
    return make_table_policy({help, load_of, decide, overload}, options);
}

}  // namespace ballast::zoo
