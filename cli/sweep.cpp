// SPDX-License-Identifier: Apache-2.0
#include "cli/sweep.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <mutex>

#include "cli/output.hpp"
#include "cli/policy_run.hpp"
#include "cli/toml/experiment_file.hpp"
#include "simulator/experiment/merge.hpp"
#include "simulator/experiment/sweep.hpp"
#include "simulator/trace/open.hpp"

namespace ballast {

namespace {

struct SweepOptions {
    std::string experiment;
    std::string folder;
    std::string shard = "1/1";
    std::size_t jobs = 1;
};

// What the experiment calls a file, seen from the experiment's own folder.
std::string beside(const std::string& experiment, const std::string& file) {
    return file.empty() ? file : (std::filesystem::path(experiment).parent_path() / file).string();
}

// Opened recordings between runs: a trace serves one run at a time, but need not be read anew for each. Keeps as many
// as there are jobs.
class TracePool {
  public:
    using Trace = std::unique_ptr<TraceSource>;

    Result<Trace> take(const std::string& path) {
        {
            const std::lock_guard lock(mutex_);
            const auto found =
                std::find_if(idle_.begin(), idle_.end(), [&](const auto& entry) { return entry.first == path; });
            if (found != idle_.end()) {
                Trace trace = std::move(found->second);
                idle_.erase(found);
                return trace;
            }
            // The grid goes trace by trace: the others are done with.
            idle_.clear();
        }
        return open_trace(path);
    }

    void give_back(const std::string& path, Trace trace) {
        const std::lock_guard lock(mutex_);
        idle_.emplace_back(path, std::move(trace));
    }

  private:
    std::mutex mutex_;
    std::vector<std::pair<std::string, Trace>> idle_;
};

Result<SimulationResult> run_one(const Cell& cell, const std::string& trace_path, SimulationSetup setup,
                                 TracePool& traces) {
    setup.options.seed = cell.seed;
    if (setup.reference) setup.reference->seed = cell.seed;
    const Result<PolicyRun> run = prepare_policy(setup, cell.policy);
    if (!run) return tl::unexpected(run.error());
    Result<TracePool::Trace> trace = traces.take(trace_path);
    if (!trace) return tl::unexpected(trace.error());
    Result<ReportRun> done = (*run)(**trace, false, {});
    traces.give_back(trace_path, std::move(*trace));
    if (!done) return tl::unexpected(done.error());
    return std::move(done->result);
}

// A digest of the files that describe the world: a changed file is another experiment.
Result<std::string> world_of(const ExperimentFile& file, const std::string& experiment) {
    std::string world;
    for (const std::string& path : {is_preset_file(file.preset) ? file.preset : std::string(), file.hosts}) {
        if (path.empty()) continue;
        const Result<std::string> text = read_file(beside(experiment, path));
        if (!text) return tl::unexpected(text.error());
        world += digest(*text);
    }
    return world;
}

// A folder belongs to one experiment; shards that start at the same time write the same bytes.
Status claim_folder(const std::string& folder, const std::string& manifest) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return fail(ErrorKind::failed, folder + ": cannot be made: " + error.message());
    const std::string path = folder + sweep_manifest_name;
    if (!std::filesystem::exists(path)) return write_file(path, manifest);
    const Result<std::string> there = read_file(path);
    if (!there) return tl::unexpected(there.error());
    if (*there == manifest) return {};
    return fail(
        ErrorKind::refused,
        path + ": the folder holds another experiment, or this one before its file was changed; give another -o");
}

Result<int> run_sweep(const SweepOptions& options) {
    if (options.experiment.empty() || options.folder.empty()) {
        return fail(ErrorKind::usage, "sweep: give an experiment and -o DIR; see `ballast sweep --help`");
    }
    const Result<Shard> shard = parse_shard(options.shard);
    if (!shard) return tl::unexpected(shard.error());
    Result<ExperimentFile> file = load_experiment(options.experiment);
    if (!file) return tl::unexpected(file.error());
    const Result<std::string> world = world_of(*file, options.experiment);
    if (!world) return tl::unexpected(world.error());
    file->experiment.world = *world;
    const Result<SimulationSetup> setup =
        load_setup(is_preset_file(file->preset) ? beside(options.experiment, file->preset) : file->preset,
                   beside(options.experiment, file->hosts), 1);
    if (!setup) return tl::unexpected(setup.error());
    const Result<std::vector<Cell>> cells = expand(file->experiment);
    if (!cells) return tl::unexpected(cells.error());

    const Manifest manifest{file->experiment.name, file->experiment.preset, *cells};
    if (Status ok = claim_folder(options.folder, manifest_to_json(manifest)); !ok) return tl::unexpected(ok.error());
    Result<ResultFile> results = ResultFile::open(options.folder, *shard);
    if (!results) return tl::unexpected(results.error());
    const Result<std::set<std::string>> done = keys_done(options.folder);
    if (!done) return tl::unexpected(done.error());
    TracePool traces;
    const RunCell run = [&](const Cell& cell) {
        return run_one(cell, beside(options.experiment, cell.trace), *setup, traces);
    };
    const Result<SweepTotals> totals =
        run_cells(cells_of(*cells, *shard), *done, options.jobs, *results, run, timed_progress("runs"));
    ProgressLine::clear();
    if (!totals) return tl::unexpected(totals.error());
    note(
        fmt::format("{} runs done, {} were done before; results in {}", totals->ran, totals->skipped, results->path()));
    return 0;
}

constexpr const char* footer =
    "A sweep that was killed goes on where it was when it is started again; no run is lost or repeated.\n"
    "  ballast sweep configs/experiments/planetlab.toml -o results --jobs 2\n"
    "  ballast sweep merge results --pareto results.svg\n"
    "On several machines that share the folder: one --shard I/N each, I from 1 to N.";

}  // namespace

void declare_sweep(CLI::App& app, CommonOptions& common, CommandAction& selected) {
    auto options = std::make_shared<SweepOptions>();
    CLI::App* command = app.add_subcommand("sweep", "Run a grid of simulations: traces x policies x options x seeds");
    command->add_option("EXPERIMENT", options->experiment, "The experiment (TOML)");
    command->add_option("-o,--output", options->folder, "Folder of the results");
    command->add_option("--shard", options->shard, "I/N: only every N-th run, from the I-th on")->capture_default_str();
    command->add_option("--jobs", options->jobs, "Runs at a time")->check(CLI::Range(1, 1024))->capture_default_str();
    command->footer(footer);
    declare_sweep_merge(*command, common, selected);
    command->callback([command, options, &selected] {
        if (command->get_subcommands().empty()) selected = [options] { return run_sweep(*options); };
    });
}

}  // namespace ballast
