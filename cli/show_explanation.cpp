// SPDX-License-Identifier: Apache-2.0
#include "cli/show_explanation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "cli/show.hpp"
#include "cli/text_table.hpp"

namespace ballast {

namespace {

constexpr std::size_t candidates_max = 5;
constexpr std::size_t names_max = 8;

// "  label       text"
std::string line(std::string_view label, std::string_view text) { return fmt::format("  {:<12}{}\n", label, text); }

std::string load(const HostLoad& load) {
    return fmt::format("{} CPU, {} memory", percent(load.cpu), percent(load.memory));
}

template <typename Ids>
std::string names(const Ids& ids, const Cluster& cluster) {
    std::string text;
    for (const auto id : ids) text += (text.empty() ? "" : ", ") + cluster.spec(id).name;
    return text;
}

std::string why(VmId vm, const Reason& reason, const Cluster& cluster) {
    std::string text = describe(reason, cluster);
    const std::string& cannot = cluster.spec(vm).immovable_because;
    if (reason.code == ReasonCode::immovable && !cannot.empty()) text += ": " + cannot;
    return text;
}

std::string conditions(const std::vector<Condition>& conditions) {
    std::string text;
    for (std::size_t i = 0; i < conditions.size(); ++i) {
        text += line(i == 0 ? "otherwise" : "", (i == 0 ? "" : "or ") + conditions[i].text);
    }
    return text;
}

// Where it stands in the plan, and what it waits for.
std::string actions(const std::vector<ActionId>& ids, const Cluster& cluster, const Decision& decision) {
    std::string text;
    for (const ActionId id : ids) {
        const Action& action = decision.plan.actions[id.index()];
        std::string waits;
        for (const ActionId before : action.after) {
            waits += fmt::format("{}{} ({})", waits.empty() ? ", after " : ", ", before.index() + 1,
                                 action_in_words(decision.plan.actions[before.index()], cluster));
        }
        text += line("in the plan", fmt::format("{}: {}{}", id.index() + 1, action_in_words(action, cluster),
                                                waits.empty() ? ", at once" : waits));
    }
    return text;
}

std::string decision_of(const VmExplanation& e, const Cluster& cluster) {
    const std::string& from = cluster.spec(e.from).name;
    switch (e.standing) {
        case Standing::moves: return fmt::format("moves from {} to {}", from, cluster.spec(e.to).name);
        case Standing::left_out:
            return fmt::format("stays on {} for now: its move to {} is left out of the plan", from,
                               cluster.spec(e.to).name);
        case Standing::stays: return "stays on " + from;
    }
    return {};
}

std::string rules(const VmExplanation& e, const Cluster& cluster) {
    std::string text;
    for (const RuleId id : e.rules) {
        const Rule& rule = cluster.rule(id);
        text += fmt::format("{}\"{}\" ({})", text.empty() ? "" : ", ", rule.name, name(rule.kind));
    }
    return text;
}

std::string about(const VmExplanation& e, const Cluster& cluster) {
    const VmSpec& spec = cluster.spec(e.vm);
    std::string text = fmt::format("{} vCPU{}, needs {:.0f} MHz, {} memory", spec.vcpus, spec.vcpus == 1 ? "" : "s",
                                   cluster.cpu_mhz(e.vm), bytes_in_words(spec.memory_bytes));
    text += e.last_move_s ? fmt::format("; moved {:.0f} s ago", *e.last_move_s) : "; not known to have moved";
    return text;
}

std::string benefit(const VmExplanation& e) {
    if (e.relief_mhz > 0.0) return fmt::format("; takes {:.0f} MHz of the overload off its host", e.relief_mhz);
    if (e.saved_watts > 0.0) return fmt::format("; its share of the saving is {:.1f} W", e.saved_watts);
    return {};
}

// "resource-fit memory", "pinned", "could take it"
std::string group_name(const Candidate& candidate) {
    if (!candidate.refusal) return "could take it";
    const Reason& reason = *candidate.refusal;
    if (reason.code != ReasonCode::resource_fit) return std::string(name(reason.code));
    return fmt::format("{} {}", name(reason.code), name(reason.resource));
}

std::string rest_of(const std::vector<Candidate>& candidates) {
    std::map<std::string, std::size_t> counts;
    for (std::size_t i = candidates_max; i < candidates.size(); ++i) ++counts[group_name(candidates[i])];
    std::string text;
    for (const auto& [what, count] : counts) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, what);
    const std::size_t others = candidates.size() - candidates_max;
    return fmt::format("  and {} other{}: {}\n", others, others == 1 ? "" : "s", text);
}

std::string alternative(const VmExplanation& e, const Cluster& cluster) {
    const auto best = std::find_if(e.candidates.begin(), e.candidates.end(),
                                   [&](const Candidate& c) { return c.host == e.best_alternative; });
    return cluster.spec(e.best_alternative).name + (best->refusal ? ", nearest to a yes" : ", could take it");
}

std::string candidate_table(const VmExplanation& e, const Cluster& cluster) {
    TextTable table({{"  OTHER HOST"}, {"CPU WITH IT", Align::right}, {"MEMORY", Align::right}, {"VERDICT"}});
    for (std::size_t i = 0; i < e.candidates.size() && i < candidates_max; ++i) {
        const Candidate& c = e.candidates[i];
        std::string verdict = c.host == e.to ? "it goes there" : "could take it";
        if (c.idle) verdict += ", but carries nothing: to empty one host into it gains nothing";
        if (c.refusal) verdict = describe(*c.refusal, cluster);
        if (c.refusal && c.refusal->code == ReasonCode::sleep_empty) verdict = "it goes to sleep: " + verdict;
        table.add_row({"  " + cluster.spec(c.host).name, percent(c.with_it.cpu), percent(c.with_it.memory), verdict});
    }
    return table.render() + (e.candidates.size() > candidates_max ? rest_of(e.candidates) : std::string());
}

std::string state_in_words(const Cluster& cluster, HostId host) {
    const HostState& state = cluster.state(host);
    std::string text(name(state.power));
    if (!state.reachable) text += ", does not answer";
    if (state.maintenance) text += ", in maintenance";
    return text;
}

std::string decision_of(const HostExplanation& e) {
    switch (e.action) {
        case HostAction::wake: return "is woken";
        case HostAction::sleep: return "goes to sleep";
        case HostAction::none: return "is left as it is";
    }
    return {};
}

std::string distances(const HostExplanation& e) {
    std::string text;
    if (e.to_hot_mhz) {
        text += fmt::format("{:.0f} MHz of CPU {} being hot", std::abs(*e.to_hot_mhz),
                            *e.to_hot_mhz < 0.0 ? "above" : "below");
    }
    if (e.to_empty_mhz) {
        text += fmt::format("{}{:.0f} MHz of CPU {} where it is worth emptying", text.empty() ? "" : ", ",
                            std::abs(*e.to_empty_mhz), *e.to_empty_mhz < 0.0 ? "below" : "above");
    }
    return text;
}

std::string outcome_in_words(const VmOutcome& outcome, const Cluster& cluster) {
    switch (outcome.standing) {
        case Standing::moves: return "moves to " + cluster.spec(outcome.to).name;
        case Standing::left_out: return "left out";
        case Standing::stays: return "stays";
    }
    return {};
}

std::string header(const VmsAlike& group) {
    const bool one = group.vms.size() == 1;
    const char* verb = one ? "stays" : "stay";
    if (group.standing == Standing::moves) verb = one ? "moves" : "move";
    if (group.standing == Standing::left_out) verb = one ? "is left out of the plan" : "are left out of the plan";
    return fmt::format("{} VM{} {}: {} ({})\n", group.vms.size(), one ? "" : "s", verb, in_general(group.code),
                       name(group.code));
}

std::string header(const HostsAlike& group) {
    const bool one = group.hosts.size() == 1;
    const char* verb = one ? "is left as it is" : "are left as they are";
    if (group.action == HostAction::wake) verb = one ? "is woken" : "are woken";
    if (group.action == HostAction::sleep) verb = one ? "goes to sleep" : "go to sleep";
    return fmt::format("{} host{} {}: {} ({})\n", group.hosts.size(), one ? "" : "s", verb, in_general(group.code),
                       name(group.code));
}

template <typename Ids>
std::string first_names(const Ids& ids, const Cluster& cluster) {
    std::string text = "   ";
    for (std::size_t i = 0; i < ids.size() && i < names_max; ++i) text += " " + cluster.spec(ids[i]).name;
    return text + (ids.size() > names_max ? " …\n" : "\n");
}

std::string vm_lines(const VmsAlike& group, const Explainer& explainer, const Cluster& cluster) {
    TextTable table({{"    VM"}, {"ON"}, {"TO"}, {"WHY"}});
    for (const VmId vm : group.vms) {
        const VmOutcome outcome = explainer.outcome(vm);
        table.add_row({"    " + cluster.spec(vm).name, cluster.spec(cluster.state(vm).host).name,
                       outcome.to.valid() ? cluster.spec(outcome.to).name : "-", why(vm, outcome.reason, cluster)});
    }
    return table.render();
}

std::string host_lines(const HostsAlike& group, const Cluster& cluster, const Decision& decision) {
    TextTable table({{"    HOST"}, {"WHY"}});
    for (const HostId host : group.hosts) {
        table.add_row(
            {"    " + cluster.spec(host).name, describe(decision.proposal.hosts[host.index()].reason, cluster)});
    }
    return table.render();
}

}  // namespace

