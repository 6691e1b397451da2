// SPDX-License-Identifier: Apache-2.0
// What traces cost: making one of samples (the import behind the parsers) and reading it back. One process measures one
// size, so that the peak of its memory is that size's; it prints one line of JSON. Files go to the current folder.
//
//   trace_bench VMS INTERVALS whole|hundredths
//
// VMs need 0 to 100 %, mostly little (the cube of a uniform number, mean 25 %); the samples come interval by interval.
//   samples_per_s       from add() to the finished file, per second of CPU time
//   vm_intervals_per_s  reading the file from begin to end, checksums and all, per second of CPU time
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "simulator/trace/binary_source.hpp"
#include "simulator/trace/import/trace_builder.hpp"

namespace ballast {
namespace {

double cpu_s() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

[[noreturn]] void stop(const Error& error) {
    std::fprintf(stderr, "trace_bench: %s\n", error.message.c_str());
    std::exit(exit_code(error.kind));
}

std::uint64_t build(std::size_t vms, std::size_t intervals, bool whole, const std::string& path) {
    auto builder = TraceBuilder::create({});
    if (!builder) stop(builder.error());
    for (std::size_t v = 0; v < vms; ++v) {
        if (const auto vm = builder->vm("vm-" + std::to_string(v)); !vm) stop(vm.error());
    }
    Rng rng(1);
    for (std::size_t i = 0; i < intervals; ++i) {
        for (std::size_t v = 0; v < vms; ++v) {
            const double u = rng.uniform();
            const double percent = 100.0 * u * u * u;
            const Status ok = builder->add(static_cast<std::uint32_t>(v), 300.0 * static_cast<double>(i), 0.0,
                                           whole ? static_cast<double>(static_cast<int>(percent)) : percent);
            if (!ok) stop(ok.error());
        }
    }
    const auto summary = builder->write("bench", path);
    if (!summary) stop(summary.error());
    return summary->file_bytes;
}

double read_all(const std::string& path) {
    const auto source = BinaryTraceSource::open(path);
    if (!source) stop(source.error());
    std::vector<float> row((*source)->info().vms.size());
    double first_vm = 0.0;
    for (std::size_t i = 0; i < (*source)->info().interval_count; ++i) {
        if (const Status ok = (*source)->read_cpu_percent(i, row); !ok) stop(ok.error());
        first_vm += static_cast<double>(row[0]);
    }
    return first_vm;
}

int main_with(std::size_t vms, std::size_t intervals, bool whole) {
    const std::string path = "trace_bench.trace";
    const double start = cpu_s();
    const std::uint64_t bytes = build(vms, intervals, whole, path);
    const double built = cpu_s();
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const double first_vm = read_all(path);
    const double read = cpu_s();
    std::remove(path.c_str());
    const double samples = static_cast<double>(vms) * static_cast<double>(intervals);
    std::printf(
        "{\"bench\":\"trace\",\"vms\":%zu,\"intervals\":%zu,\"samples\":\"%s\",\"build_cpu_s\":%.3f,"
        "\"samples_per_s\":%.0f,\"build_peak_rss_bytes\":%ld,\"file_bytes\":%llu,\"read_cpu_s\":%.3f,"
        "\"vm_intervals_per_s\":%.0f,\"check\":%.2f}\n",
        vms, intervals, whole ? "whole" : "hundredths", built - start, samples / (built - start),
        usage.ru_maxrss * 1024L, static_cast<unsigned long long>(bytes), read - built, samples / (read - built),
        first_vm);
    return 0;
}

}  // namespace
}  // namespace ballast

int main(int argc, char** argv) {
    if (argc != 4 || (std::strcmp(argv[3], "whole") != 0 && std::strcmp(argv[3], "hundredths") != 0)) {
        std::fprintf(stderr, "usage: trace_bench VMS INTERVALS whole|hundredths\n");
        return 2;
    }
    const auto number = [&](int i) { return static_cast<std::size_t>(std::strtoull(argv[i], nullptr, 10)); };
    if (number(1) == 0 || number(2) == 0) {
        std::fprintf(stderr, "trace_bench: VMS and INTERVALS are positive numbers\n");
        return 2;
    }
    return ballast::main_with(number(1), number(2), std::strcmp(argv[3], "whole") == 0);
}
