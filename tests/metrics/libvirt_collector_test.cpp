// SPDX-License-Identifier: Apache-2.0
// The collector against real libvirt: its built-in test driver for the connection, and real hosts where the environment
// names some:  BALLAST_TEST_URIS="h1=qemu+tcp://192.0.2.1/system h2=qemu+tcp://192.0.2.2/system"
#include "metrics/libvirt/collector.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libvirt/libvirt.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <thread>

#include "metrics/libvirt/host_reader.hpp"
#include "tests/clusters.hpp"

// A worker that hangs with its daemon is left behind on purpose; when the process ends at the wrong moment, OpenSSL's
// state of that thread (CRYPTO_zalloc) has nobody to free it, which LeakSanitizer reports now and then.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:CRYPTO_zalloc\n"; }

namespace ballast {
namespace {

using test::value;
using testing::HasSubstr;

class RealClock final : public Clock {
  public:
    double unix_time_s() override {
        return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    }
    double monotonic_s() override {
        return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
    }
    void sleep(double seconds) override { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }
};

HostOptions host(const std::string& name, const std::string& uri) {
    HostOptions options;
    options.name = name;
    options.uri = uri;
    return options;
}

// Nothing listens on port 1 of loopback: refused at once, without any daemon.
constexpr const char* refusing_uri = "qemu+tcp://127.0.0.1:1/system";

// libvirt's test driver has one host with 16 CPUs and one running guest, "test".
TEST(LibvirtHostReader, ReadsTheTestDriver) {
    LibvirtHostReader reader("test:///default", false);
    for (int i = 0; i < 2; ++i) {  // the second time from the caches
        const HostReading reading = value(reader.read());
        EXPECT_GT(reading.facts.cpus, 0U);
        EXPECT_GT(reading.facts.memory_bytes, 0.0);
        ASSERT_EQ(reading.guests.size(), 1U);
        EXPECT_EQ(reading.guests[0].name, "test");
        EXPECT_EQ(reading.guests[0].state, GuestState::running);
        EXPECT_GT(reading.guests[0].facts.memory_bytes, 0.0);
        EXPECT_GE(reading.guests[0].facts.vcpus, 1U);
        EXPECT_FALSE(reading.node_busy_ns);
    }
}

TEST(LibvirtHostReader, AUriThatRefusesIsAnErrorWithLibvirtsWords) {
    LibvirtHostReader reader(refusing_uri, false);
    for (int i = 0; i < 2; ++i) {
        const auto reading = reader.read();
        ASSERT_FALSE(reading);
        EXPECT_EQ(reading.error().kind, ErrorKind::unreachable);
        EXPECT_THAT(reading.error().message, HasSubstr("refused"));
    }
}

TEST(LibvirtCollector, AHostThatRefusesDoesNotHideTheRest) {
    RealClock clock;
    CollectorOptions options;
    options.hosts = {host("good", "test:///default"), host("bad", refusing_uri)};
    options.host_cpu = HostCpuSource::guests;
    options.deadline_s = 60.0;  // generous: the test is not about time
    const auto collector = value(LibvirtCollector::make(options, clock));
    const Snapshot snapshot = value(collector->observe());
    EXPECT_TRUE(snapshot.cluster.state(HostId(0)).reachable);
    EXPECT_FALSE(snapshot.cluster.state(HostId(1)).reachable);
    ASSERT_TRUE(snapshot.cluster.inventory().find_vm("test"));
    ASSERT_EQ(snapshot.problems.size(), 1U);
    EXPECT_EQ(snapshot.problems[0].host, "bad");
    EXPECT_THAT(snapshot.problems[0].message, HasSubstr(refusing_uri));
    EXPECT_EQ(snapshot.problems[0].message.find('\n'), std::string::npos);
}

TEST(LibvirtCollector, AsksForThePressureOnHostsAndDoesWithout) {
    RealClock clock;
    CollectorOptions options;
    options.hosts = {host("h1", "test:///default")};
    options.hosts[0].capacity = ResourceVector(16000.0, 0.0);
    auto collector = value(LibvirtCollector::make(options, clock));
    collector->set_pressure_source([]() -> Result<std::map<std::string, HostPressure>> {
        HostPressure pressure;
        pressure.memory_some = 0.5;
        return std::map<std::string, HostPressure>{{"h1", pressure}};
    });
    EXPECT_EQ(value(collector->observe()).cluster.state(HostId(0)).pressure.memory_some, 0.5);
    EXPECT_EQ(collector->pressure_problem(), "");
    collector->set_pressure_source(
        []() -> Result<std::map<std::string, HostPressure>> { return fail(ErrorKind::unreachable, "gone"); });
    EXPECT_FALSE(value(collector->observe()).cluster.state(HostId(0)).pressure.memory_some) << "not what was once";
    EXPECT_EQ(collector->pressure_problem(), "gone");
    collector->set_pressure_source({});
    EXPECT_TRUE(collector->observe());
    EXPECT_EQ(collector->pressure_problem(), "");
}

TEST(LibvirtCollector, OptionsAreCheckedBeforeAnythingIsOpened) {
    RealClock clock;
    const auto collector = LibvirtCollector::make({}, clock);
    ASSERT_FALSE(collector);
    EXPECT_EQ(collector.error().kind, ErrorKind::usage);
}

// A daemon that hangs: it accepts connections and never says anything.
class SilentDaemon {
  public:
    SilentDaemon() {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(bind(fd_, generic, size), 0);
        EXPECT_EQ(listen(fd_, 8), 0);
        EXPECT_EQ(getsockname(fd_, generic, &size), 0);
        port_ = ntohs(address.sin_port);
    }
    ~SilentDaemon() { close(fd_); }
    SilentDaemon(const SilentDaemon&) = delete;
    SilentDaemon& operator=(const SilentDaemon&) = delete;
    [[nodiscard]] std::string uri() const { return "qemu+tcp://127.0.0.1:" + std::to_string(port_) + "/system"; }

