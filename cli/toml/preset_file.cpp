// SPDX-License-Identifier: Apache-2.0
#include "cli/toml/preset_file.hpp"

#include <algorithm>

#include "cli/toml/table_reader.hpp"

namespace ballast {

namespace {

using toml_io::Document;
using toml_io::TableReader;

constexpr TableReader::Range quantity = {1e-6, 1e12};

cloudsim::HostType read_host_type(TableReader table) {
    cloudsim::HostType type;
    type.name = table.required_text("name");
    type.cores = static_cast<std::uint32_t>(table.whole("cores", 2, 1, 65'536));
    type.mips_per_core = table.number("mips_per_core", 0.0, quantity);
    type.memory_mb = table.number("memory_mb", 0.0, quantity);
    type.bandwidth = table.number("bandwidth_kbit_per_s", 1e6, quantity);
    for (const char* key : {"mips_per_core", "memory_mb", "watts"}) {
        if (!table.has(key)) table.error(key, "host type \"" + type.name + "\": the key \"" + key + "\" is missing");
    }
    const std::vector<double> watts = table.numbers("watts");
    if (const Result<PowerCurve> curve = PowerCurve::make(watts); curve) {
        std::copy(watts.begin(), watts.end(), type.watts.begin());
    } else {
        table.error("watts", "host type \"" + type.name + "\": " + curve.error().message);
    }
    table.finish();
    return type;
}

cloudsim::VmType read_vm_type(TableReader table) {
    cloudsim::VmType type;
    type.mips = table.number("mips", 0.0, quantity);
    type.memory_mb = table.number("memory_mb", 0.0, quantity);
    type.bandwidth = table.number("bandwidth_kbit_per_s", 1e5, quantity);
    for (const char* key : {"mips", "memory_mb"}) {
        if (!table.has(key)) table.error(key, std::string("VM type: the key \"") + key + "\" is missing");
    }
    table.finish();
    return type;
}

cloudsim::VmOrder read_order(TableReader& table, cloudsim::VmOrder fallback) {
    const std::string text = table.text("vm_order");
    if (!table.has("vm_order")) return fallback;
    if (text == "name") return cloudsim::VmOrder::name;
    if (text == "shuffled") return cloudsim::VmOrder::shuffled;
    if (text != "upper-cased-name") {
        table.error("vm_order", "vm_order is \"upper-cased-name\", \"name\" or \"shuffled\", not \"" + text + "\"");
    }
    return cloudsim::VmOrder::upper_cased_name;
}

void read_quirks(TableReader table, cloudsim::Quirks& quirks) {
    const auto read = [&](const char* key, bool& quirk) { quirk = table.boolean(key, quirk); };
    read("idle_vms_vanish", quirks.idle_vms_vanish);
    read("memory_ignored_after_start", quirks.memory_ignored_after_start);
    read("wake_up_interval_free", quirks.wake_up_interval_free);
    read("switching_is_free", quirks.switching_is_free);
    read("empties_hosts_just_filled", quirks.empties_hosts_just_filled);
    read("sleeping_hosts_are_targets", quirks.sleeping_hosts_are_targets);
    read("last_interval_unaccounted", quirks.last_interval_unaccounted);
    read("arrivals_count_as_violation", quirks.arrivals_count_as_violation);
    read("regression_unweighted", quirks.regression_unweighted);
    table.finish();
}

}  // namespace

Status load_preset_file(const std::string& path, cloudsim::Options& options) {
    const Result<Document> document = Document::load(path);
    if (!document) return tl::unexpected(document.error());
    TableReader root = document->root();
    options.hosts =
        static_cast<std::size_t>(root.whole("hosts", static_cast<std::int64_t>(options.hosts), 1, 1'000'000));
    options.vm_order = read_order(root, options.vm_order);
    // The regressions need 10 samples, and a count of samples is kept in a byte.
    options.history_samples = static_cast<std::size_t>(
        root.whole("history_samples", static_cast<std::int64_t>(options.history_samples), 10, 255));
    options.fallback_threshold = root.number("fallback_threshold", options.fallback_threshold, {0.0, 1.0});
    options.first_event_s = root.number("first_event_s", options.first_event_s, {1e-6, 1.0});
    options.boot_s = root.number("boot_s", options.boot_s, {0.0, 86'400.0});
    const std::vector<TableReader> hosts = root.tables("host_type");
    const std::vector<TableReader> vms = root.tables("vm_type");
    if (hosts.size() > 255) root.error("host_type", "more than 255 host types");
    if (!hosts.empty()) options.host_types.clear();
    for (const TableReader& host : hosts) options.host_types.push_back(read_host_type(host));
    if (!vms.empty()) options.vm_types.clear();
    for (const TableReader& vm : vms) options.vm_types.push_back(read_vm_type(vm));
    if (std::optional<TableReader> quirks = root.table("quirks")) read_quirks(*quirks, options.quirks);
    root.finish();
    if (document->error()) return tl::unexpected(*document->error());
    return {};
}

}  // namespace ballast
