// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <atomic>
#include <chrono>
#include <optional>

#include "cli/command.hpp"
#include "cli/output.hpp"
#include "cli/policy_run.hpp"
#include "scheduler/policy.hpp"
#include "simulator/cloudsim/family.hpp"
#include "simulator/heap.hpp"
#include "simulator/parallel.hpp"
#include "simulator/report/report.hpp"
#include "simulator/trace/open.hpp"

namespace ballast {

namespace {

struct SimulateOptions {
    std::vector<std::string> traces;
    WorldOptions world;
    std::vector<std::string> policies;
    std::string report;
    std::string moves;
    std::string tariff;
    unsigned jobs = 1;
};

struct Job {
    const std::string* trace;
    const PolicyRun* run;
    std::string name;
};

// "3 of 12 runs done; lr-mmt 12 % of 288 intervals, 3 s left" while they go on.
class ProgressReport {
  public:
    explicit ProgressReport(std::size_t runs) : runs_(runs) {}

    void run_done() { ++done_; }

    Progress of(const std::string& name) {
        return [this, name](std::size_t intervals, std::size_t all) {
            const double spent_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
            const double share =
                (static_cast<double>(done_) + static_cast<double>(intervals) / static_cast<double>(all)) /
                static_cast<double>(runs_);
            ProgressLine::draw(fmt::format("{} of {} runs done; {} {} % of {} intervals; {:.0f} s left", done_.load(),
                                           runs_, name, intervals * 100 / all, all,
                                           spent_s / std::max(share, 1e-6) * (1.0 - share)));
        };
    }

