// SPDX-License-Identifier: Apache-2.0
// Real live migrations between real libvirt daemons. Skips, and says so, unless the environment names a cluster:
//   BALLAST_TEST_URI_A, BALLAST_TEST_URI_B   two hosts of a cluster (tests/cluster/cluster uri h1)
//   BALLAST_TEST_VM                          a running guest on one of them (tests/cluster/cluster guest add)
//   BALLAST_TEST_CUT                         a shell command that cuts every migration's connection between them
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <cstdlib>
#include <iostream>

#include "executor/libvirt/libvirt_hypervisor.hpp"
#include "executor/recovery.hpp"
#include "executor/runner.hpp"
#include "executor/system_clock.hpp"
#include "tests/executor/scratch.hpp"
#include "virt/connection.hpp"

namespace ballast {
namespace {

using test::open_journal;
using test::Scratch;
using test::value;
using testing::HasSubstr;

constexpr double patience_s = 120.0;

std::string from_environment(const char* name) {
    const char* text = std::getenv(name);
    return text == nullptr ? "" : text;
}

// Lives until the process ends: libvirt's events may come that late.
SystemClock& system_clock() {
    static SystemClock clock;
    return clock;
}

class RealMigration : public testing::Test {
  protected:
    void SetUp() override {
        if (uris[0].empty() || uris[1].empty() || vm.name.empty()) {
            GTEST_SKIP() << "no test cluster: set BALLAST_TEST_URI_A, BALLAST_TEST_URI_B and BALLAST_TEST_VM";
        }
        vm.uuid = uuid_of(vm.name);
        ASSERT_NE(vm.uuid, "") << vm.name << " is defined on neither host";
    }

    std::string uuid_of(const std::string& name) const {
        for (const std::string& uri : uris) {
            const virt::Connection connection = value(virt::open(uri, virt::Access::read_only));
            const virt::Domain domain(virDomainLookupByName(connection.get(), name.c_str()));
            std::array<char, VIR_UUID_STRING_BUFLEN> uuid{};
            if (domain && virDomainGetUUIDString(domain.get(), uuid.data()) == 0) return uuid.data();
        }
        return "";
    }
    HostEndpoint host(std::size_t index) const { return {index == 0 ? "a" : "b", uris[index], ""}; }
    SideObservation look(std::size_t index) { return hypervisor().observe(host(index), vm, Side::source); }
    LibvirtHypervisor& hypervisor() {
        if (!hypervisor_) hypervisor_.emplace(system_clock());
        return *hypervisor_;
    }

    // Where it runs; fails unless it runs on exactly one host, and the other knows nothing of it.
    std::size_t home() {
        const SideObservation a = look(0);
        const SideObservation b = look(1);
        const std::size_t index = a.state == SideState::running ? 0 : 1;
        EXPECT_EQ((index == 0 ? a : b).state, SideState::running) << describe(a) << " | " << describe(b);
        EXPECT_TRUE((index == 0 ? a : b).persistent);
        EXPECT_EQ((index == 0 ? b : a).state, SideState::absent) << describe(a) << " | " << describe(b);
        return index;
    }

    // An open record of a migration that libvirt completes by itself.
    MigrationRecord direct_record(Journal& journal, std::size_t from) const {
        MigrationRecord record =
            test::sample_record(vm.name, value(journal.begin_plan({0, 1.7e9, "test", "", 1}, "{}")));
        record.vm = vm;
        record.source = host(from);
        record.destination = host(1 - from);
        record.handover = Handover::direct;
        record.id = value(journal.open_migration(record));
        return record;
    }

    Result<PlanOutcome> move(Journal& journal, std::size_t from, const RunOptions& options,
                             const RunObserver& observer) {
        ClusterBuilder builder;
        for (std::size_t i = 0; i < 2; ++i) {
            HostSpec spec = test::host(host(i).name, 8000.0, 65536.0);
            spec.uri = uris[i];
            builder.add_host(spec);
        }
        VmSpec spec = test::vm(vm.name, 96.0);
        spec.uuid = vm.uuid;
        builder.add_vm(spec, test::on(HostId(from), 100.0));
        const Cluster cluster = value(std::move(builder).build());
        PlanRunner runner(hypervisor(), journal, system_clock(), options);
        return runner.run({{test::move_vm(0, from, 1 - from)}, {}}, cluster, "test", stop, observer);
    }

