// SPDX-License-Identifier: Apache-2.0
#include "cli/toml/power_method_reader.hpp"

#include <algorithm>
#include <array>

namespace ballast::toml_io {

namespace {

constexpr std::array methods = {"ipmi", "redfish", "ssh", "command", "none"};

// Keys that only some methods know, so that one that would be ignored is found.
struct MethodKey {
    const char* key;
    std::array<const char*, 3> methods;
};
constexpr MethodKey method_keys[] = {
    {"address", {"ipmi", "redfish", "ssh"}},
    {"port", {"ipmi", "redfish", ""}},
    {"cipher_suite", {"ipmi", "", ""}},
    {"user", {"ipmi", "redfish", ""}},
    {"password_file", {"ipmi", "redfish", ""}},
    {"ca_file", {"redfish", "", ""}},
    {"sleep", {"command", "ssh", ""}},
    {"wake", {"command", "", ""}},
    {"status", {"command", "", ""}},
};

void check_keys(TableReader& table, const std::string& method) {
    for (const MethodKey& entry : method_keys) {
        const bool known = std::find(entry.methods.begin(), entry.methods.end(), method) != entry.methods.end();
        if (!known) table.refuse(entry.key, "power method \"" + method + "\" has no \"" + entry.key + "\"");
    }
}

std::vector<std::string> words(TableReader& table, const char* key, const std::vector<std::string>& fallback) {
    return table.has(key) ? table.texts(key) : fallback;
}

}  // namespace

power::PowerOptions read_power_method(TableReader table, const power::PowerOptions& common, const std::string& host) {
    power::PowerOptions options = common;
    const std::string method = table.text("method", common.method);
    if (method != common.method) {
        options = {};
        options.method = method;
        options.timeout_s = common.timeout_s;
        options.broadcast = common.broadcast;
        options.wake_port = common.wake_port;
    }
    if (std::find(methods.begin(), methods.end(), method) == methods.end()) {
        table.error("method", method.empty() ? "the key \"method\" is missing"
                                             : "there is no power method \"" + method +
                                                   "\"; there are \"ipmi\", "
                                                   "\"redfish\", \"ssh\", \"command\" and \"none\"");
    }
    check_keys(table, method);
    options.wake_tested = table.boolean("wake_tested", options.wake_tested);
    options.timeout_s = table.number("timeout_s", options.timeout_s, {1.0, 600.0});
    options.address = table.text("address", options.address);
    options.port = static_cast<int>(table.whole("port", options.port, 0, 65'535));
    options.cipher_suite = static_cast<int>(table.whole("cipher_suite", options.cipher_suite, 0, 17));
    options.user = table.text("user", options.user);
    options.password_file = table.text("password_file", options.password_file);
    options.ca_file = table.text("ca_file", options.ca_file);
    options.sleep = words(table, "sleep", options.sleep);
    options.wake = words(table, "wake", options.wake);
    options.status = words(table, "status", options.status);
    options.mac = table.text("mac", options.mac);
    options.broadcast = table.text("broadcast", options.broadcast);
    options.wake_port = static_cast<int>(table.whole("wake_port", options.wake_port, 1, 65'535));
    if (host.empty() && table.has("mac")) table.error("mac", "\"mac\" is one host's: write it in its [host.power]");
    table.finish();
    return options;
}

}  // namespace ballast::toml_io
