// SPDX-License-Identifier: Apache-2.0
#include "tests/executor/fake_hypervisor.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <limits>
#include <new>

#include "core/check.hpp"

namespace ballast::test {

namespace {

constexpr double copying_s = 3.0;
constexpr double switching_s = 0.1;

std::size_t host_index(const World& world, const std::string& name) {
    for (std::size_t i = 0; i < world.hosts.size(); ++i) {
        if (name == world.hosts[i].data()) return i;
    }
    BALLAST_CHECK(false, "no such host in the fake world");
    return 0;
}

bool holds(const FakeSide& side) { return side.state == SideState::running || side.state == SideState::paused; }

}  // namespace

std::string name(Ending ending) {
    switch (ending) {
        case Ending::success: return "success";
        case Ending::rolled_back: return "rolled back";
        case Ending::leftover: return "leftover";
        case Ending::moved_but_failed: return "moved but failed";
        case Ending::stuck_but_arrived_not: return "stuck, not arrived";
        case Ending::source_lost: return "source lost";
        case Ending::split_brain: return "split brain";
    }
    return "?";
}

void World::point() {
    if (++points == kill_at) raise(SIGKILL);
}

std::shared_ptr<World> make_world() {
    void* memory = mmap(nullptr, sizeof(World), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    BALLAST_CHECK(memory != MAP_FAILED, "no shared memory");
    std::shared_ptr<World> world(new (memory) World, [](World* w) { munmap(w, sizeof(World)); });
    for (std::size_t i = 0; i < world->hosts.size(); ++i) {
        world->hosts[i] = {'h', static_cast<char>('1' + i), '\0'};
    }
    return world;
}

FakeVm& add_vm(World& world, const std::string& name, std::size_t host, bool persistent) {
    for (FakeVm& vm : world.vms) {
        if (vm.name[0] != '\0') continue;
        name.copy(vm.name.data(), vm.name.size() - 1);
        vm.sides[host] = {SideState::running, "booted", false, persistent};
        return vm;
    }
    BALLAST_CHECK(false, "too many VMs for the fake world");
    return world.vms[0];
}

FakeVm& find(World& world, const std::string& name) {
    for (FakeVm& vm : world.vms) {
        if (name == vm.name.data()) return vm;
    }
    BALLAST_CHECK(false, "no such VM in the fake world");
    return world.vms[0];
}

int running_copies(const World& world, const std::string& name) {
    const FakeVm& vm = find(const_cast<World&>(world), name);
    return static_cast<int>(std::count_if(vm.sides.begin(), vm.sides.end(),
                                          [](const FakeSide& s) { return s.state == SideState::running; }));
}

int traces(const World& world, const std::string& name) {
    const FakeVm& vm = find(const_cast<World&>(world), name);
    return static_cast<int>(std::count_if(vm.sides.begin(), vm.sides.end(),
                                          [](const FakeSide& s) { return s.state != SideState::absent; }));
}

Result<std::vector<PreflightFinding>> FakeHypervisor::preflight(const MigrationRequest& request) {
    if (request.vm.name == finding_for) {
        return std::vector{PreflightFinding{PreflightCode::snapshots, "{vm} has a snapshot", "delete it"}};
    }
    return findings;
}

Result<Handover> FakeHypervisor::required_handover(const MigrationRequest&) { return handover; }

MigrationReport FakeHypervisor::migrate(const MigrationRequest& request, const ProgressSink& progress,
                                        const StopRequested& stop) {
    ++migrations;
    MigrationReport report;
    report.stopped_at_s = std::numeric_limits<double>::quiet_NaN();
    report.downtime_s = std::numeric_limits<double>::quiet_NaN();
    world_->point();
    {
        const std::scoped_lock lock(mutex_);
        FakeVm& vm = find(*world_, request.vm.name);
        vm.from = host_index(*world_, request.source.name);
        vm.to = host_index(*world_, request.destination.name);
        vm.handover = request.handover;
        vm.step = 0;
        driven_.insert(request.vm.name);
        advance(vm);
    }
    world_->point();
    if (while_copying) while_copying(request);
    clock_.sleep(copying_s);
    MigrationProgress now;
    now.bytes_sent = 1e8;
    progress(now);
    {
        const std::scoped_lock lock(mutex_);
        FakeVm& vm = find(*world_, request.vm.name);
        if (stop()) {
            vm.ending = Ending::rolled_back;
            report.aborted = true;
        }
        advance(vm);
    }
    report.stopped_at_s = clock_.monotonic_s();
    clock_.sleep(switching_s);
    world_->point();
    const std::scoped_lock lock(mutex_);
    FakeVm& vm = find(*world_, request.vm.name);
    advance(vm);
    driven_.erase(request.vm.name);
    report.reported_success = vm.ending == Ending::success || vm.ending == Ending::source_lost;
    if (!report.reported_success) report.error = "client socket is closed";
    if (report.reported_success) report.downtime_s = switching_s;
    report.bytes_sent = 2e8;
    world_->point();
    return report;
}

void FakeHypervisor::advance(FakeVm& vm) {
    FakeSide& source = vm.sides[vm.from];
    FakeSide& destination = vm.sides[vm.to];
    ++vm.step;
    if (vm.step == 1) {
        source.has_job = true;
        destination.state = SideState::incoming;
        destination.reason = "migration";
    } else if (vm.step == 2) {
        source.state = SideState::paused;
        source.reason = "migration";
    } else if (vm.step == 3) {
        source.has_job = false;
        end(vm);
        count(vm);
    }
}

void FakeHypervisor::end(FakeVm& vm) {
    FakeSide& source = vm.sides[vm.from];
    FakeSide& destination = vm.sides[vm.to];
    const bool persistent = source.persistent;  // a transient VM leaves no definition, wherever it ends
    const FakeSide arrived = vm.handover == Handover::paused
                                 ? FakeSide{SideState::paused, "user", false, persistent}
                                 : FakeSide{SideState::running, "migrated", false, persistent};
    const FakeSide back = {SideState::running, "migration canceled", false, persistent};
    switch (vm.ending) {
        case Ending::source_lost: world_->unreachable[vm.from] = true; [[fallthrough]];
        case Ending::success:
            source = persistent ? FakeSide{SideState::defined, "migrated", false, true} : FakeSide{};
            if (vm.ending == Ending::source_lost && world_->forgets) source.reason = "unknown";
            destination = arrived;
            break;
        case Ending::rolled_back:
            source = back;
            destination = {};
            break;
        case Ending::leftover:
            source = back;
            destination = {SideState::defined, "failed", false, true};
            break;
        case Ending::moved_but_failed:
            source = {SideState::paused, "migration", false, persistent};
            destination = arrived;
            break;
        case Ending::stuck_but_arrived_not:
            source = {SideState::paused, "migration", false, persistent};
            destination = {};
            break;
        case Ending::split_brain:
            source = back;
            destination = {SideState::running, "migrated", false, true};
            break;
    }
}

SideObservation FakeHypervisor::observe(const HostEndpoint& host, const VmIdentity& vm, Side side_looked_at) {
    const std::scoped_lock lock(mutex_);
    FakeVm& fake = find(*world_, vm.name);
    // A migration that its executor has left goes on by itself.
    const bool left_alone = fake.step > 0 && fake.step < 3 && !driven_.contains(vm.name);
    if (side_looked_at == Side::source && left_alone) advance(fake);
    const std::size_t index = host_index(*world_, host.name);
    SideObservation seen;
    if (world_->flapping[index]) world_->unreachable[index] = !world_->unreachable[index];
    if (world_->unreachable[index]) {
        seen.silent = !world_->refuses[index];
        seen.detail = seen.silent ? "no route to host" : "connection refused";
        if (world_->looks_until_back > 0 && --world_->looks_until_back == 0) world_->unreachable[index] = false;
        return seen;
    }
    const FakeSide& real = fake.sides[index];
    seen.state = real.state;
    seen.reason = real.reason;
    seen.has_job = real.has_job;
    seen.persistent = real.persistent;
    return seen;
}

FakeSide& FakeHypervisor::side(const HostEndpoint& host, const VmIdentity& vm) {
    return find(*world_, vm.name).sides[host_index(*world_, host.name)];
}

void FakeHypervisor::count(const FakeVm& vm) {
    world_->running_most = std::max(world_->running_most, running_copies(*world_, vm.name.data()));
}

Status FakeHypervisor::act(const char* verb, const HostEndpoint& host, const VmIdentity& vm,
                           const std::function<void(FakeSide&)>& change) {
    world_->point();
    {
        const std::scoped_lock lock(mutex_);
        calls.push_back(std::string(verb) + " " + host.name + " " + vm.name);
        if (world_->unreachable[host_index(*world_, host.name)])
            return fail(ErrorKind::unreachable, "no route to host");
        FakeVm& fake = find(*world_, vm.name);
        const bool had_copy = std::any_of(fake.sides.begin(), fake.sides.end(), holds);
        const bool had_definition =
            std::any_of(fake.sides.begin(), fake.sides.end(), [](const FakeSide& s) { return s.persistent; });
        change(side(host, vm));
        if (had_copy && std::none_of(fake.sides.begin(), fake.sides.end(), holds)) ++world_->lost;
        if (had_definition &&
            std::none_of(fake.sides.begin(), fake.sides.end(), [](const FakeSide& s) { return s.persistent; })) {
            ++world_->definitions_lost;
        }
        count(fake);
    }
    world_->point();
    if (acted) acted(std::string(verb) + " " + host.name + " " + vm.name);
    return {};
}

Result<std::vector<std::string>> FakeHypervisor::active_guests(const HostEndpoint& host) {
    const std::scoped_lock lock(mutex_);
    const std::size_t h = host_index(*world_, host.name);
    FakePower& power = world_->power[h];
    ++power.looks;
    if (power.looks_until_asleep > 0 && --power.looks_until_asleep == 0) power.asleep = true;
    if (power.looks_until_awake > 0 && --power.looks_until_awake == 0) power.asleep = false;
    if (power.asleep || world_->unreachable[h]) return fail(ErrorKind::unreachable, host.name + ": no route to host");
    std::vector<std::string> names;
    for (const FakeVm& vm : world_->vms) {
        const SideState state = vm.sides[h].state;
        const bool active = state == SideState::running || state == SideState::paused || state == SideState::incoming;
        if (active) names.emplace_back(vm.name.data());
    }
    if (power.guest_at_look > 0 && power.looks >= power.guest_at_look) names.emplace_back("stranger");
    return names;
}

Status FakeHypervisor::resume(const HostEndpoint& host, const VmIdentity& vm) {
    if (resume_failures > 0) {
        --resume_failures;
        return fail(ErrorKind::failed, "Timed out during operation: cannot acquire state change lock");
    }
    return act("resume", host, vm, [](FakeSide& side) {
        BALLAST_CHECK(side.state == SideState::paused, "only a paused copy can be resumed");
        side.state = SideState::running;
        side.reason = "unpaused";
    });
}

Status FakeHypervisor::suspend(const HostEndpoint& host, const VmIdentity& vm) {
    return act("suspend", host, vm, [](FakeSide& side) {
        side.state = SideState::paused;
        side.reason = "user";
    });
}

Status FakeHypervisor::destroy(const HostEndpoint& host, const VmIdentity& vm) {
    return act("destroy", host, vm, [](FakeSide& side) {
        side.state = side.persistent ? SideState::defined : SideState::absent;
        side.reason = "destroyed";
    });
}

Status FakeHypervisor::undefine(const HostEndpoint& host, const VmIdentity& vm) {
    return act("undefine", host, vm, [](FakeSide& side) {
        side.persistent = false;
        if (side.state == SideState::defined) side = {};
    });
}

Status FakeHypervisor::keep_autostart(const HostEndpoint& from, const HostEndpoint& to, const VmIdentity& vm) {
    bool starts = false;
    {
        const std::scoped_lock lock(mutex_);
        starts = side(from, vm).autostart;
        side(from, vm).autostart = false;
    }
    if (!starts) return {};
    return act("autostart", to, vm, [](FakeSide& side) { side.autostart = true; });
}

Status FakeHypervisor::abort_job(const HostEndpoint& host, const VmIdentity& vm) {
    return act("abort", host, vm, [&](FakeSide&) {
        FakeVm& fake = find(*world_, vm.name);
        fake.ending = Ending::rolled_back;
        fake.step = 3;
        fake.sides[fake.from].has_job = false;
        end(fake);
    });
}

}  // namespace ballast::test