    std::array<std::string, 2> uris = {from_environment("BALLAST_TEST_URI_A"), from_environment("BALLAST_TEST_URI_B")};
    VmIdentity vm{from_environment("BALLAST_TEST_VM"), ""};
    StopSignal stop;
    std::optional<LibvirtHypervisor> hypervisor_;
};

TEST_F(RealMigration, ThereAndBack) {
    const Scratch scratch;
    const auto journal = open_journal(scratch.file("journal.db"));
    const std::size_t start = home();
    RunOptions options;
    options.migration.control.bandwidth_bytes_per_s = 24.0 * bytes_per_mib;  // slow enough to be seen on its way
    for (const std::size_t from : {start, 1 - start}) {
        bool progress = false;
        const PlanOutcome result = value(move(*journal, from, options, [&](const RunEvent& event) {
            progress |= event.kind == RunEvent::Kind::progress && event.progress.bytes_total > 0.0;
        }));
        ASSERT_EQ(name(result.outcomes.at(0).result), "done") << result.outcomes[0].text;
        EXPECT_TRUE(progress);
        EXPECT_EQ(home(), 1 - from);
        const MigrationRecord record = value(journal->recent_migrations(1)).at(0);
        EXPECT_EQ(record.state, MigrationState::done);
        EXPECT_GT(record.bytes_sent, 1e6);
        EXPECT_GT(record.downtime_s, 0.0);
        EXPECT_LT(record.downtime_s, record.duration_s);
        std::cout << vm.name << ": " << name(record.handover) << " hand-over, " << record.duration_s << " s, downtime "
                  << record.downtime_s << " s, " << record.bytes_sent / bytes_per_mib << " MiB" << std::endl;
    }
    EXPECT_TRUE(value(journal->open_migrations()).empty());
}

// Where the disks have locks, libvirt starts the guest on arrival; the source is Ballast's to clean up all the same.
TEST_F(RealMigration, DirectHandoverIsSettledToo) {
    const Scratch scratch;
    const auto journal = open_journal(scratch.file("journal.db"));
    const std::size_t from = home();
    MigrationRecord record = direct_record(*journal, from);
    const MigrationReport report = hypervisor().migrate(
        {vm, record.source, record.destination, Handover::direct, {.timeout_s = patience_s}}, {}, {});
    EXPECT_TRUE(report.reported_success) << report.error;
    EXPECT_GT(report.downtime_s, 0.0);
    EXPECT_FALSE(std::isnan(report.stopped_at_s)) << "the event of the stop was not seen";
    EXPECT_EQ(look(from).state, SideState::defined) << "the source's definition is kept as evidence";
    const Settled settled = settle(record, *journal, hypervisor(), system_clock(), {}, {});
    EXPECT_EQ(settled.state, MigrationState::done) << settled.note;
    EXPECT_EQ(home(), 1 - from);
}

// As ballast would where the disks have locks; here the guest's own audit says afterwards that nothing was written
// twice.
TEST_F(RealMigration, GoesOverToPostCopyWhenItTakesTooLong) {
    const Scratch scratch;
    const auto journal = open_journal(scratch.file("journal.db"));
    const std::size_t from = home();
    MigrationRecord record = direct_record(*journal, from);
    MigrationControl control;
    control.bandwidth_bytes_per_s = 8.0 * bytes_per_mib;
    control.timeout_s = 1.5;
    control.on_timeout = TimeoutAction::post_copy;
    bool went_over = false;
    const MigrationReport report =
        hypervisor().migrate({vm, record.source, record.destination, Handover::direct, control},
                             [&](const MigrationProgress& now) { went_over |= now.post_copy; }, {});
    EXPECT_TRUE(report.reported_success) << report.error;
    EXPECT_TRUE(went_over) << "it converged before its time was over";
    EXPECT_FALSE(report.aborted);
    std::cout << vm.name << ": post-copy, call " << report.call_s << " s, downtime " << report.downtime_s << " s"
              << std::endl;
    const Settled settled = settle(record, *journal, hypervisor(), system_clock(), {}, {});
    EXPECT_EQ(settled.state, MigrationState::done) << settled.note;
    EXPECT_EQ(home(), 1 - from);
}

// The connection is cut while the memory is on both hosts; then a person does what the hand-over says.
TEST_F(RealMigration, ABrokenPostCopyIsParkedAndGoesOnByTheCommandThatIsGiven) {
    const std::string cut = from_environment("BALLAST_TEST_CUT");
    if (cut.empty()) GTEST_SKIP() << "set BALLAST_TEST_CUT to a command that cuts the migrations' connections";
    const Scratch scratch;
    const auto journal = open_journal(scratch.file("journal.db"));
    const std::size_t from = home();
    MigrationRecord record = direct_record(*journal, from);
    MigrationControl control;
    control.bandwidth_bytes_per_s = 4.0 * bytes_per_mib;
    control.timeout_s = 1.5;
    control.on_timeout = TimeoutAction::post_copy;
    bool was_cut = false;
    const MigrationReport report =
        hypervisor().migrate({vm, record.source, record.destination, Handover::direct, control},
                             [&](const MigrationProgress& now) {
                                 if (now.post_copy && !was_cut) was_cut = std::system(cut.c_str()) == 0;
                             },
                             {});
    ASSERT_TRUE(was_cut);
    EXPECT_FALSE(report.reported_success) << "it was faster than the cut";

    SettleOptions impatient;
    impatient.limits.incoming_s = 5.0;
    const Settled parked = settle(record, *journal, hypervisor(), system_clock(), impatient, {});
    ASSERT_EQ(parked.state, MigrationState::needs_operator) << parked.note;
    const std::string_view before = "It goes on with `";
    const std::size_t begin = parked.note.find(before);
    ASSERT_NE(begin, std::string::npos) << parked.note;
    const std::size_t end = parked.note.find('`', begin + before.size());
    const std::string command = parked.note.substr(begin + before.size(), end - begin - before.size());
    std::cout << command << std::endl;
    ASSERT_EQ(std::system(command.c_str()), 0);

    record.state = parked.state;
    record.note = parked.note;
    EXPECT_TRUE(journal->update_migration(record));
    const auto recovered = value(recover(*journal, hypervisor(), system_clock(), {}, {}));
    ASSERT_EQ(recovered.size(), 1U);
    EXPECT_EQ(recovered[0].record.state, MigrationState::done) << recovered[0].text;
    EXPECT_EQ(home(), 1 - from);
}

// The guest stands still for the second half of the copying, and arrives.
TEST_F(RealMigration, PausesTheGuestWhenItTakesTooLong) {
    const Scratch scratch;
    const auto journal = open_journal(scratch.file("journal.db"));
    const std::size_t from = home();
    RunOptions slow;
    slow.migration.control.bandwidth_bytes_per_s = 12.0 * bytes_per_mib;
    slow.migration.control.on_timeout = TimeoutAction::pause;
    slow.migration.timeout_s_per_gib = 1.0;
    slow.migration.timeout_s_min = 1.5;
    const PlanOutcome result = value(move(*journal, from, slow, {}));
    ASSERT_EQ(name(result.outcomes.at(0).result), "done") << result.outcomes[0].text;
    EXPECT_GT(result.outcomes[0].downtime_s, 1.0) << "it was not paused";
    EXPECT_EQ(home(), 1 - from);
}

// There with one, back with the other.
TEST_F(RealMigration, MemoryTravelsEncryptedOrThroughATunnel) {
    const Scratch scratch;
    const auto journal = open_journal(scratch.file("journal.db"));
    RunOptions encrypted;
    encrypted.migration.control.tls = true;
    RunOptions tunnelled;
    tunnelled.migration.control.tunnelled = true;
    for (const RunOptions& options : {encrypted, tunnelled}) {
        const std::size_t from = home();
        const PlanOutcome result = value(move(*journal, from, options, {}));
        ASSERT_EQ(name(result.outcomes.at(0).result), "done") << result.outcomes[0].text;
        EXPECT_EQ(home(), 1 - from);
    }
}

TEST_F(RealMigration, PreflightSeesThatItIsElsewhere) {
    const std::size_t at = home();
    const auto right = value(hypervisor().preflight({vm, host(at), host(1 - at), Handover::paused, {}}));
    EXPECT_THAT(right, testing::IsEmpty());
    const auto same = value(hypervisor().preflight({vm, host(at), host(at), Handover::paused, {}}));
    const auto code = [](PreflightCode wanted) { return testing::Field(&PreflightFinding::code, wanted); };
    EXPECT_THAT(same, testing::Contains(code(PreflightCode::same_host)));
    EXPECT_THAT(same, testing::Contains(code(PreflightCode::uuid_running)));
    EXPECT_FALSE(hypervisor().preflight({vm, host(1 - at), host(at), Handover::paused, {}}));
    EXPECT_EQ(value(hypervisor().required_handover({vm, host(at), host(1 - at), Handover::paused, {}})),
              Handover::paused)
        << "QEMU's own NFS driver takes no locks";
}

TEST_F(RealMigration, ASecondStopAbortsIt) {
    const Scratch scratch;
    const auto journal = open_journal(scratch.file("journal.db"));
    const std::size_t from = home();
    RunOptions slow;
    slow.migration.control.bandwidth_bytes_per_s = 2.0 * bytes_per_mib;
    const PlanOutcome result = value(move(*journal, from, slow, [&](const RunEvent& event) {
        if (event.kind != RunEvent::Kind::progress) return;
        stop.request();
        stop.request();
    }));
    EXPECT_EQ(name(result.outcomes.at(0).result), "rolled-back") << result.outcomes[0].text;
    EXPECT_THAT(result.outcomes[0].text, HasSubstr("aborted"));
    EXPECT_EQ(home(), from);
}

// Not a test by itself: the process that the next one kills.
TEST_F(RealMigration, DISABLED_MigratesSlowly) {
    const auto journal = open_journal(from_environment("BALLAST_TEST_JOURNAL"));
    RunOptions slow;
    slow.migration.control.bandwidth_bytes_per_s = 8.0 * bytes_per_mib;
    EXPECT_TRUE(move(*journal, home(), slow, {}));
}

TEST_F(RealMigration, KilledInTheMiddleAndRecovered) {
    const Scratch scratch;
    const std::string path = scratch.file("journal.db");
    const std::size_t from = home();
    const pid_t child = fork();
    if (child == 0) {
        setenv("BALLAST_TEST_JOURNAL", path.c_str(), 1);
        execl("/proc/self/exe", "migrates", "--gtest_filter=*DISABLED_MigratesSlowly",
              "--gtest_also_run_disabled_tests", nullptr);
        _exit(1);
    }
    // Until the guest is being copied.
    const double deadline_s = system_clock().monotonic_s() + patience_s;
    while (!look(from).has_job && system_clock().monotonic_s() < deadline_s) system_clock().sleep(0.05);
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it ended before it was killed";

    {
        const auto reader = open_journal(path, SqliteJournal::Mode::read);
        const auto open = value(describe_open(*reader, hypervisor(), system_clock(), {}));
        ASSERT_EQ(open.size(), 1U);
        std::cout << open[0].text << std::endl;
        EXPECT_THAT(open[0].text, HasSubstr("was under way"));
    }
    const auto journal = open_journal(path);
    const auto recovered = value(recover(*journal, hypervisor(), system_clock(), {}, {}));
    ASSERT_EQ(recovered.size(), 1U);
    std::cout << recovered[0].text << std::endl;
    EXPECT_EQ(recovered[0].record.state, MigrationState::done) << "peer to peer: it went on without its executor";
    EXPECT_EQ(home(), 1 - from);
    EXPECT_TRUE(value(journal->open_migrations()).empty());
}

}  // namespace
}  // namespace ballast
