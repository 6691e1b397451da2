// SPDX-License-Identifier: Apache-2.0
// `ballast plan` and `ballast snapshot`: look and decide, without acting.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "cli/command.hpp"
#include "cli/decision_source.hpp"
#include "cli/output.hpp"
#include "cli/rule_warnings.hpp"
#include "cli/show.hpp"
#include "core/io/json.hpp"
#ifdef BALLAST_WITH_LIBVIRT
#include "cli/live.hpp"
#endif

namespace ballast {

namespace {

struct PlanOptions {
    DecisionOptions decision;
    std::string output;
};

Result<int> run_plan(const PlanOptions& options, const CommonOptions& common) {
    const Result<Decided> decided = observe_and_decide(options.decision, common);
    if (!decided) return tl::unexpected(decided.error());
    const Snapshot& snapshot = decided->snapshot;
    const Decision& decision = decided->decision;
    RuleWarnings().report(snapshot.cluster);

    const std::string people = show_hosts(snapshot) + "\n" + show_plan(decision.plan, snapshot.cluster) + "\n" +
                               show_stays(decision.proposal, snapshot.cluster, common.verbose);
    const std::string plan_json = to_json(decision.plan, snapshot.cluster, decided->policy->specification());
    if (Status ok = print_for_people(people, common.json); !ok) return tl::unexpected(ok.error());
    if (common.json) {
        if (Status ok = print(plan_json); !ok) return tl::unexpected(ok.error());
    }
    if (!options.output.empty()) {
        if (Status ok = write_file(options.output, plan_json); !ok) return tl::unexpected(ok.error());
        note("plan written to " + options.output + "; carry it out with `ballast apply " + options.output + "`");
    }
    return snapshot.problems.empty() ? 0 : exit_code(ErrorKind::unreachable);
}

}  // namespace

void declare_plan(CLI::App& app, CommonOptions& common, CommandAction& selected) {
    auto options = std::make_shared<PlanOptions>();
    CLI::App* command = app.add_subcommand("plan", "Decide what should move, and why; nothing is done");
    add_decision_options(*command, options->decision);
    command->add_option("-o,--output", options->output, "Write the plan here (JSON), for `ballast apply`");
    add_common_options(*command, common);
    command->callback(
        [options, &common, &selected] { selected = [options, &common] { return run_plan(*options, common); }; });
}

#ifdef BALLAST_WITH_LIBVIRT
namespace {

struct SnapshotOptions {
    std::string output = "-";
    std::size_t samples = default_samples;
};

Result<int> run_snapshot(const SnapshotOptions& options, const CommonOptions& common) {
    Result<std::unique_ptr<LiveCluster>> cluster = LiveCluster::open(common.config_path);
    if (!cluster) return tl::unexpected(cluster.error());
    const Result<Snapshot> snapshot = (*cluster)->observe(options.samples, (*cluster)->config().collector.interval_s);
    if (!snapshot) return tl::unexpected(snapshot.error());
    const std::string text = to_json(*snapshot);
    const Status written = options.output == "-" ? print(text) : write_file(options.output, text);
    if (!written) return tl::unexpected(written.error());
    return report_problems(*snapshot) ? 0 : exit_code(ErrorKind::unreachable);
}

}  // namespace

void declare_snapshot(CLI::App& app, CommonOptions& common, CommandAction& selected) {
    auto options = std::make_shared<SnapshotOptions>();
    CLI::App* command = app.add_subcommand("snapshot", "Write what the collectors see now, as JSON");
    command->add_option("-o,--output", options->output, "File to write; - is standard output")->capture_default_str();
    command->add_option("--samples", options->samples, "Samples of load to take, one every telemetry.interval_s")
        ->capture_default_str()
        ->check(CLI::Range(1, 10'000));
    add_common_options(*command, common);
    command->callback(
        [options, &common, &selected] { selected = [options, &common] { return run_snapshot(*options, common); }; });
}
#endif

}  // namespace ballast
