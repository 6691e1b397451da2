// SPDX-License-Identifier: Apache-2.0
// `ballast explain`: why a VM or host is treated as it is, and what would change that. Decides as `ballast plan` does.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "cli/command.hpp"
#include "cli/decision_source.hpp"
#include "cli/explain_groups.hpp"
#include "cli/explain_json.hpp"
#include "cli/find_named.hpp"
#include "cli/output.hpp"
#include "cli/show_explanation.hpp"
#include "scheduler/explain.hpp"

namespace ballast {

namespace {

struct ExplainOptions {
    DecisionOptions decision;
    std::vector<std::string> names;
    bool all = false;
};

constexpr const char* footer =
    "Without a name, VMs and hosts are counted by what becomes of them and why; --all names every one.\n"
    "Example: why did web-3 not leave its host, and what would it take?\n"
    "  ballast snapshot -o now.json\n"
    "  ballast explain web-3 --snapshot now.json --goal spread\n"
    "The answer says what is decided and why, what would change that (\"otherwise\"), what a move would cost, and of\n"
    "every other host whether it could take the VM, best first. Nothing is done. docs/explain.md explains the output.";

Status show_named(const Named& named, const Explainer& explainer, const Decided& decided, bool as_json) {
    const Cluster& cluster = decided.snapshot.cluster;
    std::vector<VmExplanation> vms;
    std::vector<HostExplanation> hosts;
    for (const VmId vm : named.vms) vms.push_back(explainer.explain(vm));
    for (const HostId host : named.hosts) hosts.push_back(explainer.explain(host));
    if (as_json) return print(to_json(vms, hosts, cluster, decided.decision));
    std::string text;
    for (const VmExplanation& vm : vms) text += (text.empty() ? "" : "\n") + show(vm, cluster, decided.decision);
    for (const HostExplanation& host : hosts) {
        text += (text.empty() ? "" : "\n") + show(host, cluster, decided.decision);
    }
    return print(text);
}

Status show_all(const Explainer& explainer, const Decided& decided, bool every_one, bool as_json) {
    const Cluster& cluster = decided.snapshot.cluster;
    if (!as_json) return print(show_groups(explainer, cluster, decided.decision, every_one));
    return print(to_json(group_vms(explainer, cluster), group_hosts(decided.decision), cluster, decided.decision));
}

Result<int> run_explain(const ExplainOptions& options, const CommonOptions& common) {
    if (options.all && !options.names.empty()) {
        return fail(ErrorKind::usage, "--all and names do not go together: it is about every VM and host");
    }
    const Result<Decided> decided = observe_and_decide(options.decision, common);
    if (!decided) return tl::unexpected(decided.error());
    const Result<Named> named =
        find_named(options.names, decided->snapshot.cluster.inventory(), "`ballast explain --all`");
    if (!named) return tl::unexpected(named.error());
    const PolicyInput input = decided->input();
    const Explainer explainer(input, decided->decision);
    const Status shown = options.names.empty() ? show_all(explainer, *decided, options.all, common.json)
                                               : show_named(*named, explainer, *decided, common.json);
    if (!shown) return tl::unexpected(shown.error());
    for (const HostProblem& problem : decided->snapshot.problems) note("ballast: " + problem.message);
    return decided->snapshot.problems.empty() ? 0 : exit_code(ErrorKind::unreachable);
}

}  // namespace

void declare_explain(CLI::App& app, CommonOptions& common, CommandAction& selected) {
    auto options = std::make_shared<ExplainOptions>();
    CLI::App* command =
        app.add_subcommand("explain", "Why a VM or host is treated as it is, and what would change that");
    command->add_option("name", options->names, "VMs and hosts to explain; none: all of them, counted by reason");
    command->add_flag("--all", options->all, "Every VM and host on a line of its own, grouped by reason");
    add_decision_options(*command, options->decision);
    add_common_options(*command, common);
    command->footer(footer);
    command->callback(
        [options, &common, &selected] { selected = [options, &common] { return run_explain(*options, common); }; });
}

}  // namespace ballast
