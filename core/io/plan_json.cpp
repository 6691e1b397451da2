// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/io/json.hpp"
#include "core/io/json_reader.hpp"
#include "core/io/reason_json.hpp"

namespace ballast {

namespace {

using json::Json;
using json::Node;

constexpr ActionKind action_kinds[] = {ActionKind::migrate, ActionKind::power_on, ActionKind::power_off};
constexpr std::size_t actions_limit = 20'000;

// A well-formed plan that does not belong to this cluster: refused, not a usage error.
struct Misfit {
    std::string message;
};

HostId resolve_host(const Node& node, const Cluster& cluster) {
    const std::string host = node.text();
    const auto id = cluster.inventory().find_host(host);
    if (!id) throw Misfit{"the plan names the host \"" + host + "\", which is not in this cluster"};
    return *id;
}

VmId resolve_vm(const Node& action, const Cluster& cluster) {
    const std::string vm = action.at("vm").text();
    const auto id = cluster.inventory().find_vm(vm);
    if (!id) throw Misfit{"the plan names the VM \"" + vm + "\", which is not running in this cluster"};
    if (action.at("uuid").text() != cluster.spec(*id).uuid) {
        throw Misfit{"the plan's VM \"" + vm + "\" has another UUID than the VM of that name in this cluster"};
    }
    return *id;
}

Json write(const Action& action, std::size_t id, const Cluster& cluster) {
    Json json = {{"id", id}, {"kind", name(action.kind)}};
    if (action.kind == ActionKind::migrate) {
        json["vm"] = cluster.spec(action.vm).name;
        json["uuid"] = cluster.spec(action.vm).uuid;
        json["from"] = cluster.spec(action.from).name;
    }
    json["host"] = cluster.spec(action.host).name;
    json["after"] = Json::array();
    for (const ActionId before : action.after) json["after"].push_back(before.index());
    json["reason"] = json::write(action.reason, cluster);
    if (action.kind == ActionKind::migrate) {
        json["predicted"] = {{"duration_s", action.cost.duration_s},
                             {"downtime_s", action.cost.downtime_s},
                             {"bytes", action.cost.bytes}};
    }
    return json;
}

std::vector<ActionId> read_after(const Node& node, std::size_t own_id) {
    std::vector<ActionId> after;
    for (const Node& item : node.items()) {
        const std::uint64_t id = item.whole();
        if (id >= own_id) item.error("an action can only wait for one that comes before it");
        after.emplace_back(id);
    }
    std::sort(after.begin(), after.end());
    return after;
}

Action read_action(const Node& node, std::size_t id, const Cluster& cluster) {
    if (node.at("id").whole() != id) node.at("id").error("actions are numbered from 0 in order");
    Action action;
    action.kind = json::one_of(node.at("kind"), action_kinds);
    action.host = resolve_host(node.at("host"), cluster);
    action.after = read_after(node.at("after"), id);
    action.reason = json::read_reason(node.at("reason"), cluster);
    if (action.kind == ActionKind::migrate) {
        action.vm = resolve_vm(node, cluster);
        action.from = resolve_host(node.at("from"), cluster);
        const Node predicted = node.at("predicted");
        action.cost = {predicted.at("duration_s").number(), predicted.at("bytes").number(),
                       predicted.at("downtime_s").number()};
    }
    return action;
}

NamedPlan read_plan(const Node& root, const Cluster& cluster) {
    json::check_format(root, "ballast-plan");
    NamedPlan named{root.at("policy").text(), {}};
    const std::vector<Node> actions = root.at("actions").items();
    if (actions.size() > actions_limit) root.at("actions").error("too many actions");
    for (std::size_t i = 0; i < actions.size(); ++i) named.plan.actions.push_back(read_action(actions[i], i, cluster));
    return named;
}

}  // namespace

std::string to_json(const Plan& plan, const Cluster& cluster, std::string_view policy) {
    Json actions = Json::array();
    for (std::size_t i = 0; i < plan.actions.size(); ++i) actions.push_back(write(plan.actions[i], i, cluster));
    Json left_out = Json::array();
    for (const Stay& stay : plan.left_out) {
        left_out.push_back({{"vm", cluster.spec(stay.vm).name}, {"reason", json::write(stay.reason, cluster)}});
    }
    const Json document = {
        {"format", "ballast-plan"}, {"version", 1}, {"policy", policy}, {"actions", actions}, {"left_out", left_out}};
    return json::dump(document) + "\n";
}

Result<NamedPlan> plan_from_json(std::string_view text, const Cluster& cluster) {
    try {
        return json::read_document<NamedPlan>(text, "plan", [&](const Node& root) { return read_plan(root, cluster); });
    } catch (const Misfit& misfit) {
        return fail(ErrorKind::refused, misfit.message + "; make a new plan with `ballast plan`");
    }
}

}  // namespace ballast
