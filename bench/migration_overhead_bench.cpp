// SPDX-License-Identifier: Apache-2.0
// migration_overhead_bench URI URI VM MIGRATIONS: migrates a guest to and fro between two hosts by the executor's own
// way (plan, checker, journal on disk, pre-flight, call, settling) and prints, as one line of JSON, the median and the
// 90th percentile of where the time went, in ms. bench/migration_overhead raises a test cluster for it.
//
//   wall      from the plan's begin to its end
//   call      of that, libvirt's migration call: it starts the destination's QEMU, copies, and ends the source's
//   job       of that, the migration job as libvirt measures it
//   overhead  wall - call: what Ballast adds. It is the sum of
//     journal       plan and record, each on disk before the next step
//     preflight     the checks, the hand-over, the look at the destination before the call
//     around_call   connections and events of the call, and the wait for its statistics
//     looks         at both hosts after the call
//     resume        of the guest on the destination
//     clean_up      autostart flag and definition of the source
//     rest          everything else: checker, threads, JSON
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/cluster.hpp"
#include "core/plan.hpp"
#include "core/resources.hpp"
#include "executor/journal_sqlite.hpp"
#include "executor/libvirt/libvirt_hypervisor.hpp"
#include "executor/runner.hpp"
#include "executor/system_clock.hpp"
#include "tests/executor/journal_around.hpp"
#include "virt/connection.hpp"

namespace {

using namespace ballast;

// Lives until the process ends: libvirt's events may come that late.
SystemClock& system_clock() {
    static SystemClock clock;
    return clock;
}

using Phases = std::map<std::string, double>;  // seconds

class Timed {
  public:
    Timed(Phases& phases, const char* phase) : phases_(phases), phase_(phase) {}
    Timed(const Timed&) = delete;
    Timed& operator=(const Timed&) = delete;
    ~Timed() { phases_[phase_] += system_clock().monotonic_s() - begin_s_; }

  private:
    Phases& phases_;
    const char* phase_;
    const double begin_s_ = system_clock().monotonic_s();
};

class TimedHypervisor final : public Hypervisor {
  public:
    TimedHypervisor(Hypervisor& hypervisor, Phases& phases) : hypervisor_(hypervisor), phases_(phases) {}

    Result<std::vector<PreflightFinding>> preflight(const MigrationRequest& request) override {
        called_ = false;
        const Timed timed(phases_, "preflight");
        return hypervisor_.preflight(request);
    }
    Result<Handover> required_handover(const MigrationRequest& request) override {
        const Timed timed(phases_, "preflight");
        return hypervisor_.required_handover(request);
    }
    MigrationReport migrate(const MigrationRequest& request, const ProgressSink& progress,
                            const StopRequested& stop) override {
        const double begin_s = system_clock().monotonic_s();
        MigrationReport report = hypervisor_.migrate(request, progress, stop);
        phases_["call"] += report.call_s;
        phases_["job"] += report.job_s;
        phases_["around_call"] += system_clock().monotonic_s() - begin_s - report.call_s;
        called_ = true;
        return report;
    }
    SideObservation observe(const HostEndpoint& host, const VmIdentity& vm, Side side) override {
        const Timed timed(phases_, called_ ? "looks" : "preflight");
        return hypervisor_.observe(host, vm, side);
    }
    Result<std::vector<std::string>> active_guests(const HostEndpoint& host) override {
        return hypervisor_.active_guests(host);
    }
    void disconnect(const HostEndpoint& host) override { hypervisor_.disconnect(host); }
    Status resume(const HostEndpoint& host, const VmIdentity& vm) override {
        const Timed timed(phases_, "resume");
        return hypervisor_.resume(host, vm);
    }
    Status suspend(const HostEndpoint& host, const VmIdentity& vm) override { return hypervisor_.suspend(host, vm); }
    Status destroy(const HostEndpoint& host, const VmIdentity& vm) override { return hypervisor_.destroy(host, vm); }
    Status undefine(const HostEndpoint& host, const VmIdentity& vm) override {
        const Timed timed(phases_, "clean_up");
        return hypervisor_.undefine(host, vm);
    }
    Status keep_autostart(const HostEndpoint& from, const HostEndpoint& to, const VmIdentity& vm) override {
        const Timed timed(phases_, "clean_up");
        return hypervisor_.keep_autostart(from, to, vm);
    }
    Status abort_job(const HostEndpoint& host, const VmIdentity& vm) override {
        return hypervisor_.abort_job(host, vm);
    }

  private:
    Hypervisor& hypervisor_;
    Phases& phases_;
    bool called_ = false;
};

class TimedJournal final : public test::JournalAround {
  public:
    TimedJournal(Journal& journal, Phases& phases) : JournalAround(journal), phases_(phases) {}

  private:
    void before_write() override { timed_.emplace(phases_, "journal"); }
    void after_write() override { timed_.reset(); }

