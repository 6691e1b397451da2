// SPDX-License-Identifier: Apache-2.0
#include "cli/explain_json.hpp"

#include <optional>

#include "core/io/reason_json.hpp"

namespace ballast {

namespace {

using json::Json;

template <typename IdType>
Json name_or_null(IdType id, const Cluster& cluster) {
    return id.valid() ? Json(cluster.spec(id).name) : Json(nullptr);
}

template <typename Ids>
Json names(const Ids& ids, const Cluster& cluster) {
    Json list = Json::array();
    for (const auto id : ids) list.push_back(cluster.spec(id).name);
    return list;
}

Json number_or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

Json write(const HostLoad& load) { return {{"cpu", load.cpu}, {"memory", load.memory}}; }

Json write(const std::vector<Condition>& conditions) {
    Json list = Json::array();
    for (const Condition& condition : conditions) {
        Json item = {{"text", condition.text}};
        if (!condition.unit.empty()) {
            item["amount"] = condition.amount;
            item["unit"] = condition.unit;
        }
        list.push_back(std::move(item));
    }
    return list;
}

Json write(const std::vector<ActionId>& actions, const Decision& decision) {
    Json list = Json::array();
    for (const ActionId id : actions) {
        Json after = Json::array();
        for (const ActionId before : decision.plan.actions[id.index()].after) after.push_back(before.index());
        list.push_back({{"id", id.index()}, {"after", std::move(after)}});
    }
    return list;
}

Json write(const Candidate& candidate, const Cluster& cluster) {
    return {{"host", cluster.spec(candidate.host).name},
            {"could_take_it", !candidate.refusal},
            {"idle", candidate.idle},
            {"with_it", write(candidate.with_it)},
            {"peak", candidate.peak},
            {"refusal", candidate.refusal ? json::write(*candidate.refusal, cluster) : Json(nullptr)}};
}

Json write_rules(const std::vector<RuleId>& rules, const Cluster& cluster) {
    Json list = Json::array();
    for (const RuleId id : rules) {
        list.push_back({{"name", cluster.rule(id).name}, {"kind", name(cluster.rule(id).kind)}});
    }
    return list;
}

Json write(const VmExplanation& e, const Cluster& cluster, const Decision& decision) {
    const VmSpec& spec = cluster.spec(e.vm);
    Json candidates = Json::array();
    for (const Candidate& candidate : e.candidates) candidates.push_back(write(candidate, cluster));
    return {{"vm", spec.name},
            {"uuid", spec.uuid},
            {"decision", name(e.standing)},
            {"host", cluster.spec(e.from).name},
            {"to", name_or_null(e.to, cluster)},
            {"reason", json::write(e.reason, cluster)},
            {"would_change", write(e.would_change)},
            {"actions", write(e.actions, decision)},
            {"vcpus", spec.vcpus},
            {"cpu_mhz", cluster.cpu_mhz(e.vm)},
            {"memory_bytes", spec.memory_bytes},
            {"last_move_age_s", number_or_null(e.last_move_s)},
            {"moves_with", names(e.moves_with, cluster)},
            {"rules", write_rules(e.rules, cluster)},
            {"host_now", write(e.host_now)},
            {"host_after", write(e.host_after)},
            {"cost", {{"duration_s", e.cost.duration_s}, {"downtime_s", e.cost.downtime_s}, {"bytes", e.cost.bytes}}},
            {"benefit", {{"relief_mhz", e.relief_mhz}, {"saved_watts", e.saved_watts}}},
            {"best_alternative", name_or_null(e.best_alternative, cluster)},
            {"candidates", std::move(candidates)}};
}

Json write(const HostExplanation& e, const Cluster& cluster, const Decision& decision) {
    const HostState& state = cluster.state(e.host);
    Json vms = Json::array();
    for (const VmOutcome& outcome : e.vms) {
        vms.push_back({{"vm", cluster.spec(outcome.vm).name},
                       {"decision", name(outcome.standing)},
                       {"to", name_or_null(outcome.to, cluster)},
                       {"reason", json::write(outcome.reason, cluster)}});
    }
    return {{"host", cluster.spec(e.host).name},
            {"decision", name(e.action)},
            {"reason", json::write(e.reason, cluster)},
            {"would_change", write(e.would_change)},
            {"actions", write(e.actions, decision)},
            {"power", name(state.power)},
            {"reachable", state.reachable},
            {"maintenance", state.maintenance},
            {"now", write(e.now)},
            {"after", write(e.after)},
            {"watts_now", number_or_null(e.watts_now)},
            {"watts_asleep", number_or_null(e.asleep_watts)},
            {"to_hot_mhz", number_or_null(e.to_hot_mhz)},
            {"to_empty_mhz", number_or_null(e.to_empty_mhz)},
            {"vms", std::move(vms)},
            {"arriving", names(e.arriving, cluster)}};
}

Json document(const Decision& decision) {
    return {{"format", "ballast-explanation"}, {"version", 1}, {"policy", decision.proposal.policy}};
}

}  // namespace

std::string to_json(const std::vector<VmExplanation>& vms, const std::vector<HostExplanation>& hosts,
                    const Cluster& cluster, const Decision& decision) {
    Json result = document(decision);
    result["vms"] = Json::array();
    for (const VmExplanation& vm : vms) result["vms"].push_back(write(vm, cluster, decision));
    result["hosts"] = Json::array();
    for (const HostExplanation& host : hosts) result["hosts"].push_back(write(host, cluster, decision));
    return json::dump(result) + "\n";
}

std::string to_json(const std::vector<VmsAlike>& vms, const std::vector<HostsAlike>& hosts, const Cluster& cluster,
                    const Decision& decision) {
    Json result = document(decision);
    result["vm_groups"] = Json::array();
    for (const VmsAlike& group : vms) {
        result["vm_groups"].push_back({{"decision", name(group.standing)},
                                       {"code", name(group.code)},
                                       {"text", in_general(group.code)},
                                       {"count", group.vms.size()},
                                       {"vms", names(group.vms, cluster)}});
    }
    result["host_groups"] = Json::array();
    for (const HostsAlike& group : hosts) {
        result["host_groups"].push_back({{"decision", name(group.action)},
                                         {"code", name(group.code)},
                                         {"text", in_general(group.code)},
                                         {"count", group.hosts.size()},
                                         {"hosts", names(group.hosts, cluster)}});
    }
    return json::dump(result) + "\n";
}

}  // namespace ballast
