// SPDX-License-Identifier: Apache-2.0
#include "core/io/json.hpp"
#include "core/io/reason_json.hpp"

namespace ballast {

namespace json {

Json write(const Reason& reason, const Cluster& cluster) {
    Json json = {{"code", name(reason.code)},
                 {"text", describe(reason, cluster)},
                 {"resource", name(reason.resource)},
                 {"value", reason.value},
                 {"limit", reason.limit}};
    if (reason.host.valid()) json["host"] = cluster.spec(reason.host).name;
    if (reason.vm.valid()) json["vm"] = cluster.spec(reason.vm).name;
    if (reason.rule.valid()) json["rule"] = cluster.rule(reason.rule).name;
    return json;
}

Reason read_reason(const Node& node, const Cluster& cluster) {
    Reason reason;
    const auto code = find_reason_code(node.at("code").text());
    if (!code) node.at("code").error("an unknown reason");
    reason.code = *code;
    const Resource resources[] = {Resource::cpu, Resource::memory, Resource::network, Resource::disk_io};
    reason.resource = one_of(node.at("resource"), resources);
    reason.value = node.at("value").number();
    reason.limit = node.at("limit").number();
    if (node.has("host")) reason.host = cluster.inventory().find_host(node.at("host").text()).value_or(HostId());
    if (node.has("vm")) reason.vm = cluster.inventory().find_vm(node.at("vm").text()).value_or(VmId());
    if (node.has("rule")) {
        const std::string rule = node.at("rule").text();
        const auto rules = cluster.inventory().rules();
        for (std::size_t i = 0; i < rules.size(); ++i) {
            if (rules[i].name == rule) reason.rule = RuleId(i);
        }
    }
    return reason;
}

}  // namespace json

namespace {

using json::Json;

Json write(const Move& move, const Cluster& cluster) {
    return {{"vm", cluster.spec(move.vm).name},
            {"from", cluster.spec(move.from).name},
            {"to", cluster.spec(move.to).name},
            {"reason", json::write(move.reason, cluster)},
            {"relief_mhz", move.relief_mhz},
            {"saved_watts", move.saved_watts},
            {"cost",
             {{"duration_s", move.cost.duration_s}, {"downtime_s", move.cost.downtime_s}, {"bytes", move.cost.bytes}}}};
}

}  // namespace

std::string to_json(const Proposal& proposal, const Cluster& cluster) {
    Json moves = Json::array();
    for (const Move& move : proposal.moves) moves.push_back(write(move, cluster));
    Json stays = Json::array();
    for (const Stay& stay : proposal.stays) {
        Json item = {{"vm", cluster.spec(stay.vm).name}, {"reason", json::write(stay.reason, cluster)}};
        if (stay.best.valid()) item["best"] = cluster.spec(stay.best).name;
        stays.push_back(std::move(item));
    }
    Json hosts = Json::array();
    for (const HostVerdict& verdict : proposal.hosts) {
        hosts.push_back({{"host", cluster.spec(verdict.host).name},
                         {"action", name(verdict.action)},
                         {"reason", json::write(verdict.reason, cluster)}});
    }
    const Json document = {{"policy", proposal.policy}, {"moves", moves}, {"stays", stays}, {"hosts", hosts}};
    return json::dump(document) + "\n";
}

}  // namespace ballast
