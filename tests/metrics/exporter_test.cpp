// SPDX-License-Identifier: Apache-2.0
// Scrapes the exporter through a socket, as Prometheus would.
#include "metrics/exporter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <thread>

#include "metrics/exporter_gauges.hpp"
#include "tests/clusters.hpp"
#include "tests/metrics/scrape.hpp"

namespace ballast {
namespace {

using test::host;
using test::on;
using test::value;
using test::vm;
using testing::HasSubstr;
using testing::Not;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// The body of GET /metrics; empty if anything goes wrong.
std::string scraped(int port) {
    const std::string answer = test::scrape(port);
    const std::size_t body = answer.find("\r\n\r\n");
    return answer.starts_with("HTTP/1.1 200") && body != std::string::npos ? answer.substr(body + 4) : std::string();
}

bool has_line(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

void expect_lines(const std::string& text, std::initializer_list<const char*> lines) {
    for (const char* line : lines) EXPECT_TRUE(has_line(text, line)) << line << "\n" << text;
}

// At 1700000000. h1: 1000 MHz, 1024 MiB, 100 MHz of it reserved; VMs a (270 MHz, sampled) and b (180 MHz, not sampled),
// 256 MiB each. h2: 2000 MHz, silent. h3: idle.
Snapshot snapshot(double unix_time_s = 1700000000.0, bool h1_answers = true) {
    ClusterBuilder builder;
    HostSpec spec = host("h1", 1000, 1024);
    spec.reserve = ResourceVector(100.0, 0.0);
    HostState silent;
    silent.reachable = false;
    const HostId h1 = builder.add_host(spec, h1_answers ? HostState{} : silent);
    builder.add_host(host("h2", 2000, 1024), silent);
    builder.add_host(host("h3", 2000, 1024));
    builder.add_vm(vm("a", 256), on(h1, 270));
    VmState b = on(h1, 180);
    b.sampled = false;
    builder.add_vm(vm("b", 256), b);
    Cluster cluster = value(std::move(builder).build());
    History history(2, 4, 10.0);
    return Snapshot{unix_time_s, std::move(cluster), std::move(history), {{"h2", "silent"}}};
}

// 12 s, 0.25 s, 1 GB; predicted were 10 s, 0.5 s and 0.8 GB.
constexpr EndedMigration arrived{MigrationState::done, 12.0, 0.25, 1e9, {10.0, 0.8e9, 0.5}};

Proposal proposal() {
    Proposal p;
    p.policy = "spread:enter=0.8";
    p.moves.resize(2);
    p.stays = {{VmId(0), {ReasonCode::cooldown, {}, {}, {}, Resource::cpu, 1, 2}, {}},
               {VmId(1), {ReasonCode::cooldown, {}, {}, {}, Resource::cpu, 1, 2}, {}},
               {VmId(2), {ReasonCode::pinned, {}, {}, {}, Resource::cpu, 0, 0}, {}}};
    return p;
}

class ExporterTest : public testing::Test {
  protected:
    std::string text() { return scraped(exporter_->port()); }
    void feed_everything() {
        exporter_->set_mode("auto");
        exporter_->set_hold(false);
        exporter_->observe_snapshot(snapshot(), 0.07, vm_gauges(snapshot()));
        exporter_->observe_journal({1, 1, 0, 0, 4096.0, true});
        exporter_->observe_turn(3.0);
        exporter_->count_decision("spread:enter=0.8", proposal(), {}, 0.002);
        exporter_->count_plan(PlanEnd::done);
        exporter_->count_migration(arrived);
    }
    std::unique_ptr<Exporter> exporter_ = value(Exporter::listen(test::listening_on("127.0.0.1:0")));
};

TEST_F(ExporterTest, BeforeAnythingIsSeenItSaysWhatItIs) {
    const std::string metrics = text();
    EXPECT_THAT(metrics, HasSubstr("ballast_build_info{version=\""));
    EXPECT_TRUE(has_line(metrics, "ballast_migrations_total{result=\"done\"} 0")) << metrics;
    EXPECT_THAT(metrics, Not(HasSubstr("ballast_host_")));
}

TEST_F(ExporterTest, GaugesShowTheSnapshotInBaseUnits) {
    exporter_->observe_snapshot(snapshot(), 0.07);
    const std::string metrics = text();
    expect_lines(metrics, {
                              "ballast_host_reachable{host=\"h1\"} 1",
                              "ballast_host_reachable{host=\"h2\"} 0",
                              "ballast_host_cpu_usage_ratio{host=\"h1\"} 0.5",  // (270 + 180) / (1000 - 100)
                              "ballast_host_cpu_usage_ratio{host=\"h3\"} 0",
                              "ballast_host_cpu_capacity_hertz{host=\"h1\"} 1000000000",
                              "ballast_host_cpu_usable_hertz{host=\"h1\"} 900000000",
                              "ballast_host_memory_used_bytes{host=\"h1\"} 536870912",  // 2 x 256 MiB
                              "ballast_host_memory_usable_bytes{host=\"h1\"} 1073741824",
                              "ballast_host_vms{host=\"h1\"} 2",
                              "ballast_host_maintenance{host=\"h1\"} 0",
                              "ballast_host_power_state{host=\"h1\",state=\"on\"} 1",
                              "ballast_host_power_state{host=\"h1\",state=\"going-to-sleep\"} 0",
                              "ballast_vms 2",
                              "ballast_vms_unsampled 1",
                              "ballast_cycle_timestamp_seconds 1700000000",
                              "ballast_collect_duration_seconds_count 1",
                              "ballast_collect_duration_seconds_bucket{le=\"0.05\"} 0",
                              "ballast_collect_duration_seconds_bucket{le=\"0.1\"} 1",
                          });
}

TEST_F(ExporterTest, AHostThatDoesNotAnswerHasNoLoad) {
    exporter_->observe_snapshot(snapshot(), 0.07);
    EXPECT_THAT(text(), Not(HasSubstr("usage_ratio{host=\"h2\"}")));
}

TEST_F(ExporterTest, RemembersWhenEachHostWasSeenLast) {
    exporter_->observe_snapshot(snapshot(), 0.07);
    exporter_->observe_snapshot(snapshot(1700000010.0, false), 0.07);
    const std::string metrics = text();
    EXPECT_TRUE(has_line(metrics, "ballast_host_seen_timestamp_seconds{host=\"h1\"} 1700000000")) << metrics;
    EXPECT_TRUE(has_line(metrics, "ballast_host_seen_timestamp_seconds{host=\"h3\"} 1700000010")) << metrics;
    EXPECT_THAT(metrics, Not(HasSubstr("seen_timestamp_seconds{host=\"h2\"}"))) << "never seen";
}

TEST_F(ExporterTest, NamesVmsOnlyWhereTheCallerSaysSo) {
    exporter_->observe_snapshot(snapshot(), 0.07);
    EXPECT_THAT(text(), Not(HasSubstr("vm=")));
    exporter_->observe_snapshot(snapshot(), 0.07, vm_gauges(snapshot()));
    const std::string metrics = text();
    expect_lines(metrics, {
                              "ballast_vm_cpu_demand_hertz{vm=\"a\",host=\"h1\"} 270000000",
                              "ballast_vm_memory_bytes{vm=\"b\",host=\"h1\"} 268435456",
                              "ballast_vm_sampled{vm=\"a\",host=\"h1\"} 1",
                              "ballast_vm_sampled{vm=\"b\",host=\"h1\"} 0",
                          });
}

TEST_F(ExporterTest, ShowsCountersAndGaugesThatAreHandedIn) {
    exporter_->observe_snapshot(snapshot(), 0.07,
                                {{"ballast_watts", "Watts.", SampleKind::gauge, {{{{"host", "h1"}}, 5.5}}},
                                 {"ballast_joules_total", "Joules.", SampleKind::counter, {{{}, 7.0}}},
                                 {"ballast_empty", "Nothing.", SampleKind::gauge, {}}});
    const std::string metrics = text();
    EXPECT_TRUE(has_line(metrics, "ballast_watts{host=\"h1\"} 5.5")) << metrics;
    EXPECT_TRUE(has_line(metrics, "# TYPE ballast_joules_total counter")) << metrics;
    EXPECT_TRUE(has_line(metrics, "ballast_joules_total 7")) << metrics;
    EXPECT_THAT(metrics, Not(HasSubstr("ballast_empty")));
}

TEST_F(ExporterTest, ShowsModeHoldJournalAndTurns) {
    exporter_->set_mode("auto");
    exporter_->set_mode("advise");
    exporter_->set_hold(true);
    exporter_->observe_journal({3, 1, 2, 1, 8192.0, true});
    exporter_->observe_turn(3.0);
    exporter_->observe_turn(0.1);
    exporter_->count_failed_cycle();
    exporter_->count_reload(false);
    exporter_->count_plan(PlanEnd::partly);
    exporter_->count_plan(PlanEnd::not_approved);
    const std::string metrics = text();
    expect_lines(metrics, {
                              "ballast_mode_info{mode=\"advise\"} 1",
                              "ballast_hold 1",
                              "ballast_journal_open_migrations 3",
                              "ballast_journal_needs_operator 1",
                              "ballast_journal_open_switches 2",
                              "ballast_journal_quarantined_hosts 1",
                              "ballast_journal_size_bytes 8192",
                              "ballast_writer_lock_held 1",
                              "ballast_cycle_duration_seconds_count 2",
                              "ballast_cycle_duration_seconds_bucket{le=\"1\"} 1",
                              "ballast_cycle_failures_total 1",
                              "ballast_config_reloads_total{result=\"taken\"} 0",
                              "ballast_config_reloads_total{result=\"refused\"} 1",
                              "ballast_plans_total{result=\"done\"} 0",
                              "ballast_plans_total{result=\"partly\"} 1",
                              "ballast_plans_total{result=\"not-approved\"} 1",
                          });
    EXPECT_THAT(metrics, Not(HasSubstr("mode=\"auto\"")));  // that was before
}

TEST_F(ExporterTest, CountsDecisionsAndRefusals) {
    Plan plan;
    plan.left_out.resize(1);
    exporter_->count_decision("spread:enter=0.8", proposal(), plan, 0.002);
    exporter_->count_decision("spread", proposal(), {}, 0.2);
    const std::string metrics = text();
    EXPECT_TRUE(has_line(metrics, "ballast_decisions_total{policy=\"spread\"} 2")) << metrics;
    EXPECT_TRUE(has_line(metrics, "ballast_proposed_moves_total{policy=\"spread\"} 4")) << metrics;
    EXPECT_TRUE(has_line(metrics, "ballast_refusals_total{reason=\"cooldown\"} 4")) << metrics;
    EXPECT_TRUE(has_line(metrics, "ballast_refusals_total{reason=\"pinned\"} 2")) << metrics;
    EXPECT_TRUE(has_line(metrics, "ballast_unordered_moves_total 1")) << metrics;
    EXPECT_TRUE(has_line(metrics, "ballast_decide_duration_seconds_bucket{le=\"0.005\"} 1")) << metrics;
    EXPECT_TRUE(has_line(metrics, "ballast_decide_duration_seconds_count 2")) << metrics;
}

TEST_F(ExporterTest, CountsMigrationsAndLeavesOutWhatWasNotMeasured) {
    exporter_->count_migration(arrived);
    exporter_->count_migration({MigrationState::rolled_back, 30.0, nan, 5e8, {}});
    exporter_->count_migration({MigrationState::rejected, nan, nan, nan, {}});
    const std::string metrics = text();
    expect_lines(metrics, {
                              "ballast_migrations_total{result=\"done\"} 1",
                              "ballast_migrations_total{result=\"rejected\"} 1",
                              "ballast_migration_duration_seconds_count 2",
                              "ballast_migration_duration_seconds_sum 42",
                              "ballast_migration_duration_seconds_bucket{le=\"20\"} 1",
                              "ballast_migration_downtime_seconds_count 1",
                              "ballast_migration_downtime_seconds_bucket{le=\"0.2\"} 0",
                              "ballast_migration_downtime_seconds_bucket{le=\"0.3\"} 1",
                              "ballast_migration_transferred_bytes_total 1500000000",
                          });
}

TEST_F(ExporterTest, ComparesWhatWasPredictedWithWhatWasMeasured) {
    exporter_->count_migration(arrived);
    exporter_->count_migration({MigrationState::done, 6.0, nan, 4e8, {12.0, 0.8e9, 0.5}});
    exporter_->count_migration({MigrationState::done, 6.0, 0.1, 4e8, {}});                       // nothing predicted
    exporter_->count_migration({MigrationState::rolled_back, 6.0, 0.1, 4e8, {10.0, 1e9, 0.5}});  // not carried out
    const std::string metrics = text();
    expect_lines(metrics, {
                              "ballast_migration_duration_predicted_seconds_total 22",
                              "ballast_migration_duration_measured_seconds_total 18",
                              "ballast_migration_duration_ratio_bucket{le=\"0.5\"} 1",   // 6 / 12
                              "ballast_migration_duration_ratio_bucket{le=\"1.25\"} 2",  // 12 / 10
                              "ballast_migration_downtime_predicted_seconds_total 0.5",  // the second was not measured
                              "ballast_migration_downtime_ratio_count 1",
                              "ballast_migration_transfer_predicted_bytes_total 1600000000",
                              "ballast_migration_transfer_measured_bytes_total 1400000000",
                          });
}

TEST_F(ExporterTest, CountsHostsThatWereSwitched) {
    exporter_->count_switch(ActionKind::power_off, "done");
    exporter_->count_switch(ActionKind::power_on, "needs-operator");
    const std::string metrics = text();
    expect_lines(metrics, {
                              "ballast_power_switches_total{action=\"power-off\",result=\"done\"} 1",
                              "ballast_power_switches_total{action=\"power-on\",result=\"done\"} 0",
                              "ballast_power_switches_total{action=\"power-on\",result=\"needs-operator\"} 1",
                          });
}

TEST_F(ExporterTest, CountsHostsThatWereFenced) {
    EXPECT_TRUE(has_line(text(), "ballast_fences_total{result=\"done\"} 0")) << "so that the first one is a step";
    exporter_->count_fence("done");
    exporter_->count_fence("failed");
    exporter_->count_fence("failed");
    const std::string metrics = text();
    expect_lines(metrics, {
                              "ballast_fences_total{result=\"done\"} 1",
                              "ballast_fences_total{result=\"failed\"} 2",
                              "ballast_fences_total{result=\"refused\"} 0",
                          });
}

TEST_F(ExporterTest, CanBeFedWhileItIsScraped) {
    std::thread feeder([&] {
        for (int i = 0; i < 50; ++i) feed_everything();
    });
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(text().empty());
    feeder.join();
    EXPECT_TRUE(has_line(text(), "ballast_migrations_total{result=\"done\"} 50"));
}

TEST_F(ExporterTest, AnAddressInUseIsAnErrorOfOneLine) {
    const std::string address = "127.0.0.1:" + std::to_string(exporter_->port());
    const auto second = Exporter::listen(test::listening_on(address));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::failed);
    EXPECT_THAT(second.error().message, HasSubstr("\"" + address + "\": cannot listen there"));
}

// The linter of Prometheus itself: names, units, suffixes, help. BALLAST_PROMTOOL names it if it is not in the PATH.
TEST_F(ExporterTest, PromtoolHasNothingToSay) {
    const char* configured = std::getenv("BALLAST_PROMTOOL");
    const std::string promtool = configured == nullptr ? "promtool" : configured;
    if (std::system((promtool + " --version >/dev/null 2>&1").c_str()) != 0) {
        GTEST_SKIP() << "promtool (Debian package prometheus) is not installed";
    }
    feed_everything();
    const std::filesystem::path file =
        std::filesystem::temp_directory_path() / ("ballast_metrics_" + std::to_string(getpid()) + ".txt");
    std::ofstream(file) << text();
    FILE* pipe = popen((promtool + " check metrics < " + file.string() + " 2>&1").c_str(), "r");
    ASSERT_NE(pipe, nullptr);
    std::string said;
    char buffer[512];
    while (fgets(buffer, sizeof buffer, pipe) != nullptr) said += buffer;
    const int status = pclose(pipe);
    std::filesystem::remove(file);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << said;
    EXPECT_EQ(said, "");
}

}  // namespace
}  // namespace ballast
