// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "cli/output.hpp"
#include "cli/sweep.hpp"
#include "cli/text_table.hpp"
#include "simulator/experiment/merge.hpp"
#include "simulator/experiment/pareto_svg.hpp"

namespace ballast {

namespace {

struct MergeOptions {
    std::string folder;
    std::string pareto;
};

std::string with_interval(const Estimate& estimate, int decimals, double scale = 1.0) {
    std::string text = fixed(estimate.mean * scale, decimals);
    if (estimate.half_width) text += " ± " + fixed(*estimate.half_width * scale, decimals);
    return text;
}

std::string to_table(const Merged& merged) {
    TextTable table({{"Trace"},
                     {"Policy"},
                     {"Runs", Align::right},
                     {"Energy kWh", Align::right},
                     {"Migrations", Align::right},
                     {"SLAV 1e-5", Align::right},
                     {"Downtime s", Align::right},
                     {"Front"}});
    for (const SweepGroup& group : merged.groups) {
        table.add_row({group.trace, group.policy, std::to_string(group.energy_kwh.count),
                       with_interval(group.energy_kwh, 2), with_interval(group.migrations, 1),
                       with_interval(group.slav, 3, 1e5), with_interval(group.downtime_s, 1),
                       group.on_front ? "*" : ""});
    }
    return table.render() +
           "Mean over the seeds ± half the 95 % confidence interval; *: no other policy on the trace has both less "
           "energy and less SLAV.\n";
}

Status write_picture(const Merged& merged, const std::string& path) {
    if (path.ends_with(".svg")) return write_file(path, to_svg(merged));
    if (path.ends_with(".html")) return write_file(path, to_html(merged));
    return fail(ErrorKind::usage, "--pareto " + path + ": the name must end in .svg or .html");
}

// All of them is a list nobody reads.
void say_what_is_missing(const Merged& merged) {
    constexpr std::size_t listed_max = 10;
    note(fmt::format("{} runs are missing:", merged.missing.size()));
    for (std::size_t i = 0; i < merged.missing.size() && i < listed_max; ++i) {
        note("  " + merged.missing[i].description());
    }
    if (merged.missing.size() > listed_max) note("  … and more; --json lists them all");
}

Result<int> run_merge(const MergeOptions& options, bool json) {
    const std::string path = manifest_path(options.folder);
    const Result<std::string> text = read_file(path);
    if (!text) return tl::unexpected(text.error());
    const Result<Manifest> manifest = manifest_from_json(*text, path);
    if (!manifest) return tl::unexpected(manifest.error());
    const Result<std::vector<RunRecord>> runs = read_runs(options.folder);
    if (!runs) return tl::unexpected(runs.error());
    const Result<Merged> merged = merge(*manifest, *runs);
    if (!merged) return tl::unexpected(merged.error());
    if (!options.pareto.empty()) {
        if (Status ok = write_picture(*merged, options.pareto); !ok) return tl::unexpected(ok.error());
    }
    if (Status ok = print(json ? to_json(*merged) + "\n" : to_table(*merged)); !ok) return tl::unexpected(ok.error());
    if (merged->missing.empty()) return 0;
    say_what_is_missing(*merged);
    return exit_code(ErrorKind::partial);
}

}  // namespace

void declare_sweep_merge(CLI::App& sweep, CommonOptions& common, CommandAction& selected) {
    auto options = std::make_shared<MergeOptions>();
    CLI::App* command = sweep.add_subcommand("merge", "Put the runs of all shards together: means, intervals, front");
    command->add_option("DIR", options->folder, "Folder of the results")->required();
    command->add_option("--pareto", options->pareto, "Draw energy against SLA violations: a file .svg or .html");
    command->add_flag("--json", common.json, "One JSON document on stdout; everything for people goes to stderr");
    command->footer("Exit code 4: runs are missing; the table is about those that are there.");
    command->callback(
        [options, &common, &selected] { selected = [options, &common] { return run_merge(*options, common.json); }; });
}

}  // namespace ballast
