// SPDX-License-Identifier: Apache-2.0
#include "cli/toml/config.hpp"

#include <fmt/format.h>

#include <map>
#include <set>
#include <vector>

#include "cli/toml/migration_reader.hpp"
#include "cli/toml/one_of.hpp"
#include "cli/toml/power_method_reader.hpp"
#include "cli/toml/power_reader.hpp"
#include "cli/toml/rule_reader.hpp"
#include "cli/toml/table_reader.hpp"
#include "cli/toml/watts_reader.hpp"
#include "cli/toml/window_reader.hpp"
#include "executor/fence_command.hpp"
#include "executor/veto_command.hpp"

namespace ballast {

namespace {

using toml_io::Document;
using toml_io::TableReader;

constexpr TableReader::Range quantity = {0.0, 1e18};
constexpr double ms_per_s = 1e3;

// The way to switch this host: what [power] says, changed by the host's own table.
void read_power_method(TableReader& table, HostOptions& host, const power::PowerOptions& common, Config& config) {
    power::PowerOptions options = common;
    if (auto own = table.table("power")) options = toml_io::read_power_method(*own, common, host.name);
    options = power::for_host(options, host.name);
    if (options.method.empty()) return;
    if (Status ok = power::check_power_options(options); !ok) {
        table.error("power", "host \"" + host.name + "\": " + ok.error().message);
    }
    if (!host.power) {
        table.error("power", "host \"" + host.name +
                                 "\" has a power method, but neither power_table nor power_watts: " +
                                 "what its sleep saves is not known; give it one, or method = \"none\"");
        return;
    }
    // Only if the operator does not say otherwise.
    host.power->controllable = table.boolean("power_control", true);
    config.power.emplace(host.name, std::move(options));
}

// What [host.power] and [host.watts] override.
struct CommonWays {
    power::PowerOptions power;
    WattsOptions watts;
};

HostOptions read_host(TableReader table, const CommonWays& common, Config& config) {
    HostOptions host;
    host.name = table.required_text("name");
    host.uri = table.required_text("uri");
    host.migration_address = table.text("migration_address");
    host.capacity = ResourceVector(table.number("cpu_mhz", 0.0, quantity),
                                   table.number("memory_mib", 0.0, quantity) * bytes_per_mib);
    host.mhz_per_cpu = table.number("mhz_per_cpu", 0.0, quantity);
    host.reserve = ResourceVector(table.number("reserve_mhz", 0.0, quantity),
                                  table.number("reserve_memory_mib", 0.0, quantity) * bytes_per_mib);
    host.maintenance = table.boolean("maintenance", false);
    host.labels = table.texts("labels");
    host.rack = table.text("rack");
    host.zone = table.text("zone");
    host.provides = table.texts("provides");
    host.cpu_overcommit = table.number("cpu_overcommit", 0.0, {0.01, 1000.0});
    host.power = toml_io::read_power(table);
    read_power_method(table, host, common.power, config);
    WattsOptions watts = common.watts;
    if (auto own = table.table("watts")) watts = toml_io::read_watts(*own, common.watts);
    if (watts.any()) config.energy.meters.emplace(host.name, toml_io::for_host(watts, host.name));
    for (const char* key : {"cpu_mhz", "memory_mib"}) {
        if (table.has(key) && table.number(key, 1.0, quantity) == 0.0) {
            table.error(key, "host \"" + host.name + "\" has zero capacity: \"" + key +
                                 "\" must be positive, or left out to take what libvirt reports");
        }
    }
    table.finish();
    return host;
}

VmOptions read_vm(TableReader table) {
    VmOptions vm;
    vm.name = table.required_text("name");
    vm.labels = table.texts("labels");
    vm.needs = table.texts("needs");
    table.finish();
    return vm;
}

PriorityOptions read_priority(TableReader table) {
    PriorityOptions options;
    options.priority = toml_io::read_one_of(table, "class", all_priorities, table.required_text("class"));
    options.vms = table.texts("vms");
    options.vm_labels = table.texts("vm_labels");
    if (options.vms.empty() && options.vm_labels.empty()) {
        table.error("class", "this priority selects no VM: give \"vms\" or \"vm_labels\"");
    }
    table.finish();
    return options;
}

void read_telemetry(TableReader table, CollectorOptions& collector) {
    collector.interval_s = table.number("interval_s", collector.interval_s, {0.1, 3600.0});
    collector.samples_max = static_cast<std::size_t>(
        table.whole("samples_max", static_cast<std::int64_t>(collector.samples_max), 1, 10'000));
    collector.deadline_s = table.number("deadline_s", collector.deadline_s, {0.1, 600.0});
    const std::string host_cpu = table.text("host_cpu", "node");
    if (host_cpu != "node" && host_cpu != "guests") {
        table.error("host_cpu", "\"host_cpu\" must be \"node\" or \"guests\"");
    }
    collector.host_cpu = host_cpu == "guests" ? HostCpuSource::guests : HostCpuSource::node;
    table.finish();
}

// What QEMU or libvirt refuses or, with post-copy over parallel connections, accepts and loses the guest by.
// `allowed_before`: what a class takes over from [executor].
void check_what_goes_together(TableReader& table, const MigrationControl& control, bool allowed_before) {
    const bool post_copy = control.on_timeout == TimeoutAction::post_copy;
    const bool parallel = control.parallel_connections > 1;
    const auto exclude = [&](bool a, const char* key, bool b, const char* other) {
        if (a && b) table.error(key, fmt::format("\"{}\" and \"{}\" do not go together", key, other));
    };
    exclude(control.compress, "compress", parallel, "parallel_connections");
    exclude(post_copy, "on_timeout", parallel, "parallel_connections");
    exclude(control.tunnelled, "tunnelled", parallel, "parallel_connections");
    exclude(control.tunnelled, "tunnelled", control.tls, "tls");
    exclude(control.tunnelled, "tunnelled", post_copy, "on_timeout");
    const bool allowed = table.boolean("post_copy", allowed_before);
    if (post_copy && !allowed) {
        table.error("on_timeout",
                    "\"on_timeout\" is \"post-copy\": if a host or the network fails in that phase, the VM "
                    "is lost; to allow that, add post_copy = true");
    }
    if (allowed && !post_copy && table.has("post_copy")) {
        table.error("post_copy", "\"post_copy\" needs on_timeout = \"post-copy\", which says when it begins");
    }
}

// The keys that [executor] and [[migration_class]] share; what is not said stays as it is.
void read_migration_settings(TableReader& table, MigrationSettings& settings) {
    MigrationControl& control = settings.control;
    const bool allowed_before = control.on_timeout == TimeoutAction::post_copy;
    control.bandwidth_bytes_per_s =
        table.number("bandwidth_mib_per_s", control.bandwidth_bytes_per_s / bytes_per_mib, {0.0, 1e6}) * bytes_per_mib;
    control.auto_converge = table.boolean("auto_converge", control.auto_converge);
    control.compress = table.boolean("compress", control.compress);
    control.parallel_connections =
        static_cast<int>(table.whole("parallel_connections", control.parallel_connections, 1, 16));
    control.tls = table.boolean("tls", control.tls);
    control.tunnelled = table.boolean("tunnelled", control.tunnelled);
    const double first_ms = MigrationControl::downtime_s_first * ms_per_s;
    control.downtime_s_max =
        table.number("downtime_max_ms", control.downtime_s_max * ms_per_s, {first_ms, 60'000.0}) / ms_per_s;
    settings.timeout_s_per_gib = table.number("timeout_s_per_gib", settings.timeout_s_per_gib, {1.0, 86'400.0});
    settings.timeout_s_min = table.number("timeout_s_min", settings.timeout_s_min, {1.0, 86'400.0});
    const auto action = timeout_action_named(table.text("on_timeout", std::string(name(control.on_timeout))));
    if (!action) {
        table.error("on_timeout", R"("on_timeout" must be "abort", "force", "pause" or "post-copy")");
    }
    control.on_timeout = action.value_or(TimeoutAction::abort);
    control.force_downtime_s =
        table.number("force_downtime_ms", control.force_downtime_s * ms_per_s, {first_ms, 600'000.0}) / ms_per_s;
    check_what_goes_together(table, control, allowed_before);
}

MigrationClass read_migration_class(TableReader table, const MigrationSettings& otherwise) {
    MigrationClass which;
    which.name = table.required_text("name");
    which.vms = table.texts("vms");
    which.vm_labels = table.texts("vm_labels");
    which.settings = otherwise;
    if (which.vms.empty() && which.vm_labels.empty()) {
        table.error("name", "migration class \"" + which.name + "\" selects no VM: give \"vms\" or \"vm_labels\"");
    }
    read_migration_settings(table, which.settings);
    table.finish();
    return which;
}

void read_fence(TableReader& table, FenceOptions& fence) {
    if (std::vector<std::string> command = table.texts("fence_command"); !command.empty()) {
        if (!command.front().starts_with('/')) {
            table.error("fence_command", "\"fence_command\" must begin with a path from the root, beginning with /");
        }
        fence.ask = fence_by_command(std::move(command));
    }
    const std::string when = table.text("fence_when", "guest-stopped");
    if (when != "guest-stopped" && when != "host-unknown") {
        table.error("fence_when", "\"fence_when\" must be \"guest-stopped\" or \"host-unknown\"");
    }
    fence.use = when == "host-unknown" ? FenceUse::host_unknown : FenceUse::guest_stopped;
    if (fence.use == FenceUse::host_unknown && !fence.ask) {
        table.error("fence_when", "\"fence_when\" needs \"fence_command\"");
    }
}

void read_executor(TableReader table, Config& config) {
    RunOptions& run = config.run;
    config.journal = table.text("journal", config.journal);
    if (config.journal.empty()) table.error("journal", "\"journal\" must name a file");
    config.hold = table.text("hold", config.hold);
    if (!config.hold.starts_with('/')) table.error("hold", "\"hold\" must be a path from the root, beginning with /");
    run.parallel_max = static_cast<int>(table.whole("parallel_max", run.parallel_max, 1, 64));
    run.parallel_per_host_max =
        static_cast<int>(table.whole("parallel_per_host_max", run.parallel_per_host_max, 1, 64));
    run.spare_hosts = static_cast<int>(table.whole("spare_hosts", run.spare_hosts, 0, 1000));
    if (const std::string program = table.text("veto_command"); !program.empty()) {
        if (!program.starts_with('/')) {
            table.error("veto_command", "\"veto_command\" must be a path from the root, beginning with /");
        }
        run.veto = veto_by_command(program);
    }
    read_fence(table, run.settle.fence);
    read_migration_settings(table, run.migration);
    table.finish();
}

// Whether there is such a goal is said when its policy is made.
LoopSettings read_loop(TableReader table) {
    LoopSettings loop;
    loop.goal = table.text("goal");
    loop.mode = table.text("mode", loop.mode);
    if (loop.mode != "advise" && loop.mode != "auto") table.error("mode", "\"mode\" must be \"advise\" or \"auto\"");
    ActingLimits& limits = loop.limits;
    limits.moves_per_hour_max = static_cast<std::size_t>(table.whole("moves_per_hour_max", 0, 0, 1'000'000));
    limits.moves_per_day_max = static_cast<std::size_t>(table.whole("moves_per_day_max", 0, 0, 1'000'000));
    for (TableReader& window : table.tables("windows")) {
        limits.windows.push_back(toml_io::read_window(window));
        window.finish();
    }
    table.finish();
    return loop;
}

MigrationModel read_migration(TableReader table) {
    MigrationModel model;
    toml_io::read_migration_model(table, model);
    table.finish();
    return model;
}

void check_unique_hosts(TableReader& root, const std::vector<HostOptions>& hosts) {
    if (hosts.empty()) root.error("host", "the configuration has no [[host]]");
    std::set<std::string> names;
    std::set<std::string> uris;
    for (const HostOptions& host : hosts) {
        if (!names.insert(host.name).second) root.error("host", "the host name \"" + host.name + "\" is used twice");
        if (!uris.insert(host.uri).second) root.error("host", "two hosts have the uri \"" + host.uri + "\"");
    }
}

// Two hosts that are switched by the same means are one that is switched for the other, with its VMs.
void check_distinct_power(TableReader& root, const std::map<std::string, power::PowerOptions>& methods) {
    std::map<std::string, std::string> host_of;  // by means
    for (const auto& [host, options] : methods) {
        std::vector<std::string> means;
        if (!options.address.empty()) means.push_back(fmt::format("address \"{}:{}\"", options.address, options.port));
        if (!options.mac.empty()) means.push_back("mac \"" + options.mac + "\"");
        if (options.method == "command" && !options.sleep.empty()) {
            means.push_back(fmt::format("command \"{}\"", fmt::join(options.sleep, " ")));
        }
        for (const std::string& mean : means) {
            const auto [other, is_new] = host_of.emplace(mean, host);
            if (is_new || other->second == host) continue;
            root.error("host", "hosts \"" + other->second + "\" and \"" + host + "\" are both switched by " + mean +
                                   ": one would be put to sleep for the other");
        }
    }
}

ListenerOptions read_listener(TableReader& table) {
    ListenerOptions options;
    options.address = table.text("listen");
    options.tls_certificate = table.text("tls_certificate");
    options.tls_key = table.text("tls_key");
    options.user = table.text("user");
    options.password_file = table.text("password_file");
    if (options.address.empty()) return options;
    if (const Status complete = check_listener_options(options); !complete)
        table.error("listen", complete.error().message);
    return options;
}

Result<Config> read_config(const Document& document) {
    Config config;
    TableReader root = document.root();
    CommonWays common;
    if (auto table = root.table("power")) common.power = toml_io::read_power_method(*table, {}, "");
    if (auto table = root.table("watts")) common.watts = toml_io::read_watts(*table, {});
    for (TableReader& host : root.tables("host")) {
        config.collector.hosts.push_back(read_host(host, common, config));
    }
    for (TableReader& vm : root.tables("vm")) config.collector.vms.push_back(read_vm(vm));
    for (TableReader& table : root.tables("priority")) config.collector.priorities.push_back(read_priority(table));
    for (TableReader& rule : root.tables("rule")) config.collector.rules.push_back(toml_io::read_rule(rule));
    if (auto table = root.table("telemetry")) read_telemetry(*table, config.collector);
    if (auto table = root.table("run")) config.loop = read_loop(*table);
    if (auto table = root.table("executor")) read_executor(*table, config);
    for (TableReader& table : root.tables("migration_class")) {
        config.run.classes.push_back(read_migration_class(table, config.run.migration));
    }
    if (auto table = root.table("migration_model")) config.migration = read_migration(*table);
    if (auto table = root.table("policy")) {
        for (auto& [goal, specification] : config.policies) specification = table->text(goal.c_str(), specification);
        table->finish();
    }
    if (auto table = root.table("metrics")) {
        config.metrics_listener = read_listener(*table);
        config.metrics_per_vm = table->boolean("per_vm", false);
        table->finish();
    }
    if (auto table = root.table("prometheus")) config.prometheus = toml_io::read_prometheus(*table);
    if (auto table = root.table("energy")) config.energy.factors = toml_io::read_energy_factors(*table);
    config.energy.interval_s = config.collector.interval_s;
    check_unique_hosts(root, config.collector.hosts);
    check_distinct_power(root, config.power);
    root.finish();
    if (document.error()) return tl::unexpected(*document.error());
    return config;
}

}  // namespace

Result<Config> load_config(const std::string& path) {
    const Result<Document> document = Document::load(path);
    if (!document) return tl::unexpected(document.error());
    return read_config(*document);
}

Result<Config> parse_config(std::string_view text, const std::string& name) {
    const Result<Document> document = Document::parse(text, name);
    if (!document) return tl::unexpected(document.error());
    return read_config(*document);
}

}  // namespace ballast
