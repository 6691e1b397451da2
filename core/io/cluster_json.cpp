// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <optional>

#include "core/io/json.hpp"
#include "core/io/json_reader.hpp"
#include "core/io/rule_json.hpp"
#include "core/utc_time.hpp"

namespace ballast {

namespace {

using json::Json;
using json::Node;

constexpr PowerState power_states[] = {PowerState::on, PowerState::waking, PowerState::going_to_sleep,
                                       PowerState::asleep};
constexpr std::size_t samples_limit = 100'000;

Json write(const ResourceVector& v) {
    return {{"cpu_mhz", v.cpu_mhz()},
            {"memory_bytes", v.memory_bytes()},
            {"network_bytes_per_s", v.network_bytes_per_s()},
            {"disk_bytes_per_s", v.disk_bytes_per_s()}};
}

ResourceVector read_resources(const Node& node) {
    return {node.at("cpu_mhz").number(), node.at("memory_bytes").number(), node.at("network_bytes_per_s").number(),
            node.at("disk_bytes_per_s").number()};
}

Json write(const HostPower& power) {
    const auto table = power.curve.table();
    return {{"watts", std::vector<double>(table.begin(), table.end())},
            {"sleep_watts", power.sleep_watts},
            {"boot_s", power.boot_s},
            {"boot_watts", power.boot_watts},
            {"suspend_s", power.suspend_s},
            {"controllable", power.controllable}};
}

HostPower read_power(const Node& node) {
    std::vector<double> watts;
    for (const Node& item : node.at("watts").items()) watts.push_back(item.number());
    Result<PowerCurve> curve = PowerCurve::make(watts);
    if (!curve) node.at("watts").error(curve.error().message);
    HostPower power;
    power.curve = *curve;
    power.sleep_watts = node.at("sleep_watts").number();
    power.boot_s = node.at("boot_s").number();
    power.boot_watts = node.at("boot_watts").number();
    power.suspend_s = node.at("suspend_s").number();
    power.controllable = node.at("controllable").boolean();
    if (std::min({power.sleep_watts, power.boot_s, power.boot_watts, power.suspend_s}) < 0.0) {
        node.error("watts and seconds must not be negative");
    }
    return power;
}

// A sign that was not measured is null.
Json write(const std::optional<double>& sign) { return sign ? Json(*sign) : Json(nullptr); }

Json write(const HostPressure& pressure) {
    return {{"cpu_some", write(pressure.cpu_some)},
            {"memory_some", write(pressure.memory_some)},
            {"io_some", write(pressure.io_some)},
            {"swap_bytes_per_s", write(pressure.swap_bytes_per_s)}};
}

Json write(const VmPressure& pressure) {
    return {{"cpu_wait", write(pressure.cpu_wait)},
            {"swap_bytes_per_s", write(pressure.swap_bytes_per_s)},
            {"ballooned_bytes", pressure.ballooned_bytes}};
}

std::optional<double> read_share(const Node& pressure, const char* key) {
    if (!pressure.has(key)) return std::nullopt;
    const double share = pressure.at(key).number();
    if (share < 0.0 || share > 1.0) pressure.at(key).error("a share of the time, from 0 to 1");
    return share;
}

std::optional<double> read_amount(const Node& pressure, const char* key) {
    if (!pressure.has(key)) return std::nullopt;
    const double amount = pressure.at(key).number();
    if (amount < 0.0) pressure.at(key).error("must not be negative");
    return amount;
}

HostPressure read_host_pressure(const Node& node) {
    return {read_share(node, "cpu_some"), read_share(node, "memory_some"), read_share(node, "io_some"),
            read_amount(node, "swap_bytes_per_s")};
}

VmPressure read_vm_pressure(const Node& node) {
    return {read_share(node, "cpu_wait"), read_amount(node, "swap_bytes_per_s"),
            read_amount(node, "ballooned_bytes").value_or(0.0)};
}

Json write(const HostSpec& spec, const HostState& state) {
    return {{"name", spec.name},
            {"uri", spec.uri},
            {"migration_address", spec.migration_address},
            {"capacity", write(spec.capacity)},
            {"reserve", write(spec.reserve)},
            {"cpu", {{"arch", spec.cpu.arch}, {"vendor", spec.cpu.vendor}, {"model", spec.cpu.model}}},
            {"cpus", spec.cpus},
            {"cpu_overcommit", spec.cpu_overcommit},
            {"hypervisor_version", spec.hypervisor_version},
            {"power", spec.power ? write(*spec.power) : Json(nullptr)},
            {"labels", spec.labels},
            {"rack", spec.rack},
            {"zone", spec.zone},
            {"provides", spec.provides},
            {"pressure", write(state.pressure)},
            {"state",
             {{"power", name(state.power)},
              {"reachable", state.reachable},
              {"maintenance", state.maintenance},
              {"overhead", write(state.overhead)}}}};
}

void read_host(const Node& node, ClusterBuilder& builder) {
    HostSpec spec;
    spec.name = node.at("name").text();
    spec.uri = node.at("uri").text();
    spec.migration_address = node.at("migration_address").text();
    spec.capacity = read_resources(node.at("capacity"));
    spec.reserve = read_resources(node.at("reserve"));
    const Node cpu = node.at("cpu");
    spec.cpu = {cpu.at("arch").text(), cpu.at("vendor").text(), cpu.at("model").text()};
    if (node.has("cpus")) {
        const std::uint64_t cpus = node.at("cpus").whole();
        if (cpus > 1'000'000) node.at("cpus").error("at most 1000000 CPUs are expected");
        spec.cpus = static_cast<std::uint32_t>(cpus);
    }
    if (node.has("cpu_overcommit")) spec.cpu_overcommit = node.at("cpu_overcommit").number();
    spec.hypervisor_version = node.at("hypervisor_version").whole();
    if (node.has("power")) spec.power = read_power(node.at("power"));
    spec.labels = node.texts_if_any("labels");
    spec.rack = node.text_if_any("rack");
    spec.zone = node.text_if_any("zone");
    spec.provides = node.texts_if_any("provides");
    const Node state_node = node.at("state");
    HostState state;
    state.power = json::one_of(state_node.at("power"), power_states);
    state.reachable = state_node.at("reachable").boolean();
    state.maintenance = state_node.at("maintenance").boolean();
    state.overhead = read_resources(state_node.at("overhead"));
    if (node.has("pressure")) state.pressure = read_host_pressure(node.at("pressure"));
    builder.add_host(std::move(spec), state);
}

Json write_outlook(const History& history, VmId vm) {
    const Outlook* outlook = history.outlook();
    if (outlook == nullptr) return nullptr;
    const auto begin = outlook->mhz.begin() + static_cast<std::ptrdiff_t>(vm.index() * Outlook::steps);
    return {{"mhz", std::vector<float>(begin, begin + Outlook::steps)},
            {"deviation_mhz", outlook->deviation_mhz[vm.index()]}};
}

Json write_samples(const History& history, VmId vm) {
    Json samples = Json::array();
    for (std::size_t age = history.sample_count(); age-- > 0;) samples.push_back(history.cpu_mhz(vm, age));
    return samples;  // NaN is written as null
}

Json write_host_name(const Cluster& cluster, HostId host) {
    return host.valid() ? Json(cluster.spec(host).name) : Json(nullptr);
}

Json write_moves(const Snapshot& snapshot) {
    Json moves = Json::array();
    for (const PastMove& move : snapshot.history.moves()) {
        moves.push_back({{"vm", snapshot.cluster.spec(move.vm).name},
                         {"age_s", snapshot.history.now_s() - move.time_s},
                         {"from", write_host_name(snapshot.cluster, move.from)},
                         {"to", write_host_name(snapshot.cluster, move.to)},
                         {"failed", move.failed},
                         {"by_others", move.by_others}});
    }
    return moves;
}

Json write_switches(const Snapshot& snapshot) {
    Json switches = Json::array();
    for (const PastSwitch& change : snapshot.history.switches()) {
        switches.push_back({{"host", snapshot.cluster.spec(change.host).name},
                            {"age_s", snapshot.history.now_s() - change.time_s},
                            {"slept", change.slept}});
    }
    return switches;
}

Json write_vm(const Snapshot& snapshot, VmId vm) {
    const VmSpec& spec = snapshot.cluster.spec(vm);
    const VmState& state = snapshot.cluster.state(vm);
    const double age = snapshot.history.last_move_age_s(vm);
    return {{"name", spec.name},
            {"uuid", spec.uuid},
            {"host", snapshot.cluster.spec(state.host).name},
            {"vcpus", spec.vcpus},
            {"memory_bytes", spec.memory_bytes},
            {"cpu",
             {{"arch", spec.cpu.arch},
              {"model", spec.cpu.model},
              {"host_bound", spec.cpu.mode == GuestCpuMode::host_bound}}},
            {"immovable_because", spec.immovable_because},
            {"labels", spec.labels},
            {"needs", spec.needs},
            {"priority", name(spec.priority)},
            {"pressure", write(state.pressure)},
            {"sampled", state.sampled},
            {"demand", write(state.demand)},
            {"last_move_age_s", age == History::never ? Json(nullptr) : Json(age)},
            {"cpu_mhz_samples", write_samples(snapshot.history, vm)},
            {"outlook", write_outlook(snapshot.history, vm)}};
}

struct VmPast {
    double last_move_age_s = History::never;
    std::vector<double> samples;     // oldest first, NaN = missing
    std::vector<float> outlook_mhz;  // Outlook::steps; empty = none
    float deviation_mhz = 0.0F;
};

void read_outlook(const Node& node, VmPast& past) {
    const auto quantity = [](const Node& number) {
        if (number.number() < 0.0 || number.number() > 1e12) number.error("a CPU demand, from 0 to 1e12 MHz");
        return static_cast<float>(number.number());
    };
    for (const Node& mhz : node.at("mhz").items()) past.outlook_mhz.push_back(quantity(mhz));
    if (past.outlook_mhz.size() != Outlook::steps) node.at("mhz").error("five values: now, and per quarter of an hour");
    past.deviation_mhz = quantity(node.at("deviation_mhz"));
}

VmPast read_past(const Node& node) {
    VmPast past;
    if (node.has("last_move_age_s")) past.last_move_age_s = node.at("last_move_age_s").number();
    for (const Node& sample : node.at("cpu_mhz_samples").items()) {
        past.samples.push_back(sample.is_null() ? std::numeric_limits<double>::quiet_NaN() : sample.number());
        if (past.samples.back() < 0.0) sample.error("a CPU demand is not negative");
    }
    if (node.has("outlook") && !node.at("outlook").is_null()) read_outlook(node.at("outlook"), past);
    if (past.samples.size() > samples_limit) node.at("cpu_mhz_samples").error("too many samples");
    return past;
}

void read_vm(const Node& node, const std::vector<std::string>& host_names, ClusterBuilder& builder) {
    VmSpec spec;
    spec.name = node.at("name").text();
    spec.uuid = node.at("uuid").text();
    const std::uint64_t vcpus = node.at("vcpus").whole();
    if (vcpus == 0 || vcpus > 65'536) node.at("vcpus").error("1 to 65536 virtual CPUs are expected");
    spec.vcpus = static_cast<std::uint32_t>(vcpus);
    spec.memory_bytes = node.at("memory_bytes").number();
    const Node cpu = node.at("cpu");
    spec.cpu.arch = cpu.at("arch").text();
    spec.cpu.model = cpu.at("model").text();
    spec.cpu.mode = cpu.at("host_bound").boolean() ? GuestCpuMode::host_bound : GuestCpuMode::explicit_model;
    spec.immovable_because = node.at("immovable_because").text();
    spec.labels = node.texts_if_any("labels");
    spec.needs = node.texts_if_any("needs");
    if (node.has("priority")) spec.priority = json::one_of(node.at("priority"), all_priorities);
    VmState state;
    const std::string host = node.at("host").text();
    const auto it = std::find(host_names.begin(), host_names.end(), host);
    if (it == host_names.end()) node.at("host").error("the host \"" + host + "\" is not in this snapshot");
    state.host = HostId(static_cast<std::size_t>(it - host_names.begin()));
    state.sampled = node.at("sampled").boolean();
    state.demand = read_resources(node.at("demand"));
    if (node.has("pressure")) state.pressure = read_vm_pressure(node.at("pressure"));
    builder.add_vm(std::move(spec), state);
}

// None, if no VM has one.
std::optional<Outlook> outlook_of(const std::vector<VmPast>& pasts) {
    Outlook outlook;
    bool any = false;
    for (const VmPast& past : pasts) {
        any |= !past.outlook_mhz.empty();
        outlook.deviation_mhz.push_back(past.deviation_mhz);
        outlook.mhz.insert(outlook.mhz.end(), past.outlook_mhz.begin(), past.outlook_mhz.end());
        outlook.mhz.resize(outlook.deviation_mhz.size() * Outlook::steps);
    }
    return any ? std::optional(std::move(outlook)) : std::nullopt;
}

History make_history(const std::vector<VmPast>& pasts, double period_s) {
    std::size_t rows = 0;
    for (const VmPast& past : pasts) rows = std::max(rows, past.samples.size());
    History history(pasts.size(), std::max<std::size_t>(rows, 1), period_s);
    std::vector<double> row(pasts.size());
    for (std::size_t age = rows; age-- > 0;) {
        for (std::size_t v = 0; v < pasts.size(); ++v) {  // a shorter list has the newest samples
            const std::vector<double>& samples = pasts[v].samples;
            row[v] =
                age < samples.size() ? samples[samples.size() - 1 - age] : std::numeric_limits<double>::quiet_NaN();
        }
        history.push(row);
    }
    if (auto outlook = outlook_of(pasts)) history.set_outlook(std::move(*outlook));
    for (std::size_t v = 0; v < pasts.size(); ++v) history.set_last_move_age(VmId(v), pasts[v].last_move_age_s);
    return history;
}

double read_age_s(const Node& node) {
    const double age_s = node.at("age_s").number();
    if (age_s < 0.0) node.at("age_s").error("the past is not in the future");
    return age_s;
}

// Null: not known.
HostId read_host_name(const Node& node, const Inventory& inventory) {
    if (node.is_null()) return {};
    const auto host = inventory.find_host(node.text());
    if (!host) node.error("the host \"" + node.text() + "\" is not in this snapshot");
    return *host;
}

void read_events(const Node& root, const Inventory& inventory, History& history) {
    if (root.has("past_moves")) {
        for (const Node& node : root.at("past_moves").items()) {
            const auto vm = inventory.find_vm(node.at("vm").text());
            if (!vm) node.at("vm").error("the VM \"" + node.at("vm").text() + "\" is not in this snapshot");
            history.add(PastMove{*vm, history.now_s() - read_age_s(node), read_host_name(node.at("from"), inventory),
                                 read_host_name(node.at("to"), inventory), node.at("failed").boolean(),
                                 node.at("by_others").boolean()});
        }
    }
    if (root.has("past_switches")) {
        for (const Node& node : root.at("past_switches").items()) {
            const HostId host = read_host_name(node.at("host"), inventory);
            if (!host.valid()) node.at("host").error("a host is expected");
            history.add(PastSwitch{host, history.now_s() - read_age_s(node), node.at("slept").boolean()});
        }
    }
}

Result<Snapshot> read_snapshot(const Node& root) {
    json::check_format(root, "ballast-snapshot");
    ClusterBuilder builder;
    std::vector<std::string> host_names;
    for (const Node& host : root.at("hosts").items()) {
        read_host(host, builder);
        host_names.push_back(host.at("name").text());
    }
    std::vector<VmPast> pasts;
    for (const Node& vm : root.at("vms").items()) {
        read_vm(vm, host_names, builder);
        pasts.push_back(read_past(vm));
    }
    for (const Node& rule : root.at("rules").items()) builder.add_rule(json::read_rule(rule));
    const double unix_time_s = root.at("unix_time_s").number();
    if (unix_time_s < 0.0 || unix_time_s > unix_time_max_s) root.at("unix_time_s").error("a time from 1970 to 9999");
    builder.set_time(unix_time_s);
    Result<Cluster> cluster = std::move(builder).build();
    if (!cluster) return tl::unexpected(cluster.error());
    Snapshot snapshot{unix_time_s, std::move(*cluster), make_history(pasts, root.at("sample_period_s").number()), {}};
    read_events(root, snapshot.cluster.inventory(), snapshot.history);
    for (const Node& problem : root.at("problems").items()) {
        snapshot.problems.push_back({problem.at("host").text(), problem.at("message").text()});
    }
    return snapshot;
}

}  // namespace

std::string to_json(const Snapshot& snapshot) {
    const Cluster& cluster = snapshot.cluster;
    Json hosts = Json::array();
    for (std::size_t h = 0; h < cluster.host_count(); ++h) {
        hosts.push_back(write(cluster.spec(HostId(h)), cluster.state(HostId(h))));
    }
    Json vms = Json::array();
    for (std::size_t v = 0; v < cluster.vm_count(); ++v) vms.push_back(write_vm(snapshot, VmId(v)));
    Json rules = Json::array();
    for (const RuleSpec& rule : cluster.inventory().rules_as_written()) rules.push_back(json::write(rule));
    Json problems = Json::array();
    for (const HostProblem& p : snapshot.problems) problems.push_back({{"host", p.host}, {"message", p.message}});
    const Json document = {{"format", "ballast-snapshot"},
                           {"version", 1},
                           {"unix_time_s", snapshot.unix_time_s},
                           {"sample_period_s", snapshot.history.period_s()},
                           {"hosts", hosts},
                           {"vms", vms},
                           {"rules", rules},
                           {"past_moves", write_moves(snapshot)},
                           {"past_switches", write_switches(snapshot)},
                           {"problems", problems}};
    return json::dump(document) + "\n";
}

Result<Snapshot> snapshot_from_json(std::string_view text) {
    return json::read_document<Snapshot>(text, "snapshot", read_snapshot);
}

}  // namespace ballast
