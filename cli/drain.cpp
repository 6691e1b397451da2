// SPDX-License-Identifier: Apache-2.0
// `ballast drain` and `ballast undrain`: take hosts out, with an answer beforehand, and give them back.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/approval.hpp"
#include "cli/command.hpp"
#include "cli/execution.hpp"
#include "cli/goal.hpp"
#include "cli/live.hpp"
#include "cli/output.hpp"
#include "cli/show.hpp"
#include "cli/text_table.hpp"
#include "core/io/json.hpp"
#include "scheduler/engine.hpp"

namespace ballast {

namespace {

struct DrainOptions {
    std::vector<std::string> hosts;
    std::string mode = "advise";
    std::string policy;  // a specification of policy drain; empty = the configuration's
    bool partial = false;
};

constexpr double afterwards_s = 1.0;  // between the two looks that show the loads afterwards

// The snapshot with these hosts in maintenance.
Result<Snapshot> taken_out(Snapshot snapshot, const std::vector<std::string>& names) {
    ClusterState state = snapshot.cluster.state();
    for (const std::string& name : names) {
        const auto host = snapshot.cluster.inventory().find_host(name);
        if (!host) return fail(ErrorKind::usage, "there is no host \"" + name + "\" in the snapshot");
        state.hosts[host->index()].maintenance = true;
    }
    Result<Cluster> cluster = Cluster::make(snapshot.cluster.shared_inventory(), std::move(state));
    if (!cluster) return tl::unexpected(cluster.error());
    snapshot.cluster = std::move(*cluster);
    return snapshot;
}

// Why nobody can say that the host is, or will be, empty.
std::string doubt_about(const Cluster& cluster, HostId host) {
    const HostState& state = cluster.state(host);
    if (!state.reachable) return "it does not answer, so what runs on it is not known";
    const double held_bytes = state.overhead.memory_bytes();
    if (held_bytes <= 0.0) return {};
    return fmt::format("guests that are paused, crashed or arriving hold {} on it; look with `virsh list --all`",
                       bytes_in_words(held_bytes));
}

struct Answer {
    bool whole = true;  // every host can be emptied now
    std::string text;   // one line per host
};

Answer answer(const Snapshot& snapshot, const Decision& decision, const std::vector<std::string>& names) {
    Answer result;
    for (const std::string& name : names) {
        const HostId host = *snapshot.cluster.inventory().find_host(name);
        const Reason& reason = decision.proposal.hosts[host.index()].reason;
        if (const std::string doubt = doubt_about(snapshot.cluster, host); !doubt.empty()) {
            result.whole = false;
            result.text += fmt::format("CANNOT BE DRAINED NOW: {}: {}\n", name, doubt);
            continue;
        }
        const bool empty = snapshot.cluster.vms_on(host).empty();
        const bool left_out = std::any_of(decision.plan.left_out.begin(), decision.plan.left_out.end(),
                                          [&](const Stay& s) { return snapshot.cluster.state(s.vm).host == host; });
        const bool leaves = empty || (reason.code == ReasonCode::drained && !left_out);
        result.whole = result.whole && leaves;
        result.text += fmt::format("{} {}: {}\n", leaves ? "can be drained:" : "CANNOT BE DRAINED NOW:", name,
                                   empty ? "nothing runs on it" : describe(reason, snapshot.cluster));
    }
    return result;
}

struct Drained {
    Snapshot snapshot;
    Decision decision;
    Answer answer;
};

Result<Drained> decide_drain(LiveCluster& cluster, const DrainOptions& options, const CommonOptions& common) {
    GoalSettings settings{cluster.config().policies, cluster.config().migration};
    const auto policy = make_goal_policy({"drain", options.policy}, settings);
    if (!policy) return tl::unexpected(policy.error());
    if ((*policy)->specification().substr(0, 6) != "drain:") {
        return fail(ErrorKind::usage, "--policy: only \"drain\", with options, drains a host");
    }
    Result<Snapshot> seen = cluster.observe(1, cluster.config().collector.interval_s);
    if (!seen) return tl::unexpected(seen.error());
    Result<Snapshot> snapshot = taken_out(std::move(*seen), options.hosts);
    if (!snapshot) return tl::unexpected(snapshot.error());
    Rng rng(common.seed);
    Result<Decision> decision = decide({snapshot->cluster, snapshot->history, settings.migration}, **policy, rng);
    if (!decision) return tl::unexpected(decision.error());
    Answer said = answer(*snapshot, *decision, options.hosts);
    return Drained{std::move(*snapshot), std::move(*decision), std::move(said)};
}

std::string to_json(const Drained& drained, const std::string& outcome_json) {
    const Cluster& cluster = drained.snapshot.cluster;
    return fmt::format("{{\"can_be_drained\":{},\"proposal\":{},\"plan\":{},\"outcome\":{}}}\n", drained.answer.whole,
                       ballast::to_json(drained.decision.proposal, cluster),
                       ballast::to_json(drained.decision.plan, cluster, drained.decision.proposal.policy),
                       outcome_json);
}

// Marks the hosts first, so that nothing else fills them again, then moves what is on them.
Result<int> carry_out(LiveCluster& cluster, Execution& execution, const DrainOptions& options, const Drained& drained) {
    for (const std::string& host : options.hosts) {
        if (Status ok = execution.journal()->drain(host, cluster.clock().unix_time_s()); !ok) {
            return tl::unexpected(ok.error());
        }
    }
    if (!drained.decision.plan.actions.empty()) {
        const auto report = execution.actuator()->carry_out(drained.decision.plan, drained.snapshot.cluster,
                                                            drained.decision.proposal.policy);
        if (!report) {
            note("the hosts stay drained until `ballast undrain`");
            return tl::unexpected(report.error());
        }
    }
    const int code = execution.report_outcome();
    const Result<Snapshot> after = cluster.observe(1, afterwards_s);
    if (!after) {
        note("the look afterwards: " + after.error().message + "; the hosts stay drained until `ballast undrain`");
        return code;
    }
    std::size_t left = 0;
    for (const std::string& name : options.hosts) {
        const auto host = after->cluster.inventory().find_host(name);
        const std::string doubt =
            host ? doubt_about(after->cluster, *host) : std::string("it is not configured any more");
        if (!doubt.empty()) {
            note(name + ": " + doubt);
            ++left;
            continue;
        }
        const std::size_t vms = after->cluster.vms_on(*host).size();
        left += vms;
        note(vms == 0 ? name + " is empty, and nothing moves to it until `ballast undrain " + name + "`"
                      : fmt::format("{} still has {} VMs; `ballast drain {}` goes on", name, vms, name));
    }
    return code == 0 && left > 0 ? exit_code(ErrorKind::partial) : code;
}

Result<int> run_drain(const DrainOptions& options, const CommonOptions& common) {
    const Result<Mode> mode = parse_mode(options.mode);
    if (!mode) return tl::unexpected(mode.error());
    Result<std::unique_ptr<LiveCluster>> cluster = LiveCluster::open(common.config_path);
    if (!cluster) return tl::unexpected(cluster.error());
    if (Status known = (*cluster)->check_names(options.hosts); !known) return tl::unexpected(known.error());
    Result<std::unique_ptr<Execution>> execution = Execution::open(**cluster, nullptr, *mode == Mode::advise);
    if (!execution) return tl::unexpected(execution.error());
    const Result<Drained> drained = decide_drain(**cluster, options, common);
    if (!drained) return tl::unexpected(drained.error());
    const Snapshot& snapshot = drained->snapshot;
    const bool all_seen = report_problems(snapshot);
    static_cast<void>(
        print_for_people(drained->answer.text + "\n" + show_plan(drained->decision.plan, snapshot.cluster) + "\n" +
                             show_stays(drained->decision.proposal, snapshot.cluster, common.verbose) + "\n",
                         common.json));

    Result<int> code = 0;
    if (!drained->answer.whole && !options.partial) {
        note("nothing was done: not every VM can leave; see why above. --partial moves those that can");
        code = exit_code(ErrorKind::refused);
    } else if (*mode == Mode::advise) {
        note("mode advise: nothing was done. To drain: --mode confirm or --mode auto");
    } else if (*mode == Mode::confirm && !ask_on_terminal()) {
        note("nothing was done");
    } else {
        code = carry_out(**cluster, **execution, options, *drained);
        if (!code) return code;
    }
    if (*code == 0 && !all_seen) code = exit_code(ErrorKind::unreachable);
    if (common.json) {
        const std::string outcome = (*execution)->outcome_json(snapshot.cluster, drained->decision.plan);
        if (Status ok = print(to_json(*drained, outcome)); !ok) return tl::unexpected(ok.error());
    }
    return code;
}

Result<int> run_undrain(const std::vector<std::string>& hosts, const CommonOptions& common) {
    Result<std::unique_ptr<LiveCluster>> cluster = LiveCluster::open(common.config_path);
    if (!cluster) return tl::unexpected(cluster.error());
    Result<std::unique_ptr<SqliteJournal>> journal = (*cluster)->journal_for_writing();
    if (!journal) return tl::unexpected(journal.error());
    const auto drained = (*journal)->drained_hosts();
    if (!drained) return tl::unexpected(drained.error());
    // A host that has left the configuration can be given back as well.
    for (const std::string& host : hosts) {
        if (std::any_of(drained->begin(), drained->end(), [&](const auto& d) { return d.name == host; })) continue;
        if (Status known = (*cluster)->check_names({host}); !known) return tl::unexpected(known.error());
    }
    std::string text;
    nlohmann::ordered_json given_back = nlohmann::ordered_json::array();
    for (const std::string& host : hosts) {
        const Result<bool> was = (*journal)->undrain(host);
        if (!was) return tl::unexpected(was.error());
        text += host + (*was ? " may take VMs again\n" : " was not drained; nothing changed\n");
        if (*was) given_back.push_back(host);
    }
    if (Status ok = print_for_people(text, common.json); !ok) return tl::unexpected(ok.error());
    if (!common.json) return 0;
    const nlohmann::ordered_json document = {{"undrained", given_back}};
    const std::string line = document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    if (Status ok = print(line); !ok) return tl::unexpected(ok.error());
    return 0;
}

}  // namespace

void declare_drain(CLI::App& app, CommonOptions& common, CommandAction& selected) {
    auto options = std::make_shared<DrainOptions>();
    CLI::App* command = app.add_subcommand("drain", "Empty hosts for maintenance, and keep them empty");
    command->add_option("hosts", options->hosts, "Hosts to empty, by name")->required();
    command->add_option("--mode", options->mode, "advise: only say whether it can be done; confirm: ask; auto: do it")
        ->capture_default_str();
    command->add_flag("--partial", options->partial, "Move what can leave even if something cannot");
    command->add_option("--policy", options->policy, "drain:fill=0.9,memory=1,moves=1000, to fill others more or less");
    add_common_options(*command, common);
    command->footer(
        "Says first whether every VM can leave, to where, and what is in the way of each that cannot; every rule is\n"
        "kept. Without --partial it is all or nothing (exit code 3). A drained host takes no VM, from any command,\n"
        "until `ballast undrain HOST`; that survives restarts. Run it again to go on after an interruption.\n"
        "It needs the journal for itself: stop a `ballast run --mode auto` first.\n"
        "Example: `ballast drain h3`, then `ballast drain h3 --mode auto`.");
    command->callback(
        [options, &common, &selected] { selected = [options, &common] { return run_drain(*options, common); }; });
}

void declare_undrain(CLI::App& app, CommonOptions& common, CommandAction& selected) {
    auto hosts = std::make_shared<std::vector<std::string>>();
    CLI::App* command = app.add_subcommand("undrain", "Give drained hosts back: they may take VMs again");
    command->add_option("hosts", *hosts, "Hosts to give back, by name")->required();
    add_common_options(*command, common);
    command->footer("Moves nothing back by itself: the next decisions see the host as one among the others.");
    command->callback(
        [hosts, &common, &selected] { selected = [hosts, &common] { return run_undrain(*hosts, common); }; });
}

}  // namespace ballast
