// SPDX-License-Identifier: Apache-2.0
#include "executor/power/options.hpp"

#include <arpa/inet.h>

#include <string_view>

#include "executor/power/wake_on_lan.hpp"

namespace ballast::power {

namespace {

void fill_in(std::string& text, const std::string& host) {
    constexpr std::string_view place = "{host}";
    for (std::size_t at = 0; (at = text.find(place, at)) != std::string::npos; at += host.size()) {
        text.replace(at, place.size(), host);
    }
}

Status missing(const PowerOptions& options, const char* key) {
    return fail(ErrorKind::usage, "method \"" + options.method + "\" needs \"" + key + "\"");
}

Status check_method(const PowerOptions& options) {
    if (options.method == "ipmi" || options.method == "redfish") {
        if (options.address.empty()) return missing(options, "address");
        if (options.user.empty()) return missing(options, "user");
        if (options.password_file.empty()) return missing(options, "password_file");
        return {};
    }
    if (options.method == "ssh") {
        if (options.address.empty()) return missing(options, "address");
        if (options.address.front() == '-') return fail(ErrorKind::usage, "\"address\" cannot begin with '-'");
        if (options.sleep.empty()) return missing(options, "sleep");
        if (options.mac.empty()) {
            return fail(ErrorKind::usage,
                        "method \"ssh\" can only put hosts to sleep: give the host a \"mac\" to be "
                        "woken by Wake-on-LAN");
        }
        return {};
    }
    if (options.method == "command") {
        if (options.sleep.empty()) return missing(options, "sleep");
        if (options.wake.empty() && options.mac.empty()) {
            return fail(ErrorKind::usage, "method \"command\" needs \"wake\", or a \"mac\" for Wake-on-LAN");
        }
        return {};
    }
    return fail(ErrorKind::usage, "there is no power method \"" + options.method +
                                      "\"; there are \"ipmi\", \"redfish\", \"ssh\", \"command\" and \"none\"");
}

}  // namespace

PowerOptions for_host(PowerOptions options, const std::string& host) {
    if (options.method == "none") options.method.clear();
    for (std::string* text : {&options.address, &options.user, &options.password_file, &options.ca_file}) {
        fill_in(*text, host);
    }
    for (auto* words : {&options.sleep, &options.wake, &options.status}) {
        for (std::string& word : *words) fill_in(word, host);
    }
    if (options.method == "ssh") {
        if (options.address.empty()) options.address = host;
        if (options.sleep.empty()) options.sleep = {"systemctl", "suspend"};
    }
    return options;
}

Status check_power_options(const PowerOptions& options) {
    if (options.method.empty()) return {};
    if (Status ok = check_method(options); !ok) return ok;
    if (options.mac.empty()) return {};
    if (!parse_mac(options.mac)) {
        return fail(ErrorKind::usage,
                    "\"mac\" is no address of a network card (\"52:54:00:12:34:56\"): \"" + options.mac + "\"");
    }
    in_addr ignored{};
    if (inet_pton(AF_INET, options.broadcast.c_str(), &ignored) != 1) {
        return fail(ErrorKind::usage, "\"broadcast\" is no IPv4 address: \"" + options.broadcast + "\"");
    }
    return {};
}

}  // namespace ballast::power
