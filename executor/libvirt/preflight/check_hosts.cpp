// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "executor/libvirt/endpoint_uri.hpp"
#include "executor/libvirt/preflight/checks.hpp"

namespace ballast::virt {

namespace {

// 9000000 -> "9.0.0"
std::string version_text(unsigned long version) {
    return std::to_string(version / 1'000'000) + "." + std::to_string(version / 1000 % 1000) + "." +
           std::to_string(version % 1000);
}

void check_way(const HostFacts& destination, Findings& findings) {
    using enum PreflightCode;
    const std::string host = host_of_uri(destination.endpoint.uri);
    const std::string& address = destination.endpoint.migration_address;
    if (host.empty()) {
        findings.push_back(
            {uri_without_host,
             "the URI of {to} (" + destination.endpoint.uri + ") names no host, so the source cannot reach it",
             "give every host a URI like qemu+ssh://HOST/system"});
    }
    for (const std::string& name : {host, address}) {
        if (!is_loopback(name)) continue;
        findings.push_back({uri_loopback,
                            "\"" + name + "\" of {to} is a loopback address: the source finds itself there",
                            "give {to} a URI and a migration address that all hosts reach it by"});
    }
    for (const std::string& name : destination.unresolved) {
        findings.push_back({name_unresolved, "this machine does not know the name \"" + name + "\" of {to}",
                            "check on the hosts that `getent hosts " + name + "` answers, or configure an address"});
    }
}

void check_version(PreflightCode code, const char* what, unsigned long here, unsigned long there, Findings& findings) {
    if (here == 0 || there == 0 || there >= here) return;
    findings.push_back({code,
                        std::string(what) + " of {to} (" + version_text(there) + ") is older than that of {from} (" +
                            version_text(here) + ")",
                        "update {to}; a running VM moves to newer versions only"});
}

}  // namespace

void check_hosts(const HostFacts& source, const HostFacts& destination, Findings& findings) {
    using enum PreflightCode;
    check_way(destination, findings);
    const std::string& uuid = source.capabilities.uuid;
    if (!uuid.empty() && uuid == destination.capabilities.uuid) {
        findings.push_back({same_host, "{from} and {to} have the same host UUID " + uuid,
                            "set a distinct host_uuid in libvirtd.conf, or remove the duplicate host"});
    }
    if (!source.hostname.empty() && source.hostname == destination.hostname) {
        findings.push_back({same_hostname, "{from} and {to} both call themselves \"" + source.hostname + "\"",
                            "give each host a name of its own (hostnamectl) and restart libvirtd"});
    }
    check_version(libvirt_older, "libvirt", source.libvirt_version, destination.libvirt_version, findings);
    check_version(qemu_older, "QEMU", source.qemu_version, destination.qemu_version, findings);
    const auto& here = source.capabilities.secmodels;
    const auto& there = destination.capabilities.secmodels;
    for (const std::string& model : here) {
        if (there.contains(model)) continue;
        findings.push_back({security_model, "{from} confines guests by " + model + ", {to} does not",
                            "use the same security_driver in qemu.conf on all hosts"});
    }
}

}  // namespace ballast::virt