  private:
    std::size_t runs_;
    std::atomic<std::size_t> done_{0};
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// The results come in the order of the jobs, however many run at once.
Result<std::vector<ReportRun>> run_all(const std::vector<Job>& jobs, std::size_t threads, const Keep& keep) {
    std::vector<ReportRun> runs(jobs.size());
    ProgressReport progress(jobs.size());
    const Status all = for_each_index(jobs.size(), threads, [&](std::size_t i) -> Status {
        // A source is not for several threads; and reading a day costs less than replaying it.
        const Result<std::unique_ptr<TraceSource>> trace = open_trace(*jobs[i].trace);
        if (!trace) return tl::unexpected(trace.error());
        Result<ReportRun> run = (*jobs[i].run)(**trace, keep, progress.of(jobs[i].name));
        if (!run) return tl::unexpected(run.error());
        runs[i] = std::move(*run);
        progress.run_done();
        return {};
    });
    ProgressLine::clear();
    if (!all) return tl::unexpected(all.error());
    return runs;
}

std::string csv_field(const std::string& text) {
    if (text.find_first_of(",\"\n") == std::string::npos) return text;
    std::string quoted(1, '"');
    for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
    quoted += '"';
    return quoted;
}

// One line per migration; ended_s is empty where it is under way at the end, or was aborted. Runs are numbered as in
// the table. The time is that of the recording where it is known, else it counts from 0.
std::string moves_csv(const std::vector<ReportRun>& runs, double start_unix_s) {
    std::string text = "run,trace,policy,started_s,ended_s,aborted,vm,from,to\n";
    for (std::size_t i = 0; i < runs.size(); ++i) {
        for (const SimulatedMove& move : runs[i].moves) {
            const std::string ended = move.ended_s ? fmt::format("{:.3f}", start_unix_s + *move.ended_s) : "";
            text += fmt::format("{},{},{},{:.3f},{},{},{},{},{}\n", i + 1, csv_field(runs[i].result.trace),
                                runs[i].result.policy, start_unix_s + move.started_s, ended, move.aborted ? 1 : 0,
                                csv_field(move.vm), csv_field(move.from), csv_field(move.to));
        }
    }
    return text;
}

Result<int> run_simulate(const SimulateOptions& options, const CommonOptions& common) {
    keep_freed_memory();
    const Result<SimulationSetup> setup = load_setup(options.world, common.seed);
    if (!setup) return tl::unexpected(setup.error());
    std::optional<Tariff> tariff;
    if (!options.tariff.empty()) {
        Result<Tariff> parsed = parse_tariff(options.tariff);
        if (!parsed) return tl::unexpected(parsed.error());
        tariff = std::move(*parsed);
    }
    std::vector<PolicyRun> policies;
    for (const std::string& specification : options.policies) {
        Result<PolicyRun> policy = prepare_policy(*setup, specification);
        if (!policy) return tl::unexpected(policy.error());
        policies.push_back(std::move(*policy));
    }
    std::vector<Job> jobs;
    for (const std::string& trace : options.traces) {
        for (std::size_t i = 0; i < policies.size(); ++i) jobs.push_back({&trace, &policies[i], options.policies[i]});
    }
    if (!options.moves.empty() && setup->reference) {
        return fail(ErrorKind::usage, "--moves is for Ballast's own world; take --preset out");
    }
    const Keep keep{.timeline = !options.report.empty(), .moves = !options.moves.empty()};
    const Result<std::vector<ReportRun>> runs = run_all(jobs, options.jobs, keep);
    if (!runs) return tl::unexpected(runs.error());

    std::vector<SimulationResult> results;
    for (const ReportRun& run : *runs) results.push_back(run.result);
    if (Status ok = print(common.json ? to_json(results) : to_table(results, tariff)); !ok) {
        return tl::unexpected(ok.error());
    }
    // Last: figures that took long are not lost to a path that cannot be written.
    if (!options.report.empty()) {
        if (Status ok = write_file(options.report, html_report(*runs, tariff)); !ok) return tl::unexpected(ok.error());
    }
    if (!options.moves.empty()) {
        const double start_unix_s = setup->options.cluster ? setup->options.cluster->unix_time_s : 0.0;
        Status ok = write_file(options.moves, moves_csv(*runs, start_unix_s));
        if (!ok) return tl::unexpected(ok.error());
    }
    return 0;
}

std::string policy_help() {
    std::string text = "Policies: none (nothing moves)";
    for (const PolicyHelp& policy : policy_catalogue()) {
        text += fmt::format("\n  {}: {}", policy.name, policy.help);
        for (const PolicyOptionHelp& option : policy.options) {
            text += fmt::format("\n      {}={} ({}): {}", option.key, option.default_value, option.unit, option.help);
        }
    }
    return text + "\n\n" + cloudsim::family_help();
}

}  // namespace

void declare_simulate(CLI::App& app, CommonOptions& common, CommandAction& selected) {
    auto options = std::make_shared<SimulateOptions>();
    CLI::App* command = app.add_subcommand("simulate", "Replay recorded load under one or more policies");
    command
        ->add_option(
            "--trace", options->traces,
            "A PlanetLab day (a folder, or a tar archive of one) or a trace file of Ballast (see `ballast trace "
            "--help`); may be repeated")
        ->required()
        ->allow_extra_args(false);
    command->add_option("--preset", options->world.preset,
                        "The simulated world: default; cloudsim, CloudSim 3.0.3 to the bit; or a changed copy of "
                        "configs/presets/cloudsim.toml");
    command->add_option("--hosts", options->world.hosts,
                        "Hosts and VM sizes (TOML) of the default world; without: the 800 hosts of "
                        "configs/hosts/planetlab.toml");
    command->add_option(
        "--snapshot", options->world.snapshot,
        "A real cluster (JSON of `ballast record` or `ballast snapshot`): its hosts, its VMs where they "
        "ran, its rules at their times; --trace is its recorded load");
    command->add_option("--policy", options->policies, "NAME or NAME:key=value,key=value; may be repeated")
        ->required()
        ->allow_extra_args(false);
    command->add_option("--report", options->report, "Write one self-contained HTML page with charts to this file");
    command->add_option("--moves", options->moves, "Write every migration of every run to this file (CSV)");
    command->add_option("--tariff", options->tariff, "What a kWh costs, for table and report: \"0.32 EUR\"");
    command->add_option("--jobs", options->jobs, "Runs at a time; the results do not depend on it")
        ->check(CLI::Range(1u, 256u))
        ->capture_default_str();
    command->footer(policy_help());
    add_common_options(*command, common);
    command->callback(
        [options, &common, &selected] { selected = [options, &common] { return run_simulate(*options, common); }; });
}

}  // namespace ballast
