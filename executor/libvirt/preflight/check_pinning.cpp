// SPDX-License-Identifier: Apache-2.0
#include "executor/libvirt/preflight/checks.hpp"

namespace ballast::virt {

void check_pinning(const MoveFacts& move, Findings& findings) {
    using enum PreflightCode;
    const DomainXml& xml = move.guest.xml;
    const HostXml& there = move.destination.capabilities;
    if (!there.cpus.empty() && !there.cpus.contains(xml.cpus)) {
        findings.push_back(
            {cpu_pin_missing,
             "the VM is pinned to the CPUs " + xml.cpus.text() + "; {to} lacks " + xml.cpus.without(there.cpus).text(),
             "pin it to CPUs that all hosts have, or not at all"});
    }
    if (!there.nodes.empty() && !there.nodes.contains(xml.nodes)) {
        findings.push_back({numa_node_missing,
                            "the VM's memory is bound to the NUMA nodes " + xml.nodes.text() + "; {to} lacks " +
                                xml.nodes.without(there.nodes).text(),
                            "bind it to nodes that all hosts have, or not at all"});
    }
}

}  // namespace ballast::virt
