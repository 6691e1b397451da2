// SPDX-License-Identifier: Apache-2.0
#include "executor/libvirt/preflight/checks.hpp"

namespace ballast::virt {

void check_network(const MoveFacts& move, Findings& findings) {
    using enum PreflightCode;
    const DomainXml& xml = move.guest.xml;
    for (const std::string& name : Names(xml.networks.begin(), xml.networks.end())) {
        if (!move.destination.networks || move.destination.networks->contains(name)) continue;
        findings.push_back({network_missing, "{to} has no active network '" + name + "', which the VM needs",
                            "define it there and start it: `virsh net-start " + name + "`"});
    }
    // libvirt's list of interfaces is believed only where it is known to show such things: the one the VM uses now.
    const auto& here = move.source.interfaces;
    const auto& there = move.destination.interfaces;
    for (const std::string& name : Names(xml.interfaces.begin(), xml.interfaces.end())) {
        if (there && there->contains(name)) continue;
        if (here && here->contains(name) && there && !there->empty()) {
            findings.push_back({interface_missing, "{to} has no bridge or device '" + name + "', which the VM needs",
                                "set it up there under the same name"});
        } else {
            findings.push_back({interface_unknown,
                                "whether {to} has the bridge or device '" + name + "' cannot be seen",
                                "check there with `ip link show " + name + "`"});
        }
    }
}

}  // namespace ballast::virt
