// SPDX-License-Identifier: Apache-2.0
// Hosts and VMs in memory, as two-sided as the real ones: a migration goes through its steps on both hosts, goes on
// when the executor dies, and can end in each of the ways that libvirt 9.0 was seen to end it.
//
// The world is plain data in memory shared between processes, so that a test can kill -9 the executor (a forked child)
// at any point of its work and look at what it left behind.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "core/ports/clock.hpp"
#include "core/ports/hypervisor.hpp"
#include "core/ports/journal.hpp"
#include "tests/executor/journal_around.hpp"

namespace ballast::test {

enum class Ending : std::uint8_t {
    success,
    rolled_back,            // failed, and the source runs on
    leftover,               // the same, with a shut-off definition left on the destination
    moved_but_failed,       // reported as failed, but it arrived; the source keeps a stopped copy
    stuck_but_arrived_not,  // reported as failed; the source is stopped, the destination has nothing
    source_lost,            // it arrived, and the source host does not answer any more
    split_brain,            // reported as failed; runs on both hosts
};
[[nodiscard]] std::string name(Ending ending);

struct FakeSide {
    SideState state = SideState::absent;
    const char* reason = "";  // points into the program, which a forked child shares
    bool has_job = false;
    bool persistent = false;
    bool autostart = false;
};

struct FakeVm {
    std::array<char, 16> name{};
    Ending ending = Ending::success;
    int step = 0;  // of its migration: 0 none, 1 copying, 2 switching over, 3 ended
    std::size_t from = 0;
    std::size_t to = 0;
    Handover handover = Handover::paused;
    std::array<FakeSide, 4> sides{};  // by host
};

// One host's power, and what is wrong with it.
struct FakePower {
    bool asleep = false;
    int looks_until_asleep = 0;      // at its hypervisor, after it was told to sleep; 0 = it stays on
    int looks_until_awake = 0;       // likewise
    int takes_looks = 2;             // what these are set to
    bool refuses_sleep = false;      // with an error
    bool ignores_sleep = false;      // without one
    bool sleeps_with_error = false;  // the command is cut off, but works
    int wakes_refused = 0;           // the next so many
    int wakes_ignored = 0;
    bool control_silent = false;  // its control does not answer when it is asked
    bool control_blind = false;   // … or cannot tell
    int guest_at_look = 0;        // a guest of somebody else's is there from this look on; 0 = never
    int looks = 0;
    int sleeps = 0;  // commands given
    int wakes = 0;
};

struct World {
    std::array<std::array<char, 8>, 4> hosts{};
    std::array<FakeVm, 8> vms{};
    std::array<FakePower, 4> power{};
    std::array<bool, 4> unreachable{};
    std::array<bool, 4> refuses{};   // unreachable, because it refuses whoever looks: it is up
    std::array<bool, 4> flapping{};  // answers every other look
    int looks_until_back = 0;        // an unreachable host answers again after so many looks at it; 0 = never
    bool forgets = false;            // a host that comes back does not know why a copy of its ended
    std::atomic<int> points{0};      // passed so far
    int kill_at = 0;                 // the process dies at this point; 0 = it lives
    int running_most = 0;            // copies of one VM that ran at the same time, ever
    int lost = 0;                    // times the last copy of a running VM was destroyed
    int definitions_lost = 0;        // times the last definition of a VM was removed

    // Counts a point of the executor's work, and dies there if that was asked for.
    void point();
};

// A world in shared memory with hosts h1..h4, all reachable.
[[nodiscard]] std::shared_ptr<World> make_world();
FakeVm& add_vm(World& world, const std::string& name, std::size_t host, bool persistent = true);
FakeVm& find(World& world, const std::string& name);
// How many hosts run it; on how many it has a definition or a copy.
[[nodiscard]] int running_copies(const World& world, const std::string& name);
[[nodiscard]] int traces(const World& world, const std::string& name);

class FakeHypervisor final : public Hypervisor {
  public:
    explicit FakeHypervisor(std::shared_ptr<World> world, Clock& clock) : world_(std::move(world)), clock_(clock) {}

    // Called by migrate() while the guest is being copied, outside of all locks.
    std::function<void(const MigrationRequest&)> while_copying;
    Handover handover = Handover::paused;
    std::vector<PreflightFinding> findings;         // of every pre-flight
    std::function<void(const std::string&)> acted;  // told what was done ("resume h2 web"), outside of all locks
    std::string finding_for;                        // a VM whose pre-flight fails
    int resume_failures = 0;                        // the next so many calls of resume fail
    std::vector<std::string> calls;                 // "resume h2 web", in order; also destroy, undefine …
    std::atomic<int> migrations{0};                 // calls of migrate()

    Result<std::vector<PreflightFinding>> preflight(const MigrationRequest& request) override;
    Result<Handover> required_handover(const MigrationRequest& request) override;
    MigrationReport migrate(const MigrationRequest& request, const ProgressSink& progress,
                            const StopRequested& stop) override;
    SideObservation observe(const HostEndpoint& host, const VmIdentity& vm, Side side) override;
    Result<std::vector<std::string>> active_guests(const HostEndpoint& host) override;
    void disconnect(const HostEndpoint&) override {}
    Status resume(const HostEndpoint& host, const VmIdentity& vm) override;
    Status suspend(const HostEndpoint& host, const VmIdentity& vm) override;
    Status destroy(const HostEndpoint& host, const VmIdentity& vm) override;
    Status undefine(const HostEndpoint& host, const VmIdentity& vm) override;
    Status keep_autostart(const HostEndpoint& from, const HostEndpoint& to, const VmIdentity& vm) override;
    Status abort_job(const HostEndpoint& host, const VmIdentity& vm) override;

  private:
    FakeSide& side(const HostEndpoint& host, const VmIdentity& vm);
    void advance(FakeVm& vm);
    void end(FakeVm& vm);
    void count(const FakeVm& vm);
    Status act(const char* verb, const HostEndpoint& host, const VmIdentity& vm,
               const std::function<void(FakeSide&)>& change);

    std::shared_ptr<World> world_;
    Clock& clock_;
    std::mutex mutex_;
    std::set<std::string> driven_;  // migrations that a call in this process moves on
};

// Time that passes only by sleeping.
class VirtualClock final : public Clock {
  public:
    double unix_time_s() override { return 1.7e9 + now_.load(); }
    double monotonic_s() override { return now_.load(); }
    void sleep(double seconds) override { advance(seconds); }
    void advance(double seconds) {
        double before = now_.load();
        while (!now_.compare_exchange_weak(before, before + seconds)) {
        }
    }

  private:
    std::atomic<double> now_{1000.0};
};

// A journal whose writes are points at which the process may die: before and after each.
class MortalJournal final : public JournalAround {
  public:
    MortalJournal(Journal& journal, World& world) : JournalAround(journal), world_(world) {}

  private:
    void before_write() override { world_.point(); }
    void after_write() override { world_.point(); }

    World& world_;
};

}  // namespace ballast::test
