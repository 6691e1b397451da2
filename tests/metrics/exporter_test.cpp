// SPDX-License-Identifier: Apache-2.0
// Scrapes the exporter through a socket, as Prometheus would.
#include "metrics/exporter.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <thread>

#include "metrics/loopback_address.hpp"
#include "tests/clusters.hpp"

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
std::string scrape(int port) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const std::string request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    std::string answer;
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        write(fd, request.data(), request.size()) == static_cast<ssize_t>(request.size())) {
        char buffer[4096];
        for (ssize_t n = read(fd, buffer, sizeof buffer); n > 0; n = read(fd, buffer, sizeof buffer)) {
            answer.append(buffer, static_cast<std::size_t>(n));
        }
    }
    close(fd);
    const std::size_t body = answer.find("\r\n\r\n");
    return answer.starts_with("HTTP/1.1 200") && body != std::string::npos ? answer.substr(body + 4) : std::string();
}

bool has_line(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

// h1: 1000 MHz, 1024 MiB, 100 MHz of it reserved; VMs a (270 MHz, sampled) and b (180 MHz, not sampled), 256 MiB each.
// h2: 2000 MHz, silent. h3: idle, with the power curve of an HP ML110 G4 (86 W idle).
Snapshot snapshot() {
    ClusterBuilder builder;
    HostSpec spec = host("h1", 1000, 1024);
    spec.reserve = ResourceVector(100.0, 0.0);
    spec.power = HostPower{value(find_power_curve("hp-ml110-g4"))};
    const HostId h1 = builder.add_host(spec);
    HostState silent;
    silent.reachable = false;
    HostSpec second = host("h2", 2000, 1024);
    second.power = spec.power;
    builder.add_host(second, silent);
    builder.add_host(host("h3", 2000, 1024));
    builder.add_vm(vm("a", 256), on(h1, 270));
    VmState b = on(h1, 180);
    b.sampled = false;
    builder.add_vm(vm("b", 256), b);
    Cluster cluster = value(std::move(builder).build());
    History history(2, 4, 10.0);
    return Snapshot{1700000000.0, std::move(cluster), std::move(history), {{"h2", "silent"}}};
}

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
    std::string text() { return scrape(exporter_->port()); }
    void feed_everything() {
        exporter_->observe_snapshot(snapshot(), 0.07);
        exporter_->count_decision("spread:enter=0.8", proposal());
        exporter_->count_migration(MigrationState::done, 12.0, 0.25, 1e9);
    }
    std::unique_ptr<Exporter> exporter_ = value(Exporter::listen("127.0.0.1:0"));
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
    for (const char* line : {
             "ballast_host_reachable{host=\"h1\"} 1",
             "ballast_host_reachable{host=\"h2\"} 0",
             "ballast_host_cpu_usage_ratio{host=\"h1\"} 0.5",  // (270 + 180) / (1000 - 100)
             "ballast_host_cpu_usage_ratio{host=\"h3\"} 0",
             "ballast_host_cpu_capacity_hertz{host=\"h1\"} 1000000000",
             "ballast_host_cpu_usable_hertz{host=\"h1\"} 900000000",
             "ballast_host_memory_used_bytes{host=\"h1\"} 536870912",  // 2 x 256 MiB
             "ballast_host_memory_usable_bytes{host=\"h1\"} 1073741824",
             "ballast_host_vms{host=\"h1\"} 2",
             "ballast_host_power_watts{host=\"h1\",source=\"model\"} 102",  // the curve at 50 %
             "ballast_vms 2",
             "ballast_vms_unsampled 1",
             "ballast_cycle_timestamp_seconds 1700000000",
             "ballast_collect_duration_seconds_count 1",
             "ballast_collect_duration_seconds_bucket{le=\"0.05\"} 0",
             "ballast_collect_duration_seconds_bucket{le=\"0.1\"} 1",
         }) {
        EXPECT_TRUE(has_line(metrics, line)) << line << "\n" << metrics;
    }
}

TEST_F(ExporterTest, AHostThatDoesNotAnswerHasNoLoadAndOneWithoutACurveNoWatts) {
    exporter_->observe_snapshot(snapshot(), 0.07);
    const std::string metrics = text();
    EXPECT_THAT(metrics, Not(HasSubstr("usage_ratio{host=\"h2\"}")));
    EXPECT_THAT(metrics, Not(HasSubstr("watts{host=\"h2\"")));
    EXPECT_THAT(metrics, Not(HasSubstr("watts{host=\"h3\"")));
}

