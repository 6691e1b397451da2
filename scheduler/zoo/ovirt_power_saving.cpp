// SPDX-License-Identifier: Apache-2.0
#include "scheduler/zoo/ovirt_power_saving.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "scheduler/zoo/ovirt.hpp"
#include "scheduler/zoo/table_policy.hpp"

namespace ballast::zoo {

namespace {

enum Option : std::size_t { high, low, duration, power, reserve };

constexpr std::array<PolicyOptionHelp, 5> option_table = {{
    {"high", "fraction", 0.80, 0.1, 1.0, "HighUtilization: hosts at or above it give VMs away"},
    {"low", "fraction", 0.20, 0.0, 0.9, "LowUtilization: hosts below it are emptied VM by VM"},
    {"duration", "s", 120.0, 0.0, 604800.0, "CpuOverCommitDurationMinutes: after so long outside of the two"},
    {"power", "count", 0.0, 0.0, 1.0, "EnableAutomaticHostPowerManagement: 1 = hosts are switched off and on"},
    {"reserve", "count", 0.0, 0.0, 100000.0, "HostsInReserve: empty hosts kept on; with 0 no host is ever woken"},
}};

constexpr PolicyHelp help{"ovirt-power-saving",
                          "oVirt engine 0111fc6, power_saving: one VM a minute onto the fullest host; power=1 also "
                          "switches hosts",
                          option_table};

std::vector<double> load_of(const PolicyInput& input, std::span<const double> /*values*/) {
    return mean_mhz(input.cluster, input.history, 0.0);
}

class PowerSaving {
  public:
    PowerSaving(Peer& peer, const History& history, std::span<const double> values)
        : peer_(peer),
          values_(values),
          ovirt_(peer, history, {values[high], values[low], values[duration]}, Ovirt::Prefer::fullest) {}

    void run(std::size_t rounds) {
        std::vector<HostId> asleep = peer_.controllable_hosts(PowerState::asleep);
        coming_ = peer_.controllable_hosts(PowerState::waking).size();
        for (std::size_t round = 0; round < rounds; ++round) {
            const bool moved = balance_once();
            const bool switched = values_[power] > 0.0 && switch_one(asleep);
            if (!moved && !switched) break;
        }
        ovirt_.explain();
    }

  private:
    bool balance_once() {
        std::vector<HostId> over;
        std::vector<HostId> under;
        std::vector<HostId> destinations;
        for (const HostId host : peer_.hosts()) {
            if (ovirt_.over(host, ovirt_.destination_percent())) over.push_back(host);
            if (ovirt_.under(host, ovirt_.low_percent())) under.push_back(host);
            const bool asleep = peer_.draft().has_verdict(host);  // told to, in an earlier round
            if (ovirt_.percent(host) < ovirt_.high_percent() && !asleep) destinations.push_back(host);
        }
        const auto percent = [&](HostId host) { return ovirt_.percent(host); };
        std::stable_sort(over.begin(), over.end(), [&](HostId a, HostId b) { return percent(a) > percent(b); });
        std::stable_sort(under.begin(), under.end(), [&](HostId a, HostId b) { return percent(a) < percent(b); });
        return ovirt_.balance(over, destinations, ReasonCode::relieve_overload, values_[high]) ||
               ovirt_.balance(under, destinations, ReasonCode::drain_low, values_[low]);
    }

    // One host a minute is switched off or on: the first of the list.
    bool switch_one(std::vector<HostId>& asleep) {
        const std::vector<HostId> empty = peer_.empty_hosts();
        const std::size_t spare = empty.size() + coming_;
        const auto wanted = static_cast<std::size_t>(values_[reserve]);
        if (spare > wanted) {
            const auto first =
                std::find_if(empty.begin(), empty.end(), [&](HostId h) { return peer_.controllable(h); });
            return first != empty.end() && peer_.sleep(*first);
        }
        if (spare == wanted || asleep.empty()) return false;
        Reason reason;
        reason.code = ReasonCode::wake_spare;
        reason.value = static_cast<double>(spare);
        reason.limit = values_[reserve];
        peer_.wake(asleep.front(), reason);
        asleep.erase(asleep.begin());
        ++coming_;
        return true;
    }

    Peer& peer_;
    std::span<const double> values_;
    Ovirt ovirt_;
    std::size_t coming_ = 0;  // hosts that wake up
};

void decide(const PolicyInput& input, std::span<const double> values, Rng& /*rng*/, Peer& peer) {
    PowerSaving(peer, input.history, values).run(rounds_of(Ovirt::round_s, input.history));
}

}  // namespace

const PolicyHelp& ovirt_power_saving_help() { return help; }

Result<std::unique_ptr<Policy>> make_ovirt_power_saving(std::string_view options) {
    return make_table_policy({help, load_of, decide, high}, options);
}

}  // namespace ballast::zoo
