// SPDX-License-Identifier: Apache-2.0
// The physics of the simulated world: which VM runs where, who gets how much of what, how long migrations and power
// transitions take, what a failure ends. It decides nothing and counts nothing: decisions come from World, counting is
// done by observers.
//
// Between events everything is constant. Events are the begin of an interval (new demands), the stages of migrations
// and power transitions, failures and repairs; events at one time are handled in the order in which they were
// scheduled.
//
// CPU. A host is asked for the demand of its VMs plus `migration_cpu_fraction` of the demand of every VM that is
// arriving. If that is more than it can give, everybody gets the same share of what they ask for.
//   Worked example: a host of 1000 MHz, VMs asking 800 and 400 MHz, fraction 0.1, and the 400 MHz one is leaving:
//   asked 1200, share 1000 / 1200; the first gets 666.7, the second 333.3 * (1 - 0.1) = 300 MHz, the copy the rest.
//
// Network and disk I/O. Shared in the same way, by the VMs that run; copies do not take part (shared_rate.hpp).
//
// Migration. Its stages and the sharing of links are in transfers.hpp. The VM runs on the source until the downtime,
// which is the last part; then it runs nowhere; then it runs on the destination. Its memory is taken on both hosts all
// the time.
//
// Power. on -> going_to_sleep (suspend_s) -> asleep -> waking (boot_s) -> on. Only an empty host goes to sleep.
//
// Failure. The host is off at once; its VMs are down, also those that were leaving; those that were arriving stay on
// their source. It is repaired after a while: then it boots if it was on or waking before, and stays off otherwise. A
// second failure before the repair changes nothing. A VM that is down can be started elsewhere after restart_delay_s.
//
// Layout. What every interval touches of every VM lies in arrays by VM id; nothing on that path allocates, and no
// virtual function is called for a VM that gets what it asks for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <queue>
#include <span>
#include <vector>

#include "core/cluster.hpp"
#include "core/ids.hpp"
#include "core/models/migration_model.hpp"
#include "simulator/demands.hpp"
#include "simulator/observer.hpp"
#include "simulator/shared_rate.hpp"
#include "simulator/transfers.hpp"
#include "simulator/workload.hpp"

namespace ballast {

struct EngineOptions {
    MigrationModel migration;
    double migration_cpu_fraction = 0.1;
    double restart_delay_s = 120.0;
};

class Engine {
  public:
    // Starts at time 0 with the placement of `start`, all hosts on and no demand. The observers must outlive the
    // engine.
    Engine(const Workload& start, const EngineOptions& options, std::vector<Observer*> observers);

    [[nodiscard]] double now_s() const { return now_s_; }
    [[nodiscard]] const Inventory& inventory() const { return *inventory_; }
    [[nodiscard]] const std::shared_ptr<const Inventory>& shared_inventory() const { return inventory_; }

    // Where it runs: the source while it migrates; none if it does not run.
    [[nodiscard]] HostId host_of(VmId vm) const;
    [[nodiscard]] bool runs(VmId vm) const { return at_[vm.index()] != nowhere_; }
    [[nodiscard]] bool migrating(VmId vm) const { return flight_of_[vm.index()] != no_flight; }
    [[nodiscard]] HostId destination_of(VmId vm) const;  // none unless it migrates
    [[nodiscard]] double demand_mhz(VmId vm) const { return demand_mhz_[vm.index()]; }
    [[nodiscard]] std::size_t running_count() const { return running_; }
    [[nodiscard]] std::size_t migrating_count() const { return migrating_; }
    // Goes up whenever a VM starts or ends to run; not with migrations.
    [[nodiscard]] std::uint64_t population() const { return population_; }
    // The VMs that are down and may be started elsewhere, in the order in which they went down.
    [[nodiscard]] std::vector<VmId> restartable() const;

    [[nodiscard]] PowerState power(HostId host) const { return hosts_[host.index()].power; }
    [[nodiscard]] bool failed(HostId host) const { return hosts_[host.index()].failed; }
    [[nodiscard]] std::size_t migrations_at(HostId host) const;
    [[nodiscard]] double asked_mhz(HostId host) const { return hosts_[host.index()].asked_mhz; }
    [[nodiscard]] double memory_bytes(HostId host) const { return hosts_[host.index()].memory_bytes; }
    [[nodiscard]] double usable_mhz(HostId host) const { return hosts_[host.index()].usable_mhz; }
    [[nodiscard]] double usable_memory_bytes(HostId host) const { return hosts_[host.index()].usable_memory_bytes; }
    // No VM on it and none on the way to it.
    [[nodiscard]] bool empty(HostId host) const;
    // False for a host in maintenance: VMs move to it if a plan says so, but none starts there.
    [[nodiscard]] bool takes_new_vms(HostId host) const { return hosts_[host.index()].takes_new_vms; }
    // On, and with room for the memory of `vm`.
    [[nodiscard]] bool can_receive(HostId host, VmId vm) const;

