// SPDX-License-Identifier: Apache-2.0
#include "cli/sweep.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>

#include "cli/launcher.hpp"
#include "cli/output.hpp"
#include "cli/policy_run.hpp"
#include "cli/toml/experiment_file.hpp"
#include "simulator/experiment/digest.hpp"
#include "simulator/experiment/manifest.hpp"
#include "simulator/experiment/sweep.hpp"
#include "simulator/heap.hpp"
#include "simulator/trace/open.hpp"

namespace ballast {

namespace {

struct SweepOptions {
    std::string experiment;
    std::string folder;
    std::string shard;
    bool shard_is_given = false;
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
    Result<ReportRun> done = (*run)(**trace, Keep{}, {});
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

// The shard given by hand, else the launcher's, else everything.
struct Part {
    Shard shard;
    std::string label;  // begins each line on stderr, where other shards write too; empty without a launcher
};

Result<Part> part_of(const SweepOptions& options) {
    if (options.shard_is_given) {
        const Result<Shard> shard = parse_shard(options.shard);
        if (!shard) return tl::unexpected(shard.error());
        return Part{*shard, ""};
    }
    const Result<std::optional<LaunchedShard>> launched =
        shard_of_launcher([](const char* name) { return std::getenv(name); });
    if (!launched) return tl::unexpected(launched.error());
    if (!*launched) return Part{};
    note((*launched)->label() + ": taken from " + (*launched)->origin);
    return Part{(*launched)->shard, (*launched)->label() + ": "};
}

// Reads all that decides on the results: the experiment with its digests of world and traces.
Result<ExperimentFile> load_with_contents(const std::string& experiment) {
    Result<ExperimentFile> file = load_experiment(experiment);
    if (!file) return file;
    const Result<std::string> world = world_of(*file, experiment);
    if (!world) return tl::unexpected(world.error());
    file->experiment.world = *world;
    for (TraceId& trace : file->experiment.traces) {
        const Result<std::string> contents = digest_of_contents(beside(experiment, trace.name));
        if (!contents) return tl::unexpected(contents.error());
        trace.contents = *contents;
    }
    return file;
}

// Alone, a line that is drawn over and over. Among other shards, whose lines come in between, a line at every tenth of
// the runs: however long a sweep takes, its log stays short.
std::function<void(std::size_t, std::size_t)> progress_of(const std::string& label) {
    if (label.empty()) return timed_progress("runs");
    return [label](std::size_t done, std::size_t all) {
        const bool is_a_tenth = done * 10 / all > (done - 1) * 10 / all;
        if (is_a_tenth && done < all) note(fmt::format("{}{} of {} runs", label, done, all));
    };
}

Result<int> run_part(const SweepOptions& options, const Part& part) {
    const Result<ExperimentFile> file = load_with_contents(options.experiment);
    if (!file) return tl::unexpected(file.error());
    const Result<SimulationSetup> setup =
        load_setup({is_preset_file(file->preset) ? beside(options.experiment, file->preset) : file->preset,
                    beside(options.experiment, file->hosts),
                    {}},
                   1);
    if (!setup) return tl::unexpected(setup.error());
    const Result<std::vector<Cell>> cells = expand(file->experiment);
    if (!cells) return tl::unexpected(cells.error());

    const Manifest manifest{file->experiment.name, file->experiment.preset, file->experiment.traces, *cells};
    if (Status ok = claim_folder(options.folder, manifest); !ok) return tl::unexpected(ok.error());
    Result<ResultFile> results = ResultFile::open(options.folder, part.shard);
    if (!results) return tl::unexpected(results.error());
    const Result<std::set<std::string>> done = keys_done(options.folder);
    if (!done) return tl::unexpected(done.error());
    TracePool traces;
    const RunCell run = [&](const Cell& cell) {
        return run_one(cell, beside(options.experiment, cell.trace), *setup, traces);
    };
    const Result<SweepTotals> totals =
        run_cells(cells_of(*cells, part.shard), *done, options.jobs, *results, run, progress_of(part.label));
    ProgressLine::clear();
    if (!totals) return tl::unexpected(totals.error());
    note(fmt::format("{}{} runs done, {} were done before; results in {}", part.label, totals->ran, totals->skipped,
                     results->path()));
    return 0;
}

Result<int> run_sweep(const SweepOptions& options) {
    keep_freed_memory();
    if (options.experiment.empty() || options.folder.empty()) {
        return fail(ErrorKind::usage, "sweep: give an experiment and -o DIR; see `ballast sweep --help`");
    }
    const Result<Part> part = part_of(options);
    if (!part) return tl::unexpected(part.error());
    Result<int> code = run_part(options, *part);
    if (!code) return fail(code.error().kind, part->label + code.error().message);
    return code;
}

constexpr const char* footer =
    "A sweep that was killed goes on where it was when it is started again; no run is lost or repeated.\n"
    "  ballast sweep configs/experiments/planetlab.toml -o results --jobs 2\n"
    "  ballast sweep merge results --pareto results.svg\n"
    "On several machines that share the folder: one --shard I/N each, I from 1 to N. A launcher says it for you:\n"
    "  mpirun -n 8 ballast sweep EXPERIMENT.toml -o results      OpenMPI's rank and size\n"
    "  srun -n 8 ballast sweep EXPERIMENT.toml -o results        the task and tasks of the Slurm step\n"
    "  sbatch --array=1-8 sweep.sbatch EXPERIMENT.toml results   the Slurm array; it must be 1-N or 0-N\n"
    "--shard goes before all of them, mpirun before srun; an array whose jobs start several tasks is split by both.\n"
    "stderr says which shard was taken from where. Nothing is exchanged but the files in the folder.";

}  // namespace

void declare_sweep(CLI::App& app, CommonOptions& common, CommandAction& selected) {
    auto options = std::make_shared<SweepOptions>();
    CLI::App* command = app.add_subcommand("sweep", "Run a grid of simulations: traces x policies x options x seeds");
    command->add_option("EXPERIMENT", options->experiment, "The experiment (TOML)");
    command->add_option("-o,--output", options->folder, "Folder of the results");
    const CLI::Option* shard =
        command->add_option("--shard", options->shard,
                            "I/N: only every N-th run, from the I-th on; without it the launcher's, if there is one");
    command->add_option("--jobs", options->jobs, "Runs at a time")->check(CLI::Range(1, 1024))->capture_default_str();
    command->footer(footer);
    declare_sweep_merge(*command, common, selected);
    command->callback([command, options, shard, &selected] {
        options->shard_is_given = shard->count() > 0;
        if (command->get_subcommands().empty()) selected = [options] { return run_sweep(*options); };
    });
}

}  // namespace ballast
