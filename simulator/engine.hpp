// SPDX-License-Identifier: Apache-2.0
// The physics of the simulated world: which VM runs where, who gets how much CPU, how long migrations and power
// transitions take. It decides nothing and counts nothing: decisions come from World, counting is done by observers.
//
// Between events everything is constant. Events are the begin of an interval (new demands) and the stages of
// migrations and power transitions; events at one time are handled in the order in which they were scheduled.
//
// CPU. A host is asked for the demand of its VMs plus `migration_cpu_fraction` of the demand of every VM that is
// arriving. If that is more than it can give, everybody gets the same share of what they ask for.
//   Worked example: a host of 1000 MHz, VMs asking 800 and 400 MHz, fraction 0.1, and the 400 MHz one is leaving:
//   asked 1200, share 1000 / 1200; the first gets 666.7, the second 333.3 * (1 - 0.1) = 300 MHz, the copy the rest.
//
// Migration. Duration, bytes and downtime come from the migration model. The VM runs on the source until the downtime,
// which is the last part; then it runs nowhere; then it runs on the destination. Its memory is taken on both hosts all
// the time. Concurrent migrations do not slow each other down.
//
// Power. on -> going_to_sleep (suspend_s) -> asleep -> waking (boot_s) -> on. Only an empty host goes to sleep.
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
#include "simulator/observer.hpp"

namespace ballast {

struct EngineOptions {
    MigrationModel migration;
    double migration_cpu_fraction = 0.1;
};

class Engine {
  public:
    // Starts at time 0 with the placement, demands and power states of `initial`; no host may be in transition. The
    // observers must outlive the engine.
    Engine(const Cluster& initial, const EngineOptions& options, std::vector<Observer*> observers);

    [[nodiscard]] double now_s() const { return now_s_; }
    [[nodiscard]] const Inventory& inventory() const { return *inventory_; }
    [[nodiscard]] const std::shared_ptr<const Inventory>& shared_inventory() const { return inventory_; }

    [[nodiscard]] HostId host_of(VmId vm) const { return vms_[vm.index()].host; }  // the source while it migrates
    [[nodiscard]] bool migrating(VmId vm) const { return vms_[vm.index()].destination.valid(); }
    [[nodiscard]] HostId destination_of(VmId vm) const { return vms_[vm.index()].destination; }
    [[nodiscard]] double demand_mhz(VmId vm) const { return vms_[vm.index()].demand_mhz; }
    [[nodiscard]] PowerState power(HostId host) const { return hosts_[host.index()].power; }
    [[nodiscard]] std::size_t migrations_at(HostId host) const { return hosts_[host.index()].migrations; }
    // No VM on it and none on the way to it.
    [[nodiscard]] bool empty(HostId host) const;
    // On, and with room for the memory of `vm`.
    [[nodiscard]] bool can_receive(HostId host, VmId vm) const;

    // New demands from now on, one per VM.
    void set_demands(std::span<const double> mhz);
    // Each needs, checked: the VM is not migrating, its host is on, `to` is another host that can receive it …
    void start_migration(VmId vm, HostId to);
    // … the host is asleep and has a power model …
    void start_waking(HostId host);
    // … the host is on, empty and has a power model.
    void start_sleeping(HostId host);

    // Goes to the next event, but not beyond `until_s`, and handles all events of that time. True if there were any.
    // O(VMs on the touched hosts + log events).
    bool advance(double until_s);
    // Reports all stretches up to now, then the end of the interval. O(hosts + VMs).
    void end_interval();

  private:
    enum class EventKind : std::uint8_t { vm_stops, vm_arrives, host_changes };

    struct Event {
        double time_s;
        std::uint64_t sequence;  // events at one time happen in the order in which they were scheduled
        EventKind kind;
        std::size_t index;  // of the VM or host
    };

    struct Later {
        bool operator()(const Event& a, const Event& b) const {
            return a.time_s != b.time_s ? a.time_s > b.time_s : a.sequence > b.sequence;
        }
    };

    struct HostNow {
        PowerState power = PowerState::on;
        double usable_mhz = 0.0;
        double usable_memory_bytes = 0.0;
        double memory_bytes = 0.0;  // of the VMs on it and on the way to it
        std::size_t migrations = 0;
        std::vector<VmId> vms;
        std::vector<VmId> arriving;
        // As of `since_s`, when something last changed:
        double since_s = 0.0;
        double asked_mhz = 0.0;
        double share = 1.0;  // of what is asked that is given
    };

    struct VmNow {
        HostId host;
        HostId destination;  // valid while it migrates
        double demand_mhz = 0.0;
        double memory_bytes = 0.0;
        bool stopped = false;
        MigrationCost cost;  // of the migration under way
    };

    void report(HostId host);     // closes the stretch that ends now
    void recompute(HostId host);  // after a change: who gets what from now on
    void schedule(double delay_s, EventKind kind, std::size_t index);
    void handle(const Event& event);
    void arrive(VmId vm);
    void change_power(HostId host, PowerState to);
    template <typename Call>
    void tell(const Call& call) const {
        for (Observer* observer : observers_) call(*observer);
    }

    std::shared_ptr<const Inventory> inventory_;
    EngineOptions options_;
    std::vector<Observer*> observers_;
    double now_s_ = 0.0;
    std::uint64_t scheduled_ = 0;
    std::vector<HostNow> hosts_;
    std::vector<VmNow> vms_;
    std::priority_queue<Event, std::vector<Event>, Later> events_;
};

}  // namespace ballast
