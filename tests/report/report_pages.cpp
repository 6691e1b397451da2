// SPDX-License-Identifier: Apache-2.0
// report_pages DIRECTORY: writes the pages that tests/report/run shows to a browser: day.html, the bundled day under
// three policies; hostile.html, names that try to become markup; many.html, more policies than there are colours.
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "simulator/report/report.hpp"
#include "simulator/simulate.hpp"
#include "simulator/trace/memory_source.hpp"
#include "simulator/trace/planetlab.hpp"
#include "tests/report/runs.hpp"

namespace ballast {
namespace {

[[noreturn]] void give_up(const std::string& why) {
    std::cerr << why << "\n";
    std::exit(1);
}

template <typename T>
T value(Result<T> result) {
    if (!result) give_up(result.error().message);
    return std::move(*result);
}

// The time line is the run's figures, spread over time.
void check_sums(const ReportRun& run) {
    double kwh = 0.0;
    double contention_vm_hours = 0.0;
    std::size_t migrations = 0;
    for (std::size_t p = 0; p < run.timeline.power_w.size(); ++p) {
        kwh += run.timeline.power_w[p] * run.timeline.point_s / 3.6e6;
        contention_vm_hours += run.timeline.contention_vm_hours[p];
        migrations += run.timeline.migrations[p];
    }
    const auto near = [](double a, double b) { return std::abs(a - b) <= 1e-9 * (1.0 + std::abs(b)); };
    if (!near(kwh, run.result.energy_kwh) || !near(contention_vm_hours, run.result.contention_vm_hours) ||
        migrations != run.result.migrations) {
        give_up(run.result.policy + ": the time line does not add up to the figures");
    }
}

std::vector<ReportRun> bundled_day() {
    MemoryTraceSource trace(value(read_planetlab_day(BALLAST_SOURCE_DIR "/simulator/data/planetlab-20110303.tar.xz")));
    const SimulationOptions options;
    std::vector<ReportRun> runs;
    for (const char* specification : {"none", "spread", "consolidate"}) {
        std::unique_ptr<Policy> policy;
        if (std::string(specification) != "none") policy = value(make_policy(specification));
        ReportRun& run = runs.emplace_back();
        run.result = value(simulate(trace, options, policy.get(), {}, &run.timeline));
        check_sums(run);
    }
    return runs;
}

std::vector<ReportRun> many_runs() {
    std::vector<ReportRun> runs;
    for (int r = 0; r < 20; ++r) {
        runs.push_back(test::report_run("policy-with-quite-a-long-name-" + std::to_string(r), 100.0 + r));
    }
    runs[7].timeline.power_w.push_back(80.0);  // a longer one among them
    return runs;
}

void write(const std::string& path, const std::string& page) {
    std::ofstream file(path, std::ios::binary);
    if (!(file << page).flush()) give_up(path + ": cannot be written");
}

}  // namespace
}  // namespace ballast

int main(int argc, char** argv) {
    using namespace ballast;
    if (argc != 2) give_up("usage: report_pages DIRECTORY");
    const std::string folder = std::string(argv[1]) + "/";
    write(folder + "day.html", html_report(bundled_day(), Tariff{"EUR", 0.32}));
    const std::vector<ReportRun> hostile = {test::report_run("none", 10.0), test::hostile_run()};
    write(folder + "hostile.html", html_report(hostile, Tariff{"<b>", 0.32}));
    write(folder + "many.html", html_report(many_runs()));
    write(folder + "empty.html", html_report({}));
}
