// SPDX-License-Identifier: Apache-2.0
#include "scheduler/zoo/xo_performance.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "scheduler/zoo/table_policy.hpp"
#include "scheduler/zoo/xo.hpp"

namespace ballast::zoo {

namespace {

enum Option : std::size_t { cpu, memory_free, cooldown };

constexpr std::array<PolicyOptionHelp, 3> option_table = {{
    {"cpu", "fraction", 0.90, 0.05, 1.0, "critical CPU load: above 0.85 of it hosts are relieved, to 0.65 of it"},
    {"memory_free", "MiB", 1000.0, 0.0, 1e9, "critical free memory: below 1.2 times it likewise, to 1.5 times it"},
    {"cooldown", "s", 1800.0, 0.0, 604800.0, "a VM that moved rests for so long"},
}};

constexpr PolicyHelp help{"xo-performance",
                          "Xen Orchestra 3945d05, performance: relieves hosts beyond a level; wakes every host",
                          option_table};

std::vector<double> load_of(const PolicyInput& input, std::span<const double> /*values*/) { return xo_mhz(input); }

// Within a factor of 1 + epsilon, or both at most epsilon.
bool about_equal(double a, double b, double epsilon) {
    return std::abs(a - b) <= std::min(a, b) * epsilon || (a <= epsilon && b <= epsilon);
}

class Performance {
  public:
    Performance(Peer& peer, const XoLevels& levels, double cooldown_s)
        : peer_(peer), levels_(levels), cooldown_s_(cooldown_s) {}

    void run(std::size_t rounds) {
        Reason reason;
        reason.code = ReasonCode::wake_every_host;
        for (const HostId host : peer_.controllable_hosts(PowerState::asleep)) peer_.wake(host, reason);
        for (std::size_t round = 0; round < rounds; ++round) {
            const std::size_t before = peer_.draft().move_count();
            std::vector<HostId> exceeded = find_exceeded();
            for (const HostId host : exceeded) relieve(host);
            if (peer_.draft().move_count() == before) return;
        }
    }

  private:
    struct State {
        bool cpu;
        bool memory;
    };

    // XO's percent.
    [[nodiscard]] double percent(HostId host) const { return peer_.loads().cpu(host) * 100.0; }
    [[nodiscard]] State state(HostId host) const {
        return {peer_.loads().cpu(host) >= levels_.cpu_high(), peer_.free_bytes(host) <= levels_.free_high()};
    }
    [[nodiscard]] bool exceeds(HostId host) const {
        const bool cpu_now = peer_.placement().utilisation(host, Resource::cpu) >= levels_.cpu_high();
        return state(host).memory || (state(host).cpu && cpu_now);
    }

    // Negative: `a` is the better destination. Both levels reached is worst; of one, that of memory is the lesser evil.
    [[nodiscard]] double compare(HostId a, HostId b) const {
        const State of_a = state(a);
        const State of_b = state(b);
        if (of_a.memory == of_b.memory && of_a.cpu == of_b.cpu) {
            if (about_equal(percent(a), percent(b), 0.001)) return peer_.free_bytes(b) - peer_.free_bytes(a);
            return percent(a) - percent(b);
        }
        if ((!of_a.memory && !of_a.cpu) || (of_b.memory && of_b.cpu)) return -1.0;
        if ((!of_b.memory && !of_b.cpu) || (of_a.memory && of_a.cpu)) return 1.0;
        return of_a.cpu ? 1.0 : -1.0;
    }

    [[nodiscard]] std::vector<HostId> find_exceeded() const {
        std::vector<HostId> result;
        for (const HostId host : peer_.hosts()) {
            if (exceeds(host)) insert(result, host, [&](HostId a, HostId b) { return compare(a, b) > 0.0; });
        }
        return result;
    }

    // XO's comparisons are no orders (what is "about equal" does not carry over), so std::sort must not see them:
    // insertion from the back, which is defined for any comparison.
    template <typename T, typename Before>
    static void insert(std::vector<T>& sorted, T item, Before before) {
        auto place = sorted.end();
        while (place != sorted.begin() && before(item, *(place - 1))) --place;
        sorted.insert(place, item);
    }