  private:
    int fd_ = socket(AF_INET, SOCK_STREAM, 0);
    int port_ = 0;
};

// libvirt waits without end for the answer to the first call of a connection. That this test, and the program it is
// part of, come to an end is what it is about.
TEST(LibvirtCollector, ADaemonThatHangsHoldsUpNeitherTheRestNorTheEnd) {
    static SilentDaemon daemon;  // outlives the test, so that the worker left behind really hangs
    RealClock clock;
    CollectorOptions options;
    options.hosts = {host("hangs", daemon.uri()), host("good", "test:///default")};
    options.host_cpu = HostCpuSource::guests;
    options.deadline_s = 0.2;
    const auto collector = value(LibvirtCollector::make(options, clock));
    Result<Snapshot> snapshot = collector->observe();
    while (!snapshot || !snapshot->cluster.state(HostId(1)).reachable) {  // a busy machine may need longer
        clock.sleep(0.01);
        snapshot = collector->observe();
    }
    EXPECT_FALSE(snapshot->cluster.state(HostId(0)).reachable);
    ASSERT_EQ(snapshot->problems.size(), 1U);
    EXPECT_THAT(snapshot->problems[0].message, HasSubstr("no answer for"));
}

std::vector<HostOptions> hosts_of_environment() {
    std::vector<HostOptions> hosts;
    const char* text = std::getenv("BALLAST_TEST_URIS");
    std::istringstream words(text == nullptr ? "" : text);
    for (std::string word; words >> word;) {
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos) {
            ADD_FAILURE() << "BALLAST_TEST_URIS: \"" << word << "\" is not NAME=URI";
            continue;
        }
        hosts.push_back(host(word.substr(0, equals), word.substr(equals + 1)));
    }
    return hosts;
}

TEST(LibvirtCollectorLive, ReadsRealHosts) {
    RealClock clock;
    CollectorOptions options;
    options.hosts = hosts_of_environment();
    if (options.hosts.empty()) GTEST_SKIP() << "BALLAST_TEST_URIS names no hosts (NAME=URI NAME=URI …)";
    options.host_cpu = HostCpuSource::guests;
    options.interval_s = 2.0;
    options.deadline_s = 60.0;
    options.hosts.push_back(host("refuses", refusing_uri));
    const auto collector = value(LibvirtCollector::make(options, clock));

    Snapshot snapshot = value(collector->observe());
    for (int i = 0; i < 3; ++i) {
        clock.sleep(options.interval_s);  // real guests need real time to use some CPU
        const double start_s = clock.monotonic_s();
        snapshot = value(collector->observe());
        std::cout << "observe: " << (clock.monotonic_s() - start_s) * 1e3 << " ms\n";
    }
    const Cluster& cluster = snapshot.cluster;
    ASSERT_EQ(snapshot.problems.size(), 1U);
    EXPECT_EQ(snapshot.problems[0].host, "refuses");
    for (std::size_t h = 0; h + 1 < cluster.host_count(); ++h) {
        const HostId id(h);
        EXPECT_TRUE(cluster.state(id).reachable);
        EXPECT_GT(cluster.spec(id).capacity.cpu_mhz(), 0.0);
        EXPECT_GT(cluster.spec(id).hypervisor_version, 0U);
        EXPECT_FALSE(cluster.spec(id).cpu.arch.empty());
        std::cout << cluster.spec(id).name << ": " << cluster.spec(id).capacity.cpu_mhz() << " MHz, "
                  << cluster.spec(id).capacity.memory_bytes() / bytes_per_mib << " MiB, " << cluster.spec(id).cpu.vendor
                  << " " << cluster.spec(id).cpu.model << ", load " << cluster.cpu_utilisation(id) << "\n";
    }
    ASSERT_GT(cluster.vm_count(), 0U) << "start at least one guest";
    for (std::size_t v = 0; v < cluster.vm_count(); ++v) {
        const VmId id(v);
        EXPECT_TRUE(cluster.state(id).sampled) << cluster.spec(id).name;
        EXPECT_GT(cluster.state(id).demand.cpu_mhz(), 0.0) << cluster.spec(id).name;
        EXPECT_GT(cluster.state(id).demand.memory_bytes(), 0.0) << cluster.spec(id).name;
        EXPECT_FALSE(cluster.spec(id).uuid.empty());
        std::cout << "  " << cluster.spec(id).name << " on " << cluster.spec(cluster.state(id).host).name << ": "
                  << cluster.state(id).demand.cpu_mhz() << " MHz, " << cluster.spec(id).vcpus << " vCPU, "
                  << cluster.spec(id).memory_bytes / bytes_per_mib << " MiB, CPU " << cluster.spec(id).cpu.model
                  << (cluster.spec(id).immovable_because.empty() ? "" : ", ") << cluster.spec(id).immovable_because
                  << "\n";
    }
    EXPECT_EQ(snapshot.history.sample_count(), 3U);
}

// Migrates one guest to another host and back while the hosts are observed without a pause.
TEST(LibvirtCollectorLive, AMigrationInFlightDoesNotBreakTheSnapshot) {
    RealClock clock;
    CollectorOptions options;
    options.hosts = hosts_of_environment();
    if (options.hosts.size() < 2) GTEST_SKIP() << "BALLAST_TEST_URIS names fewer than two hosts (NAME=URI NAME=URI …)";
    options.host_cpu = HostCpuSource::guests;
    options.interval_s = 0.1;
    options.deadline_s = 60.0;
    auto collector = value(LibvirtCollector::make(options, clock));
    const Snapshot before = value(collector->observe());
    ASSERT_GT(before.cluster.vm_count(), 0U) << "start at least one guest";
    const VmSpec vm = before.cluster.spec(VmId(0));
    const HostId home = before.cluster.state(VmId(0)).host;
    const HostId away(home.index() == 0 ? 1 : 0);
    // With this rule it is an error if no host knows the VM, be it for a moment.
    options.rules = {{RuleKind::ignore_vm, "never lose sight", {vm.name}, {}, {}}};
    collector = value(LibvirtCollector::make(options, clock));

    for (const auto& [from, to] : {std::pair(home, away), std::pair(away, home)}) {
        const std::string source_uri = before.cluster.spec(from).uri;
        const std::string destination_uri = before.cluster.spec(to).uri;
        std::atomic<bool> ended = false;
        std::string error = "not started";
        std::thread migration([&] {
            const virt::Connection source = value(virt::open(source_uri, virt::Access::full));
            const virt::Domain domain = value(virt::find_domain(source.get(), vm.uuid));
            constexpr unsigned flags =
                VIR_MIGRATE_LIVE | VIR_MIGRATE_PEER2PEER | VIR_MIGRATE_PERSIST_DEST | VIR_MIGRATE_UNDEFINE_SOURCE;
            const bool done = virDomainMigrateToURI3(domain.get(), destination_uri.c_str(), nullptr, 0, flags) == 0;
            error = done ? std::string() : virt::last_error("migration").message;
            ended = true;
        });
        int observed = 0;
        int not_running = 0;  // switch-over: both copies stand still
        while (!ended) {
            const Result<Snapshot> snapshot = collector->observe();
            EXPECT_TRUE(snapshot) << snapshot.error().message;
            ++observed;
            if (snapshot && !snapshot->cluster.inventory().find_vm(vm.name)) ++not_running;
        }
        migration.join();
        ASSERT_EQ(error, "");
        std::cout << observed << " observations during the migration, " << not_running << " at switch-over\n";
        const Snapshot after = value(collector->observe());
        const auto id = after.cluster.inventory().find_vm(vm.name);
        ASSERT_TRUE(id);
        EXPECT_EQ(after.cluster.state(*id).host, to);
    }
}

}  // namespace
}  // namespace ballast
