// SPDX-License-Identifier: Apache-2.0
// What observing a large cluster costs, and showing it: all hosts are polled (simulated endpoints, each of which takes
// some milliseconds to answer), the answers assembled to a snapshot, energy accounted, the exporter fed and scraped
// over its socket. It prints one line of JSON; seconds are means over the cycles: wall time, and the CPU time of the
// thread that does it (on a machine that does other things the first is longer, the second is not).
//
//   cycle_bench HOSTS VMS_PER_HOST CYCLES
//
//   poll_s, scrape_s                  wall time
//   assemble_cpu_s, export_cpu_s      CPU time of the steps between
//   cycle_s                           wall time of all but the scrape
//   scrape_cpu_s                      CPU time of both ends of the scrape
//   half_rss_bytes, peak_rss_bytes    peak after half of the cycles and at the end: it must not grow
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/models/power_curve.hpp"
#include "core/random.hpp"
#include "metrics/cluster_assembler.hpp"
#include "metrics/energy/energy_monitor.hpp"
#include "metrics/exporter.hpp"
#include "metrics/poller.hpp"
#include "tests/metrics/scrape.hpp"

namespace ballast {
namespace {

constexpr auto answer_time = std::chrono::milliseconds(20);
constexpr double interval_s = 10.0;

template <typename T>
T value(Result<T> result) {
    if (!result) {
        std::fprintf(stderr, "cycle_bench: %s\n", result.error().message.c_str());
        std::exit(1);
    }
    return std::move(*result);
}

double wall_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

double cpu_s(clockid_t whose) {
    timespec time{};
    clock_gettime(whose, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

long peak_rss_bytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss * 1024;
}

class BenchClock final : public Clock {
  public:
    double unix_time_s() override { return 1.7e9 + wall_s(); }
    double monotonic_s() override { return wall_s(); }
    void sleep(double seconds) override { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }
};

// A host whose guests use 10 to 60 % of a CPU each.
class SimulatedHost final : public HostReader {
  public:
    SimulatedHost(std::size_t host, std::size_t vms) : rng_(host) {
        reading_.facts.uuid = "machine-" + std::to_string(host);
        reading_.facts.cpus = 64;
        reading_.facts.mhz_per_cpu = 2500.0;
        reading_.facts.memory_bytes = 512.0 * 1024 * bytes_per_mib;
        reading_.facts.cpu = {"x86_64", "Intel", "Skylake-Server-IBRS"};
        reading_.node_busy_ns = 0;
        for (std::size_t v = 0; v < vms; ++v) {
            GuestReading guest;
            guest.name = "vm-" + std::to_string(host) + "-" + std::to_string(v);
            guest.uuid = "uuid-" + guest.name;
            guest.incarnation = 1;
            guest.facts.vcpus = 2;
            guest.facts.memory_bytes = 4096.0 * bytes_per_mib;
            guest.resident_bytes = guest.facts.memory_bytes;
            guest.counters.cpu_ns = 0;
            reading_.guests.push_back(std::move(guest));
        }
    }
    [[nodiscard]] Result<HostReading> read() override {
        std::this_thread::sleep_for(answer_time);
        reading_.at_s += interval_s;
        for (GuestReading& guest : reading_.guests) {
            const auto used_ns = static_cast<std::uint64_t>((0.1 + 0.5 * rng_.uniform()) * interval_s * 1e9);
            *guest.counters.cpu_ns += used_ns;
            *reading_.node_busy_ns += used_ns;
        }
        return reading_;
    }

  private:
    Rng rng_;
    HostReading reading_;
};

CollectorOptions options(std::size_t hosts) {
    CollectorOptions result;
    result.interval_s = interval_s;
    for (std::size_t h = 0; h < hosts; ++h) {
        HostOptions host;
        host.name = "host-" + std::to_string(h);
        host.uri = "simulated://" + host.name;
        host.power = HostPower{value(find_power_curve("dell-r640"))};
        result.hosts.push_back(std::move(host));
    }
    return result;
}

int run(std::size_t hosts, std::size_t vms_per_host, std::size_t cycles) {
    BenchClock clock;
    std::vector<std::unique_ptr<HostReader>> readers;
    for (std::size_t h = 0; h < hosts; ++h) readers.push_back(std::make_unique<SimulatedHost>(h, vms_per_host));
    Poller poller(std::move(readers), {}, clock);
    ClusterAssembler assembler = value(ClusterAssembler::make(options(hosts)));
    EnergyMonitor energy({}, nullptr, clock);
    const std::unique_ptr<Exporter> exporter = value(Exporter::listen(test::listening_on("127.0.0.1:0")));

    double poll_s = 0.0, assemble_cpu_s = 0.0, export_cpu_s = 0.0, cycle_s = 0.0, scrape_s = 0.0, scrape_cpu_s = 0.0;
    std::size_t scrape_bytes = 0, vms = 0;
    long half_rss = 0;
    for (std::size_t cycle = 0; cycle < cycles; ++cycle) {
        const double start_s = wall_s();
        const std::vector<Result<HostReading>> answers = poller.poll();
        poll_s += wall_s() - start_s;
        const double polled_cpu_s = cpu_s(CLOCK_THREAD_CPUTIME_ID);
        const double now_s = interval_s * static_cast<double>(cycle);
        const Snapshot snapshot = value(assembler.assemble(1.7e9 + now_s, now_s, answers));
        const double assembled_cpu_s = cpu_s(CLOCK_THREAD_CPUTIME_ID);
        energy.look(snapshot);
        exporter->observe_snapshot(snapshot, wall_s() - start_s, energy.families(snapshot, false));
        assemble_cpu_s += assembled_cpu_s - polled_cpu_s;
        export_cpu_s += cpu_s(CLOCK_THREAD_CPUTIME_ID) - assembled_cpu_s;
        const double exported_s = wall_s();
        cycle_s += exported_s - start_s;
        const double before_scrape_cpu_s = cpu_s(CLOCK_PROCESS_CPUTIME_ID);
        scrape_bytes = test::scrape(exporter->port()).size();
        scrape_cpu_s += cpu_s(CLOCK_PROCESS_CPUTIME_ID) - before_scrape_cpu_s;
        scrape_s += wall_s() - exported_s;
        vms = snapshot.cluster.vm_count();
        if (cycle == cycles / 2) half_rss = peak_rss_bytes();
    }
    const auto n = static_cast<double>(cycles);
    std::printf(
        "{\"hosts\":%zu,\"vms\":%zu,\"cycles\":%zu,\"poll_s\":%.3f,\"assemble_cpu_s\":%.3f,"
        "\"export_cpu_s\":%.3f,\"cycle_s\":%.3f,\"scrape_s\":%.3f,\"scrape_cpu_s\":%.3f,\"scrape_bytes\":%zu,"
        "\"half_rss_bytes\":%ld,\"peak_rss_bytes\":%ld}\n",
        hosts, vms, cycles, poll_s / n, assemble_cpu_s / n, export_cpu_s / n, cycle_s / n, scrape_s / n,
        scrape_cpu_s / n, scrape_bytes, half_rss, peak_rss_bytes());
    return 0;
}

}  // namespace
}  // namespace ballast

int main(int argc, char** argv) {
    const auto number = [&](int i) { return argc > i ? std::strtoul(argv[i], nullptr, 10) : 0UL; };
    if (argc != 4 || number(1) == 0 || number(2) == 0 || number(3) == 0) {
        std::fprintf(stderr, "usage: cycle_bench HOSTS VMS_PER_HOST CYCLES\n");
        return 2;
    }
    return ballast::run(number(1), number(2), number(3));
}