std::string show(const VmExplanation& e, const Cluster& cluster, const Decision& decision) {
    std::string text = "VM " + cluster.spec(e.vm).name + " " + decision_of(e, cluster) + "\n";
    text += line("why", why(e.vm, e.reason, cluster));
    text += conditions(e.would_change);
    text += actions(e.actions, cluster, decision);
    text += line("VM", about(e, cluster));
    if (!e.moves_with.empty()) text += line("moves with", names(e.moves_with, cluster));
    if (!e.rules.empty()) text += line("rules", rules(e, cluster));
    text += line("its host", fmt::format("{}: {}; planned after this decision: {}", cluster.spec(e.from).name,
                                         load(e.host_now), load(e.host_after)));
    text += line("a move", fmt::format("{:.0f} s, {} over the network, {:.0f} ms down{}", e.cost.duration_s,
                                       bytes_in_words(e.cost.bytes), e.cost.downtime_s * 1000.0, benefit(e)));
    if (e.best_alternative.valid()) text += line("alternative", alternative(e, cluster));
    return text + (e.candidates.empty() ? "  there is no other host\n" : candidate_table(e, cluster));
}

std::string show(const HostExplanation& e, const Cluster& cluster, const Decision& decision) {
    std::string text = "host " + cluster.spec(e.host).name + " " + decision_of(e) + "\n";
    text += line("why", describe(e.reason, cluster));
    text += conditions(e.would_change);
    text += actions(e.actions, cluster, decision);
    text += line("state", state_in_words(cluster, e.host));
    text += line("load", fmt::format("{}; planned after this decision: {}", load(e.now), load(e.after)));
    if (const std::string far = distances(e); !far.empty()) text += line("levels", far);
    if (e.watts_now) text += line("power", fmt::format("{:.0f} W now, {:.0f} W asleep", *e.watts_now, *e.asleep_watts));
    if (!e.arriving.empty()) text += line("arriving", names(e.arriving, cluster));
    if (e.vms.empty()) return text + line("VMs", "none");
    TextTable table({{"  ITS VMS"}, {"DECISION"}, {"WHY"}});
    for (const VmOutcome& outcome : e.vms) {
        table.add_row({"  " + cluster.spec(outcome.vm).name, outcome_in_words(outcome, cluster),
                       why(outcome.vm, outcome.reason, cluster)});
    }
    return text + table.render();
}

std::string show_groups(const Explainer& explainer, const Cluster& cluster, const Decision& decision, bool every_one) {
    std::string text;
    for (const VmsAlike& group : group_vms(explainer, cluster)) {
        text += header(group);
        text += every_one ? vm_lines(group, explainer, cluster) : first_names(group.vms, cluster);
    }
    for (const HostsAlike& group : group_hosts(decision)) {
        text += header(group);
        text += every_one ? host_lines(group, cluster, decision) : first_names(group.hosts, cluster);
    }
    return text;
}

}  // namespace ballast