TEST_F(ExporterTest, NoLabelNamesAVm) {
    feed_everything();
    EXPECT_THAT(text(), Not(HasSubstr("vm=")));
}

TEST_F(ExporterTest, CountsDecisionsAndRefusals) {
    exporter_->count_decision("spread:enter=0.8", proposal());
    exporter_->count_decision("spread", proposal());
    const std::string metrics = text();
    EXPECT_TRUE(has_line(metrics, "ballast_decisions_total{policy=\"spread\"} 2")) << metrics;
    EXPECT_TRUE(has_line(metrics, "ballast_proposed_moves_total{policy=\"spread\"} 4")) << metrics;
    EXPECT_TRUE(has_line(metrics, "ballast_refusals_total{reason=\"cooldown\"} 4")) << metrics;
    EXPECT_TRUE(has_line(metrics, "ballast_refusals_total{reason=\"pinned\"} 2")) << metrics;
}

TEST_F(ExporterTest, CountsMigrationsAndLeavesOutWhatWasNotMeasured) {
    exporter_->count_migration(MigrationState::done, 12.0, 0.25, 1e9);
    exporter_->count_migration(MigrationState::rolled_back, 30.0, nan, 5e8);
    exporter_->count_migration(MigrationState::rejected, nan, nan, nan);
    const std::string metrics = text();
    for (const char* line : {
             "ballast_migrations_total{result=\"done\"} 1",
             "ballast_migrations_total{result=\"rejected\"} 1",
             "ballast_migration_duration_seconds_count 2",
             "ballast_migration_duration_seconds_sum 42",
             "ballast_migration_duration_seconds_bucket{le=\"20\"} 1",
             "ballast_migration_downtime_seconds_count 1",
             "ballast_migration_downtime_seconds_bucket{le=\"0.2\"} 0",
             "ballast_migration_downtime_seconds_bucket{le=\"0.3\"} 1",
             "ballast_migration_transferred_bytes_total 1500000000",
         }) {
        EXPECT_TRUE(has_line(metrics, line)) << line << "\n" << metrics;
    }
}

TEST_F(ExporterTest, CountsHostsThatWereSwitched) {
    exporter_->count_switch(ActionKind::power_off, "done");
    exporter_->count_switch(ActionKind::power_on, "needs-operator");
    const std::string metrics = text();
    for (const char* line : {
             "ballast_power_switches_total{action=\"power-off\",result=\"done\"} 1",
             "ballast_power_switches_total{action=\"power-on\",result=\"done\"} 0",
             "ballast_power_switches_total{action=\"power-on\",result=\"needs-operator\"} 1",
         }) {
        EXPECT_TRUE(has_line(metrics, line)) << line << "\n" << metrics;
    }
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
    const auto second = Exporter::listen(address);
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

TEST(LoopbackAddress, AcceptsWhatOnlyThisMachineReaches) {
    EXPECT_EQ(value(parse_loopback_address(Exporter::default_address)), "127.0.0.1:9177");
    EXPECT_EQ(value(parse_loopback_address("localhost:0")), "127.0.0.1:0");
    EXPECT_EQ(value(parse_loopback_address("[::1]:80")), "[::1]:80");
    EXPECT_EQ(value(parse_loopback_address("127.1.2.3:65535")), "127.1.2.3:65535");
}

TEST(LoopbackAddress, RefusesWhatOthersCouldReachAndSaysWhy) {
    for (const char* open : {"0.0.0.0:9177", "192.0.2.1:9177", "[::]:9177", "127.0.0.1.example.org:9177",
                             "example.org:80", "127.0.0:80", "127.0.0.1,0.0.0.0:9177", "127.0.0.256:80"}) {
        const auto address = parse_loopback_address(open);
        ASSERT_FALSE(address) << open;
        EXPECT_EQ(address.error().kind, ErrorKind::usage);
        EXPECT_THAT(address.error().message, HasSubstr("no TLS and no authentication yet"));
    }
    for (const char* malformed : {"", "9177", ":9177", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536",
                                  "127.0.0.1:-1", "127.0.0.1:80s"}) {
        const auto address = parse_loopback_address(malformed);
        ASSERT_FALSE(address) << malformed;
        EXPECT_THAT(address.error().message, HasSubstr("ADDRESS:PORT")) << malformed;
    }
    EXPECT_FALSE(Exporter::listen("0.0.0.0:0"));
}

}  // namespace
}  // namespace ballast
