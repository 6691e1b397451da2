// SPDX-License-Identifier: Apache-2.0
// `ballast check`: pre-flight of the whole cluster. Who can move where, and why not.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "cli/check_matrix.hpp"
#include "cli/command.hpp"
#include "cli/find_named.hpp"
#include "cli/live.hpp"
#include "cli/output.hpp"
#include "executor/libvirt/cluster_preflight.hpp"
#include "executor/migration_class.hpp"
#include "scheduler/feasibility.hpp"

namespace ballast {

namespace {

constexpr double check_interval_s = 1.0;  // between the two looks that make a sample of the load

constexpr const char* footer =
    "Names of VMs choose rows, names of hosts the destinations that are looked at.\n"
    "Marks: here, yes, warn (it can move, and there is something to know), no, ? (the host or VM could not be read).\n"
    "A \"no\" comes from planning (rules, capacities, the load of the moment) or from pre-flight (what libvirt says "
    "of\n"
    "CPU, machine, networks, storage, devices …); the numbers lead to the reasons and to what to do. Nothing is "
    "changed.\n"
    "Examples: can everything move?          ballast check\n"
    "          what could go to a new host?  ballast check h7\n"
    "          one move, for a script        ballast check web h7 --json\n"
    "Exit codes: 0 every VM can move somewhere; 3 some VM cannot; 2 a host or VM could not be read.\n"
    "docs/preflight.md lists all codes, and what cannot be checked.";

// Put to sleep, or on its way: it cannot be asked, and that is no problem.
bool is_off(const Cluster& cluster, HostId host) { return cluster.state(host).power != PowerState::on; }

// Without names all VMs, and all hosts but those that are off.
Result<Named> choose(const std::vector<std::string>& names, const Cluster& cluster) {
    const Inventory& inventory = cluster.inventory();
    Result<Named> named = find_named(names, inventory, "`ballast status -v`");
    if (!named) return named;
    Named chosen = std::move(*named);
    if (chosen.vms.empty()) {
        for (std::size_t v = 0; v < inventory.vms().size(); ++v) chosen.vms.emplace_back(v);
    }
    if (chosen.hosts.empty()) {
        for (std::size_t h = 0; h < inventory.hosts().size(); ++h) {
            if (!is_off(cluster, HostId(h))) chosen.hosts.emplace_back(h);
        }
    }
    return chosen;
}

// The pre-flight of what was chosen. Hosts that did not answer when the cluster was looked at are not asked again.
class ChosenPreflight {
  public:
    ChosenPreflight(const Snapshot& snapshot, const Named& chosen, const RunOptions& run) : cluster_(snapshot.cluster) {
        std::vector<HostEndpoint> hosts;
        std::map<HostId, bool> wanted;
        for (const HostId host : chosen.hosts) wanted[host] = true;
        for (const VmId vm : chosen.vms) wanted[cluster_.state(vm).host] = true;
        for (const auto& [host, is_wanted] : wanted) {
            const HostSpec& spec = cluster_.spec(host);
            if (!cluster_.state(host).reachable || is_off(cluster_, host)) continue;
            host_index_.emplace(host, hosts.size());
            hosts.push_back({spec.name, spec.uri, spec.migration_address});
        }
        std::vector<ClusterVm> vms;
        for (const VmId vm : chosen.vms) {
            const auto source = host_index_.find(cluster_.state(vm).host);
            if (source == host_index_.end()) continue;
            vm_index_.emplace(vm, vms.size());
            const VmSpec& spec = cluster_.spec(vm);
            vms.push_back({{spec.name, spec.uuid}, source->second, control_for(spec, run.classes, run.migration)});
        }
        preflight_ =
            ClusterPreflight::read(std::move(hosts), std::move(vms), {}, timed_progress("checking hosts and VMs"));
        ProgressLine::clear();
    }