    Phases& phases_;
    std::optional<Timed> timed_;  // of the one plan that is carried out: its writes come one after the other
};

template <typename T>
T value_or_exit(Result<T> result) {
    if (result) return std::move(*result);
    std::fprintf(stderr, "migration_overhead_bench: %s\n", result.error().message.c_str());
    std::exit(1);
}

struct Scene {
    std::array<std::string, 2> uris;
    std::string vm;
    std::string uuid;
    std::size_t home = 0;  // where it runs
};

Scene find_vm(const std::array<std::string, 2>& uris, const std::string& vm) {
    for (std::size_t i = 0; i < uris.size(); ++i) {
        const virt::Connection connection = value_or_exit(virt::open(uris[i], virt::Access::read_only));
        const virt::Domain domain(virDomainLookupByName(connection.get(), vm.c_str()));
        std::array<char, VIR_UUID_STRING_BUFLEN> uuid{};
        if (domain && virDomainIsActive(domain.get()) == 1 && virDomainGetUUIDString(domain.get(), uuid.data()) == 0) {
            return {uris, vm, uuid.data(), i};
        }
    }
    std::fprintf(stderr, "migration_overhead_bench: %s runs on neither host\n", vm.c_str());
    std::exit(1);
}

Cluster cluster_of(const Scene& scene) {
    ClusterBuilder builder;
    std::vector<HostId> hosts;
    for (const std::string& uri : scene.uris) {
        HostSpec host;
        host.name = uri;
        host.uri = uri;
        host.capacity = ResourceVector(1e4, 1e12);
        hosts.push_back(builder.add_host(host));
    }
    VmSpec vm;
    vm.name = scene.vm;
    vm.uuid = scene.uuid;
    vm.memory_bytes = 96.0 * bytes_per_mib;
    VmState state;
    state.host = hosts[scene.home];
    state.demand = ResourceVector(100.0, vm.memory_bytes);
    builder.add_vm(vm, state);
    return value_or_exit(std::move(builder).build());
}

Plan away(const Scene& scene) {
    Action action;
    action.vm = VmId(0);
    action.from = HostId(scene.home);
    action.host = HostId(1 - scene.home);
    action.reason = {ReasonCode::empty_host, action.from, {}, {}, Resource::cpu, 0.1, 0.3};
    return {{action}, {}};
}

// One migration; its phases. Ends the program if it was not done.
Phases migrate_once(Scene& scene, Hypervisor& hypervisor, Journal& journal) {
    Phases phases;
    TimedHypervisor timed_hypervisor(hypervisor, phases);
    TimedJournal timed_journal(journal, phases);
    PlanRunner runner(timed_hypervisor, timed_journal, system_clock(), {});
    const Cluster cluster = cluster_of(scene);
    const StopSignal stop;
    const double begin_s = system_clock().monotonic_s();
    const PlanOutcome outcome = value_or_exit(runner.run(away(scene), cluster, "bench", stop, {}));
    phases["wall"] = system_clock().monotonic_s() - begin_s;
    if (outcome.outcomes.at(0).result != ActionResult::done) {
        std::fprintf(stderr, "migration_overhead_bench: %s\n", outcome.outcomes[0].text.c_str());
        std::exit(1);
    }
    phases["overhead"] = phases["wall"] - phases["call"];
    phases["rest"] = phases["overhead"];
    for (const char* part : {"journal", "preflight", "around_call", "looks", "resume", "clean_up"}) {
        phases["rest"] -= phases[part];
    }
    scene.home = 1 - scene.home;
    return phases;
}

// The smallest value that so large a share of them does not exceed.
double quantile(std::vector<double> values, double share) {
    std::sort(values.begin(), values.end());
    const auto rank = static_cast<std::size_t>(share * static_cast<double>(values.size()) + 0.999999);
    return values[std::clamp<std::size_t>(rank, 1, values.size()) - 1];
}

void report(const std::vector<Phases>& runs) {
    std::printf("{\"migrations\": %zu", runs.size());
    for (const char* phase : {"wall", "call", "job", "overhead", "journal", "preflight", "around_call", "looks",
                              "resume", "clean_up", "rest"}) {
        std::vector<double> values;
        for (const Phases& run : runs) values.push_back(run.at(phase) * 1e3);
        std::printf(", \"%s_ms\": {\"median\": %.1f, \"p90\": %.1f}", phase, quantile(values, 0.5),
                    quantile(values, 0.9));
    }
    std::printf("}\n");
}

}  // namespace

int main(int count, char** arguments) {
    int migrations = 0;
    if (count == 5) {
        const std::string_view text = arguments[4];
        std::from_chars(text.data(), text.data() + text.size(), migrations);
    }
    if (migrations < 1) {
        std::fputs("usage: migration_overhead_bench URI URI VM MIGRATIONS\n", stderr);
        return 2;
    }
    Scene scene = find_vm({arguments[1], arguments[2]}, arguments[3]);
    std::string folder = (std::filesystem::temp_directory_path() / "ballast-bench-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) return 1;
    std::vector<Phases> runs;
    {
        LibvirtHypervisor hypervisor(system_clock());
        const auto journal = value_or_exit(SqliteJournal::open(folder + "/journal.db", SqliteJournal::Mode::write));
        // The first opens the connections that `ballast run` keeps: not counted.
        for (int i = 0; i <= migrations; ++i) {
            Phases phases = migrate_once(scene, hypervisor, *journal);
            if (i > 0) runs.push_back(std::move(phases));
        }
    }
    std::filesystem::remove_all(folder);
    report(runs);
    return 0;
}
