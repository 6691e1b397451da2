// SPDX-License-Identifier: Apache-2.0
#include "cli/toml/hosts_file.hpp"

#include "cli/toml/migration_reader.hpp"
#include "cli/toml/power_reader.hpp"
#include "cli/toml/table_reader.hpp"

namespace ballast {

namespace {

using toml_io::Document;
using toml_io::TableReader;

constexpr TableReader::Range quantity = {0.0, 1e18};
constexpr double seconds_per_hour = 3600.0;

double positive(TableReader& table, const char* key, const std::string& who) {
    const double value = table.number(key, 0.0, quantity);
    if (value <= 0.0) table.error(key, who + ": \"" + key + "\" must be positive");
    return value;
}

HostGroup read_group(TableReader table) {
    HostGroup group;
    group.name_prefix = table.required_text("name_prefix");
    const std::string who = "host group \"" + group.name_prefix + "\"";
    group.count = static_cast<std::size_t>(table.whole("count", 1, 1, 1'000'000));
    group.cores = static_cast<std::uint32_t>(table.whole("cores", 0, 1, 65'536));
    if (!table.has("cores")) table.error("cores", who + ": the key \"cores\" is missing");
    group.mhz_per_core = positive(table, "mhz_per_core", who);
    group.memory_bytes = positive(table, "memory_mib", who) * bytes_per_mib;
    group.reserve_mhz = table.number("reserve_mhz", 0.0, quantity);
    group.reserve_memory_bytes = table.number("reserve_memory_mib", 0.0, quantity) * bytes_per_mib;
    group.network_bytes_per_s = table.number("network_mib_per_s", 0.0, {0.0, 1e6}) * bytes_per_mib;
    group.disk_bytes_per_s = table.number("disk_mib_per_s", 0.0, {0.0, 1e6}) * bytes_per_mib;
    group.power = toml_io::read_power(table);
    group.migration_bytes_per_s = table.number("migration_mib_per_s", 0.0, {0.0, 1e6}) * bytes_per_mib;
    group.failures.mtbf_s = table.number("mtbf_h", 0.0, {0.0, 1e6}) * seconds_per_hour;
    group.failures.mttr_s = table.number("mttr_h", 0.0, {0.0, 1e6}) * seconds_per_hour;
    if (group.failures.mtbf_s > 0.0 && !table.has("mttr_h")) {
        table.error("mtbf_h", who + ": hosts that fail need \"mttr_h\", too");
    }
    table.finish();
    return group;
}

VmType read_vm_type(TableReader table) {
    VmType type;
    type.name = table.required_text("name");
    const std::string who = "VM type \"" + type.name + "\"";
    type.mhz_per_vcpu = positive(table, "mhz_per_vcpu", who);
    type.memory_bytes = positive(table, "memory_mib", who) * bytes_per_mib;
    type.vcpus = static_cast<std::uint32_t>(table.whole("vcpus", 1, 1, 65'536));
    table.finish();
    return type;
}

PlannedFailure read_failure(TableReader table) {
    PlannedFailure failure;
    failure.host = table.required_text("host");
    failure.at_s = table.number("at_s", 0.0, quantity);
    failure.repair_s = table.number("repair_s", 0.0, quantity);
    for (const char* key : {"at_s", "repair_s"}) {
        if (!table.has(key)) table.error(key, "failure of \"" + failure.host + "\": the key is missing");
    }
    table.finish();
    return failure;
}

void read_simulation(TableReader table, SimulationOptions& options) {
    const std::string order = table.text("host_order", "interleaved");
    if (order != "grouped" && order != "interleaved") {
        table.error("host_order", "\"host_order\" must be \"grouped\" or \"interleaved\"");
    }
    options.host_order = order == "grouped" ? HostOrder::grouped : HostOrder::interleaved;
    const std::string assignment = table.text("vm_types", "blocks");
    if (assignment != "blocks" && assignment != "round-robin") {
        table.error("vm_types", "\"vm_types\" must be \"blocks\" or \"round-robin\"");
    }
    options.vm_type_assignment = assignment == "blocks" ? VmTypeAssignment::blocks : VmTypeAssignment::round_robin;
    options.cpu_overcommit = table.number("cpu_overcommit", options.cpu_overcommit, {0.01, 1000.0});
    options.migration_cpu_fraction = table.number("migration_cpu_fraction", options.migration_cpu_fraction, {0.0, 1.0});
    options.migrations_per_host_max = static_cast<std::size_t>(
        table.whole("migrations_per_host_max", static_cast<std::int64_t>(options.migrations_per_host_max), 1, 64));
    options.history_samples = static_cast<std::size_t>(
        table.whole("history_samples", static_cast<std::int64_t>(options.history_samples), 1, 10'000));
    options.restart_delay_s = table.number("restart_delay_s", options.restart_delay_s, {0.0, 1e6});
    options.failure_seed = static_cast<std::uint64_t>(
        table.whole("failure_seed", static_cast<std::int64_t>(options.failure_seed), 0, 1'000'000'000));
    options.clock_offset_s = table.number("clock_offset_s", options.clock_offset_s, {0.0, 1e6});
    options.clock_seed = static_cast<std::uint64_t>(
        table.whole("clock_seed", static_cast<std::int64_t>(options.clock_seed), 0, 1'000'000'000));
    table.finish();
}

}  // namespace

Status load_hosts_file(const std::string& path, SimulationOptions& options) {
    const Result<Document> document = Document::load(path);
    if (!document) return tl::unexpected(document.error());
    TableReader root = document->root();
    std::vector<HostGroup> groups;
    for (TableReader& table : root.tables("host_group")) groups.push_back(read_group(table));
    std::vector<VmType> types;
    for (TableReader& table : root.tables("vm_type")) types.push_back(read_vm_type(table));
    if (auto table = root.table("simulation")) read_simulation(*table, options);
    if (auto table = root.table("migration")) {
        toml_io::read_migration_model(*table, options.truth);
        options.migration_joules_per_byte = table->number("joules_per_mib", 0.0, {0.0, 1e6}) / bytes_per_mib;
        table->finish();
    }
    if (auto table = root.table("migration_model")) {
        toml_io::read_migration_model(*table, options.belief);
        table->finish();
    }
    std::vector<PlannedFailure> failures;
    for (TableReader& table : root.tables("failure")) failures.push_back(read_failure(table));
    root.finish();
    if (groups.empty() && !options.cluster) root.error("host_group", "the file has no [[host_group]]");
    if (!groups.empty() && options.cluster) root.error("host_group", "the snapshot brings the hosts; take these out");
    if (document->error()) return tl::unexpected(*document->error());
    options.hosts = std::move(groups);
    options.failures = std::move(failures);
    if (!types.empty()) options.vm_types = std::move(types);
    return {};
}

}  // namespace ballast
