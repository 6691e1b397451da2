// SPDX-License-Identifier: Apache-2.0
#include "cli/show.hpp"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "cli/text_table.hpp"

namespace ballast {

namespace {

constexpr std::size_t names_max = 8;  // of VMs in a cell

std::string host_state_in_words(const Cluster& cluster, HostId id) {
    const HostState& state = cluster.state(id);
    if (!state.reachable) return "unreachable";
    if (state.maintenance) return "maintenance";
    return std::string(name(state.power));
}

std::string vm_names(const Cluster& cluster, HostId id) {
    const auto vms = cluster.vms_on(id);
    std::string text;
    for (std::size_t i = 0; i < vms.size() && i < names_max; ++i) {
        text += (i == 0 ? "" : " ") + cluster.spec(vms[i]).name;
    }
    if (vms.size() > names_max) text += fmt::format(" … ({})", vms.size());
    return vms.empty() ? "-" : text;
}

std::string after_in_words(const Action& action) {
    if (action.after.empty()) return "";
    std::string text = "after ";
    for (std::size_t i = 0; i < action.after.size(); ++i) {
        text += fmt::format("{}{}", i == 0 ? "" : ", ", action.after[i].index() + 1);
    }
    return text;
}

}  // namespace

std::string action_in_words(const Action& action, const Cluster& cluster) {
    const std::string& host = cluster.spec(action.host).name;
    if (action.kind != ActionKind::migrate) return fmt::format("{} {}", name(action.kind), host);
    return fmt::format("migrate {}  {} -> {}", cluster.spec(action.vm).name, cluster.spec(action.from).name, host);
}

std::string show_hosts(const Snapshot& snapshot) {
    const Cluster& cluster = snapshot.cluster;
    TextTable table(
        {{"HOST"}, {"STATE"}, {"CPU", Align::right}, {"CPU MHz", Align::right}, {"MEMORY", Align::right}, {"VMS"}});
    for (std::size_t h = 0; h < cluster.host_count(); ++h) {
        const HostId id(h);
        const ResourceVector& used = cluster.used(id);
        const ResourceVector usable = cluster.usable(id);
        if (!cluster.state(id).reachable) {
            table.add_row({cluster.spec(id).name, host_state_in_words(cluster, id), "-", "-", "-", "-"});
            continue;
        }
        table.add_row(
            {cluster.spec(id).name, host_state_in_words(cluster, id), percent(cluster.cpu_utilisation(id)),
             fmt::format("{:.0f} of {:.0f}", used.cpu_mhz(), usable.cpu_mhz()),
             fmt::format("{} of {}", bytes_in_words(used.memory_bytes()), bytes_in_words(usable.memory_bytes())),
             vm_names(cluster, id)});
    }
    return table.render();
}

std::string show_vms(const Snapshot& snapshot) {
    const Cluster& cluster = snapshot.cluster;
    TextTable table({{"VM"}, {"HOST"}, {"CPU MHz", Align::right}, {"MEMORY", Align::right}, {"NOTE"}});
    for (std::size_t v = 0; v < cluster.vm_count(); ++v) {
        const VmId id(v);
        const VmState& state = cluster.state(id);
        std::string remark = cluster.spec(id).immovable_because;
        if (remark.empty() && !state.sampled) remark = "no fresh sample";
        table.add_row({cluster.spec(id).name, cluster.spec(state.host).name,
                       state.sampled ? fixed(state.demand.cpu_mhz(), 0) : "-",
                       bytes_in_words(cluster.spec(id).memory_bytes), remark});
    }
    return table.render();
}

std::string show_plan(const Plan& plan, const Cluster& cluster) {
    std::string text;
    if (plan.actions.empty()) text = "Nothing is to be done.\n";
    TextTable table({{"#", Align::right}, {"ACTION"}, {"WHY"}, {"EXPECTED"}, {"ORDER"}});
    for (std::size_t a = 0; a < plan.actions.size(); ++a) {
        const Action& action = plan.actions[a];
        const bool migrate = action.kind == ActionKind::migrate;
        table.add_row({fmt::format("{}", a + 1), action_in_words(action, cluster), describe(action.reason, cluster),
                       migrate ? fmt::format("{:.0f} s, {}, {:.0f} ms down", action.cost.duration_s,
                                             bytes_in_words(action.cost.bytes), action.cost.downtime_s * 1000.0)
                               : std::string(),
                       after_in_words(action)});
    }
    if (!plan.actions.empty()) text += table.render();
    for (const Stay& stay : plan.left_out) {
        text += fmt::format("left out: {}: {}\n", cluster.spec(stay.vm).name, describe(stay.reason, cluster));
    }
    return text;
}

std::string show_stays(const Proposal& proposal, const Cluster& cluster, bool every_vm) {
    // (host, reason in words) in order of first appearance -> the VMs it holds for
    std::vector<std::pair<std::pair<HostId, std::string>, std::vector<VmId>>> groups;
    std::map<std::pair<HostId, std::string>, std::size_t> index;
    for (const Stay& stay : proposal.stays) {
        std::string why = describe(stay.reason, cluster);
        const std::string& cannot = cluster.spec(stay.vm).immovable_because;
        if (stay.reason.code == ReasonCode::immovable && !cannot.empty()) why += ": " + cannot;
        const std::pair key(cluster.state(stay.vm).host, why);
        const auto [at, is_new] = index.emplace(key, groups.size());
        if (is_new || every_vm) groups.push_back({key, {}});
        groups[every_vm ? groups.size() - 1 : at->second].second.push_back(stay.vm);
    }
    TextTable table({{"STAYS"}, {"ON"}, {"WHY"}});
    for (const auto& [key, vms] : groups) {
        const std::string who = vms.size() == 1 ? cluster.spec(vms.front()).name : fmt::format("{} VMs", vms.size());
        table.add_row({who, cluster.spec(key.first).name, key.second});
    }
    std::string text = groups.empty() ? "" : table.render();
    for (const HostVerdict& verdict : proposal.hosts) {
        const bool worth_saying = verdict.action != HostAction::none ||
                                  verdict.reason.code == ReasonCode::no_power_control ||
                                  verdict.reason.code == ReasonCode::stays_headroom;
        if (worth_saying || every_vm) {
            text += fmt::format("host {}: {}\n", cluster.spec(verdict.host).name, describe(verdict.reason, cluster));
        }
    }
    return text;
}

}  // namespace ballast
