// SPDX-License-Identifier: Apache-2.0
// `ballast record`: writes down the load of the live cluster, to be replayed with `ballast simulate`.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <limits>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/command.hpp"
#include "cli/live.hpp"
#include "cli/output.hpp"
#include "cli/recording.hpp"

namespace ballast {

namespace {

struct RecordOptions {
    std::string folder;
    double duration_s = std::numeric_limits<double>::infinity();
    bool finish = false;
};

// Each problem once, and again after it was gone.
class NewProblems {
  public:
    void report(const Snapshot& snapshot) {
        std::set<std::string> now;
        for (const HostProblem& problem : snapshot.problems) now.insert(problem.message);
        for (const std::string& message : now) {
            if (!known_.contains(message)) note("ballast: " + message);
        }
        known_ = std::move(now);
    }

  private:
    std::set<std::string> known_;
};

Status watch(LiveCluster& cluster, Recording& recording, double duration_s) {
    const double interval_s = cluster.config().collector.interval_s;
    const double end_s = LiveCluster::clock().monotonic_s() + duration_s;
    NewProblems problems;
    do {
        const Result<Snapshot> snapshot = cluster.observe(0, interval_s);
        if (!snapshot) {
            if (snapshot.error().kind == ErrorKind::usage) return tl::unexpected(snapshot.error());
            note("ballast: " + snapshot.error().message + "; trying again");
        } else {
            problems.report(*snapshot);
            if (Status ok = recording.look(*snapshot); !ok) return ok;
            ProgressLine::draw(fmt::format("recording: {} intervals of {:g} s, {} VMs; Ctrl-C ends it",
                                           recording.looks(), interval_s, snapshot->cluster.vm_count()));
        }
    } while (LiveCluster::clock().monotonic_s() < end_s && LiveCluster::wait(interval_s));
    ProgressLine::clear();
    return {};
}

std::string to_text(const FinishedRecording& done) {
    std::string text = fmt::format("{}: {} VMs, {} intervals\n", done.trace, done.vms, done.intervals);
    if (done.unsampled > 0) {
        text += fmt::format(
            "  {} VM-intervals have no sample and count as no load: a host was silent, or nobody "
            "recorded for more than three intervals\n",
            done.unsampled);
    }
    return text + fmt::format(
                      "To replay it:\n"
                      "  ballast simulate --trace {} --snapshot {} --policy none --policy consolidate\n",
                      done.trace, done.snapshot);
}

std::string to_json(const FinishedRecording& done) {
    const nlohmann::ordered_json json = {{"trace", done.trace},
                                         {"snapshot", done.snapshot},
                                         {"vms", done.vms},
                                         {"intervals", done.intervals},
                                         {"vm_intervals_unsampled", done.unsampled}};
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

Result<int> run_record(const RecordOptions& options, const CommonOptions& common) {
    Result<std::unique_ptr<LiveCluster>> cluster = LiveCluster::open(common.config_path);
    if (!cluster) return tl::unexpected(cluster.error());
    const double interval_s = (*cluster)->config().collector.interval_s;
    if (!options.finish) {
        Result<Recording> recording = Recording::open(options.folder, interval_s);
        if (!recording) return tl::unexpected(recording.error());
        if (Status ok = watch(**cluster, *recording, options.duration_s); !ok) return tl::unexpected(ok.error());
    }
    const Result<FinishedRecording> done = finish_recording(options.folder, interval_s);
    if (!done) return tl::unexpected(done.error());
    if (Status ok = print(common.json ? to_json(*done) : to_text(*done)); !ok) return tl::unexpected(ok.error());
    return 0;
}

}  // namespace

void declare_record(CLI::App& app, CommonOptions& common, CommandAction& selected) {
    auto options = std::make_shared<RecordOptions>();
    CLI::App* command = app.add_subcommand("record", "Write down the cluster's load, to replay it with `simulate`");
    command->add_option("-o,--output", options->folder, "A folder for the recording; one that is there is continued")
        ->required();
    command->add_option("--for", options->duration_s, "How long: 90s, 30m, 12h, 7d; default: until Ctrl-C")
        ->transform(CLI::AsNumberWithUnit(
            std::map<std::string, double>{{"s", 1.0}, {"m", 60.0}, {"h", 3600.0}, {"d", 86'400.0}},
            CLI::AsNumberWithUnit::CASE_INSENSITIVE))
        ->check(CLI::PositiveNumber);
    command->add_flag("--finish", options->finish, "Only make load.trace of what was recorded, also while it goes on");
    add_common_options(*command, common);
    command->footer(
        "One sample of every VM every telemetry.interval_s. Nothing is changed. The folder gets samples.csv, which\n"
        "grows and loses nothing when the program is killed, cluster.json, the cluster as the recording begins, and "
        "at\n"
        "the end load.trace. `ballast run --record FOLDER` records what its own decisions are based on.\n"
        "Example: a week, and what consolidation would have saved in it:\n"
        "  ballast record -o week --for 7d\n"
        "  ballast simulate --trace week/load.trace --snapshot week/cluster.json --policy none --policy consolidate");
    command->callback(
        [options, &common, &selected] { selected = [options, &common] { return run_record(*options, common); }; });
}

}  // namespace ballast
