// SPDX-License-Identifier: Apache-2.0
// From the answers of all hosts to a Snapshot: who runs where, what it needs, what could not be seen. Pure; the
// collector around it does the reading.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/ports/journal.hpp"
#include "core/ports/power_journal.hpp"
#include "core/pressure.hpp"
#include "core/result.hpp"
#include "core/snapshot.hpp"
#include "metrics/collected_provisions.hpp"
#include "metrics/collector_options.hpp"
#include "metrics/host_overhead.hpp"
#include "metrics/host_reading.hpp"
#include "metrics/load_calendar.hpp"
#include "metrics/move_watch.hpp"
#include "metrics/rule_scope.hpp"
#include "metrics/windows.hpp"

namespace ballast {

// What is known of the hosts' power besides what they answer.
struct PowerKnowledge {
    std::vector<PowerPast> pasts;
    std::vector<JournalSwitch> switches;
    std::set<std::string> barred;  // hosts (names) that are not to be switched now, though there is a way to
};

class ClusterAssembler {
  public:
    // Errors of check_options().
    [[nodiscard]] static Result<ClusterAssembler> make(CollectorOptions options);

    // Other options from the next look on, if what was learnt of the load stays true under them: the same hosts in the
    // same order (name and URI), looked at in the same way. False, and nothing changes, if it does not. Errors of
    // check_options(), likewise.
    [[nodiscard]] Result<bool> exchange(CollectorOptions options);

    // Migrations that are over, as the journal knows them; replaces what was set before.
    void set_past_moves(std::vector<JournalMove> moves) {
        past_moves_ = std::move(moves);
        past_moves_read_s_.reset();
    }

    // Hosts (names) that are in maintenance besides those configured so; replaces what was set before.
    void set_drained(std::set<std::string> hosts) { drained_ = std::move(hosts); }

    // What the journal knows of the hosts' power; replaces what was set before. A host that Ballast put to sleep and
    // that does not answer is asleep, not a problem, and has the capacity it had. One that may yet fall asleep is in
    // maintenance, and a problem.
    void set_power(PowerKnowledge power) {
        power_ = std::move(power);
        power_read_s_.reset();
    }

    // The signs of want of whole hosts (by name) for the next look; replaces what was set before.
    void set_pressure(std::map<std::string, HostPressure> pressure) { pressure_ = std::move(pressure); }

    // What is known of the usual weeks of VMs; replaced by what was known in an earlier life.
    [[nodiscard]] const LoadCalendar& calendar() const { return calendar_; }
    void set_calendar(LoadCalendar calendar) { calendar_ = std::move(calendar); }

    // Whether these answers (one per host, in order) make a consistent cluster. The hosts are not read at one instant,
    // so a VM that is just migrating may be seen twice or not at all: ask the hosts again before believing an error.
    //   refused   one VM (UUID) runs on two hosts
    //   usage     two VMs of one name; one machine under two names; a rule that names a VM no host knows
    [[nodiscard]] Status check(double unix_time_s, std::span<const Result<HostReading>> answers) const;

    // The snapshot. Errors of check(); usage if a host's capacity cannot be known; unreachable if no host ever
    // answered. VMs come in name order. VMs of a host that does not answer are there as they were last seen, not
    // sampled. What is paused or arriving is no VM of the snapshot, but its memory is in its host's overhead.
    [[nodiscard]] Result<Snapshot> assemble(double unix_time_s, double monotonic_s,
                                            std::span<const Result<HostReading>> answers);

  private:
    explicit ClusterAssembler(CollectorOptions options);

    using PlacedGuest = CollectedProvisions::Placed;

    [[nodiscard]] Status check_identities(std::span<const Result<HostReading>> answers) const;
    [[nodiscard]] std::vector<PlacedGuest> placed_guests(std::span<const Result<HostReading>> answers) const;
    [[nodiscard]] VmSightings sightings(std::span<const Result<HostReading>> answers) const;
    [[nodiscard]] double mhz_per_cpu(std::size_t host, const HostFacts& facts) const;
    // What can be said of every host; the problems of those that did not answer.
    [[nodiscard]] Result<std::vector<HostProblem>> add_hosts(ClusterBuilder& builder,
                                                             std::span<const Result<HostReading>> answers,
                                                             const CollectedProvisions& provisions) const;
    // All VMs, with their history.
    [[nodiscard]] History add_vms(ClusterBuilder& builder, double monotonic_s,
                                  std::span<const Result<HostReading>> answers,
                                  const std::map<std::string, std::string>& frozen,
                                  const std::vector<PlacedGuest>& guests, const CollectedProvisions& provisions);
    [[nodiscard]] static bool brought_here(const History& history, VmId vm, HostId host, double since_s);
    void add_past_moves(History& history, const std::map<std::string, VmId>& vms) const;
    void add_past_switches(History& history) const;
    [[nodiscard]] HostSpec host_spec(std::size_t host) const;
    [[nodiscard]] HostState host_state(std::size_t host, bool answers) const;
    [[nodiscard]] const PowerPast* power_past(std::size_t host) const;
    [[nodiscard]] bool sleeps(const PowerPast& past) const;
    [[nodiscard]] bool may_fall_asleep(std::size_t host) const;
    [[nodiscard]] PowerState power_state(std::size_t host, bool answers) const;
    [[nodiscard]] HostProblem problem(std::size_t host, const Error& error) const;
    void take_in(double monotonic_s, std::span<const Result<HostReading>> answers);

    CollectorOptions options_;
    DemandWindows windows_;
    std::vector<HostOverhead> overheads_;
    std::vector<double> overhead_mhz_;
    std::vector<std::optional<HostReading>> last_;  // of each host, the newest; guests seen elsewhere since are gone
    std::vector<JournalMove> past_moves_;
    std::optional<double> past_moves_read_s_;  // monotonic: since when their ages count; none = the next look
    PowerKnowledge power_;
    std::optional<double> power_read_s_;  // as past_moves_read_s_
    MoveWatch watch_;
    LoadCalendar calendar_;
    std::set<std::string> drained_;
    std::map<std::string, HostPressure> pressure_;
    // Hosts (names) that answered though the journal has them asleep, and the switch that put them to sleep.
    std::map<std::string, std::int64_t> woken_by_others_;
};

}  // namespace ballast