    // By CPU, the largest first; what is about equal (within a factor of 4, or at most 3 % of the host) by memory.
    [[nodiscard]] std::vector<UnitId> in_order(HostId host) {
        const double usable_mhz = peer_.cluster().usable(host).cpu_mhz();
        std::vector<UnitId> result;
        for (const UnitId unit : xo_movable_units(peer_, host, cooldown_s_)) {
            insert(result, unit, [&](UnitId a, UnitId b) {
                const double cpu_a = peer_.cpu_mhz(a) / usable_mhz * 100.0;
                const double cpu_b = peer_.cpu_mhz(b) / usable_mhz * 100.0;
                if (about_equal(cpu_a, cpu_b, 3.0)) return peer_.configured_bytes(a) > peer_.configured_bytes(b);
                return cpu_a > cpu_b;
            });
        }
        return result;
    }

    void relieve(HostId host) {
        Reason reason;
        reason.code = ReasonCode::relieve_overload;
        reason.host = host;
        reason.value = peer_.loads().cpu(host);
        reason.limit = levels_.cpu_high();
        if (!state(host).cpu) {
            const double usable_bytes = peer_.cluster().usable(host).memory_bytes();
            reason.resource = Resource::memory;
            reason.value = 1.0 - peer_.free_bytes(host) / usable_bytes;
            reason.limit = 1.0 - levels_.free_high() / usable_bytes;
        }
        for (const UnitId unit : in_order(host)) {
            const bool low = peer_.loads().cpu(host) <= levels_.cpu_low();
            if (low && peer_.free_bytes(host) >= levels_.free_low()) break;
            try_move(unit, host, reason);
        }
        Reason rest;
        rest.code = ReasonCode::not_needed;
        rest.host = host;
        rest.value = peer_.loads().cpu(host);
        rest.limit = levels_.cpu_low();
        peer_.explain_rest(host, rest);
        if (!peer_.draft().has_verdict(host)) peer_.draft().verdict(host, HostAction::none, reason);
    }

    // Only the best host is tried.
    void try_move(UnitId unit, HostId from, const Reason& reason) {
        HostId best;
        for (const HostId host : peer_.hosts()) {
            if (host != from && (!best.valid() || compare(host, best) < 0.0)) best = host;
        }
        Reason stay;
        stay.code = best.valid() ? ReasonCode::no_gain : ReasonCode::no_destination;
        if (!best.valid() || !pays(unit, from, best)) return peer_.draft().stay(unit, stay, best);
        peer_.move(unit, best, reason);
    }
    // The destination stays below the levels; a source that is below them already must not become the lesser loaded.
    [[nodiscard]] bool pays(UnitId unit, HostId from, HostId to) const {
        const ResourceVector& there = peer_.cluster().usable(to);
        const double left = peer_.loads().cpu_mhz(from) - peer_.cpu_mhz(unit);
        const double after = (peer_.loads().cpu_mhz(to) + peer_.cpu_mhz(unit)) / there.cpu_mhz();
        const double free_after = peer_.free_bytes(to) - peer_.configured_bytes(unit);
        if (after >= levels_.cpu_low() || free_after <= levels_.free_high()) return false;
        if (state(from).cpu || state(from).memory) return true;
        return left / peer_.cluster().usable(from).cpu_mhz() >= after &&
               peer_.free_bytes(from) + peer_.configured_bytes(unit) <= free_after;
    }

    Peer& peer_;
    XoLevels levels_;
    double cooldown_s_;
};

void decide(const PolicyInput& input, std::span<const double> values, Rng& /*rng*/, Peer& peer) {
    const XoLevels levels{values[cpu], values[memory_free] * bytes_per_mib};
    Performance(peer, levels, values[cooldown]).run(rounds_of(xo_round_s, input.history));
}

}  // namespace

const PolicyHelp& xo_performance_help() { return help; }

Result<std::unique_ptr<Policy>> make_xo_performance(std::string_view options) {
    return make_table_policy({help, load_of, decide, cpu}, options);
}

}  // namespace ballast::zoo