    // Why the move cannot be judged.
    [[nodiscard]] std::optional<std::string> not_read(VmId vm, HostId to) const {
        for (const HostId host : {cluster_.state(vm).host, to}) {
            const std::string& name = cluster_.spec(host).name;
            const auto index = host_index_.find(host);
            if (index == host_index_.end()) return name + (is_off(cluster_, host) ? " is off" : " does not answer");
            if (const Error* problem = preflight_.host_problem(index->second)) return name + ": " + problem->message;
        }
        const Error* problem = preflight_.vm_problem(vm_index_.at(vm));
        return problem == nullptr ? std::nullopt : std::optional(problem->message);
    }

    [[nodiscard]] std::vector<PreflightFinding> findings(VmId vm, HostId to) const {
        std::vector<PreflightFinding> all = preflight_.of_vm(vm_index_.at(vm));
        for (PreflightFinding& finding : preflight_.of_move(vm_index_.at(vm), host_index_.at(to))) {
            all.push_back(std::move(finding));
        }
        return all;
    }

  private:
    const Cluster& cluster_;
    std::map<HostId, std::size_t> host_index_;
    std::map<VmId, std::size_t> vm_index_;
    ClusterPreflight preflight_;
};

// What planning has against the move on its own: rules, capacities, demand. What happened before does not count.
class Planning {
  public:
    explicit Planning(const Cluster& cluster)
        : placement_(cluster), units_(cluster), feasibility_(cluster, placement_, units_) {}

    [[nodiscard]] std::optional<Reason> against(VmId vm, HostId to) const {
        if (auto refused = feasibility_.leaving(vm)) return refused;
        return feasibility_.arriving(units_.unit_of(vm), to, Level{});
    }

  private:
    Placement placement_;
    AffinityUnits units_;
    Feasibility feasibility_;
};

CheckMatrix fill(const Snapshot& snapshot, const Named& chosen, const RunOptions& run) {
    const ChosenPreflight preflight(snapshot, chosen, run);
    const Planning planning(snapshot.cluster);
    CheckMatrix matrix(snapshot.cluster, chosen.hosts);
    for (const VmId vm : chosen.vms) {
        std::vector<CheckCell> cells;
        for (const HostId host : chosen.hosts) {
            if (host == snapshot.cluster.state(vm).host) {
                cells.push_back(CheckMatrix::here());
            } else if (const auto why = preflight.not_read(vm, host)) {
                cells.push_back(matrix.not_read(*why));
            } else {
                cells.push_back(matrix.judged(planning.against(vm, host), preflight.findings(vm, host)));
            }
        }
        matrix.add_row(vm, std::move(cells));
    }
    return matrix;
}

Result<int> run_check(const std::vector<std::string>& names, const CommonOptions& common) {
    Result<std::unique_ptr<LiveCluster>> cluster = LiveCluster::open(common.config_path);
    if (!cluster) return tl::unexpected(cluster.error());
    const Result<Snapshot> snapshot = (*cluster)->observe(1, check_interval_s);
    if (!snapshot) return tl::unexpected(snapshot.error());
    const Result<Named> chosen = choose(names, snapshot->cluster);
    if (!chosen) return tl::unexpected(chosen.error());
    const CheckMatrix matrix = fill(*snapshot, *chosen, (*cluster)->config().run);
    if (Status ok = print_for_people(matrix.show(), common.json); !ok) return tl::unexpected(ok.error());
    if (common.json) {
        if (Status ok = print(matrix.json()); !ok) return tl::unexpected(ok.error());
    }
    const bool all_seen = report_problems(*snapshot) && matrix.all_read();
    if (!all_seen) return exit_code(ErrorKind::unreachable);
    return matrix.stuck().empty() ? 0 : exit_code(ErrorKind::refused);
}

}  // namespace

void declare_check(CLI::App& app, CommonOptions& common, CommandAction& selected) {
    auto names = std::make_shared<std::vector<std::string>>();
    CLI::App* command = app.add_subcommand("check", "Who can move where, and why not: pre-flight of the whole cluster");
    command->add_option("name", *names, "VMs and hosts to check; none: all of them");
    add_common_options(*command, common);
    command->footer(footer);
    command->callback(
        [names, &common, &selected] { selected = [names, &common] { return run_check(*names, common); }; });
}

}  // namespace ballast