    // New demands from now on, one per VM; those of VMs that do not run count once they do. O(hosts + VMs).
    void set_demands(const Demands& demands);
    // Each needs, checked: the VM runs and is not migrating, `to` is another host that can receive it …
    void start_migration(VmId vm, HostId to);
    // … the host is asleep, has not failed and has a power model …
    void start_waking(HostId host);
    // … the host is on, empty and has a power model …
    void start_sleeping(HostId host);
    // … the VM does not run, and the host can receive it.
    void start_vm(VmId vm, HostId host);
    // The VM leaves for good, whether it runs, is down or waits.
    void end_vm(VmId vm);
    // Tells the observers that a VM wants to start and finds no room.
    void let_wait(VmId vm);

    // Goes to the next time at which a migration or power transition ends, a host fails or a lost VM becomes
    // restartable, but not beyond `until_s`. True if there was one.
    // O(VMs on the touched hosts + log events) per event.
    bool advance(double until_s);
    // Reports all stretches up to now, then the end of the interval. O(hosts + VMs that get less than they ask for).
    void end_interval();

  private:
    enum class EventKind : std::uint8_t { transfer, power, failure, repair, restart };

    struct Event {
        double time_s;
        std::uint64_t sequence;  // events at one time happen in the order in which they were scheduled
        EventKind kind;
        std::uint32_t index;    // of the transfer, host or failure
        std::uint32_t version;  // of the transfer or host; an event of another version does not happen
    };

    struct Later {
        bool operator()(const Event& a, const Event& b) const {
            return a.time_s != b.time_s ? a.time_s > b.time_s : a.sequence > b.sequence;
        }
    };

    struct HostNow {
        PowerState power = PowerState::on;
        bool failed = false;
        bool boots_after_repair = false;
        std::uint32_t version = 0;  // of its next transition
        std::uint32_t leaving = 0;  // VMs on it that migrate
        double usable_mhz = 0.0;
        double capacity_mhz = 0.0;
        double overhead_mhz = 0.0;
        bool takes_new_vms = true;
        double usable_memory_bytes = 0.0;
        double memory_bytes = 0.0;  // of the VMs on it and on the way to it
        // As of `since_s`, when something last changed:
        double since_s = 0.0;
        double vm_asked_mhz = 0.0;
        double asked_mhz = 0.0;
        double share = 1.0;  // of what is asked that is given
    };

    struct Flight {
        VmId vm;
        HostId from;
        HostId to;
        double started_s = 0.0;
        bool stopped = false;
    };

    struct Down {
        VmId vm;
        double ready_s;  // may be started elsewhere
        double since_s;  // reported up to here
    };

    static constexpr std::uint32_t no_flight = 0xFFFF'FFFFU;

    void report(HostId host);  // closes the stretch that ends now
    void report_vms(HostId host, double duration_s);
    void report_down(Down& down);
    void recompute(HostId host);  // after a change: who gets what from now on
    void recompute(HostId host, SharedRate& rate);
    [[nodiscard]] RateStretch rate_stretch(const SharedRate& rate, VmId vm, HostId host) const;
    [[nodiscard]] bool stopped(VmId vm) const { return migrating(vm) && flights_[flight_of_[vm.index()]].stopped; }
    static void share_out(HostNow& host, double vm_asked_mhz, double asked_mhz);

    void schedule(double time_s, EventKind kind, std::uint32_t index, std::uint32_t version = 0);
    void schedule_transfers();
    void schedule_failure();
    [[nodiscard]] bool current(const Event& event) const;
    bool handle(const Event& event);  // true if others may want to know
    bool advance_transfer(Transfers::Slot slot);
    void arrive(Transfers::Slot slot);
    void abort(VmId vm);
    static void insert(std::vector<VmId>& vms, VmId vm);  // at its place in id order
    void take_off(VmId vm, HostId host);                  // the VM runs nowhere
    void fail(HostId host, double repair_s);
    void repair(HostId host);
    void change_power(HostId host, PowerState to);
    template <typename Call>
    void tell(const Call& call) const {
        for (Observer* observer : observers_) call(*observer);
    }

    std::shared_ptr<const Inventory> inventory_;
    EngineOptions options_;
    std::vector<Observer*> observers_;
    std::vector<Observer*> every_vm_;  // those of them that want every VM

    double now_s_ = 0.0;
    std::uint64_t scheduled_ = 0;
    std::priority_queue<Event, std::vector<Event>, Later> events_;
    std::vector<HostFailure> failures_;
    std::size_t next_failure_ = 0;

    std::vector<HostNow> hosts_;
    std::vector<std::vector<VmId>> vms_on_;    // by host, in id order
    std::vector<std::vector<VmId>> arriving_;  // by host, in id order
    std::vector<double> sums_mhz_;             // by host, and one more for the VMs that run nowhere
    SharedRate network_;
    SharedRate disk_io_;

    std::uint32_t nowhere_;                 // a VM's at_ while it does not run: one more than the last host
    std::vector<std::uint32_t> at_;         // by VM: the host
    std::vector<double> demand_mhz_;        // by VM
    std::vector<double> memory_bytes_;      // by VM
    std::vector<std::uint32_t> flight_of_;  // by VM: its transfer
    std::size_t running_ = 0;
    std::size_t migrating_ = 0;
    std::uint64_t population_ = 0;
    std::vector<Down> down_;

    Transfers transfers_;
    std::vector<Flight> flights_;  // by transfer
};

}  // namespace ballast
