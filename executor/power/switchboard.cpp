// SPDX-License-Identifier: Apache-2.0
#include "executor/power/switchboard.hpp"

#include "core/check.hpp"
#include "executor/power/command.hpp"
#include "executor/power/ipmi.hpp"
#include "executor/power/redfish.hpp"
#include "executor/power/ssh.hpp"
#include "executor/power/wake_on_lan.hpp"

namespace ballast::power {

namespace {

std::unique_ptr<HostSwitch> make_method(const PowerOptions& options) {
    if (options.method == "ipmi") return std::make_unique<IpmiSwitch>(options);
    if (options.method == "redfish") return std::make_unique<RedfishSwitch>(options);
    if (options.method == "ssh") return std::make_unique<SshSwitch>(options);
    BALLAST_CHECK(options.method == "command", "an unknown power method was not found out");
    return std::make_unique<CommandSwitch>(options);
}

std::unique_ptr<HostSwitch> make_switch(const PowerOptions& options) {
    std::unique_ptr<HostSwitch> way = make_method(options);
    const auto mac = parse_mac(options.mac);
    if (!mac) return way;
    return std::make_unique<WakeOnLanSwitch>(std::move(way), *mac, options.broadcast, options.wake_port);
}

}  // namespace

Switchboard::Switchboard(const std::map<std::string, PowerOptions>& options) {
    for (const auto& [host, of_host] : options) {
        if (of_host.method.empty()) continue;
        entries_.emplace(host, Entry{make_switch(of_host), of_host.wake_tested});
    }
}

Switchboard::~Switchboard() = default;

std::optional<PowerMethod> Switchboard::method(const std::string& host) const {
    const auto found = entries_.find(host);
    if (found == entries_.end()) return std::nullopt;
    return PowerMethod{found->second.way->text(), found->second.wake_vouched};
}

HostSwitch& Switchboard::way(const std::string& host) {
    const auto found = entries_.find(host);
    BALLAST_CHECK(found != entries_.end(), "a host without a power method was to be switched");
    return *found->second.way;
}

Status Switchboard::sleep(const std::string& host) { return way(host).sleep(); }
Status Switchboard::wake(const std::string& host) { return way(host).wake(); }
Result<PowerSight> Switchboard::look(const std::string& host) { return way(host).look(); }

}  // namespace ballast::power
