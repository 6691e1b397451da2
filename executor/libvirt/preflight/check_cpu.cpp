// SPDX-License-Identifier: Apache-2.0
#include "executor/libvirt/preflight/checks.hpp"

namespace ballast::virt {

namespace {

std::string cpu_of(const HostXml& host) {
    return (host.vendor.empty() ? std::string() : host.vendor + " ") + (host.model.empty() ? "unknown" : host.model);
}

void check_passthrough(const HostXml& here, const HostXml& there, Findings& findings) {
    using enum PreflightCode;
    const bool known = !here.model.empty() && !there.model.empty();
    if (known && (here.vendor != there.vendor || here.model != there.model)) {
        findings.push_back(
            {cpu_passthrough_differs,
             "{vm} has the very CPU of {from} (" + cpu_of(here) + "), {to} another (" + cpu_of(there) + ")",
             "start it with a CPU model that all hosts have (`virsh hypervisor-cpu-baseline`)"});
        return;
    }
    findings.push_back({cpu_passthrough,
                        "the VM has the very CPU of {from}, and nothing proves that {to} has the same microcode and "
                        "kernel",
                        "keep the hosts alike, or use a CPU model (`virsh hypervisor-cpu-baseline`)"});
}

}  // namespace

// Emulation gives any CPU anywhere.
void check_cpu(const MoveFacts& move, Findings& findings) {
    using enum PreflightCode;
    const DomainXml& xml = move.guest.xml;
    if (xml.type != "kvm" || xml.cpu.empty()) return;
    const HostXml& here = move.source.capabilities;
    const HostXml& there = move.destination.capabilities;
    if (xml.cpu_mode == "host-passthrough" || xml.cpu_mode == "maximum") {
        check_passthrough(here, there, findings);
        return;
    }
    if (move.answers.cpu.verdict == CpuAnswer::Verdict::refused) {
        findings.push_back(
            {cpu_incompatible,
             "{to} cannot give {vm} its CPU" + (move.answers.cpu.text.empty() ? "" : ": " + move.answers.cpu.text),
             "use a CPU model that all hosts have (`virsh hypervisor-cpu-baseline`)"});
    } else if (move.answers.cpu.verdict == CpuAnswer::Verdict::unknown) {
        findings.push_back({cpu_unknown, "the CPU of {vm} cannot be compared with {to}: " + move.answers.cpu.text,
                            "the migration itself will tell: libvirt compares once more before anything is moved"});
    }
    if (!here.vendor.empty() && !there.vendor.empty() && here.vendor != there.vendor) {
        findings.push_back({cpu_vendor, "{from} has a CPU of " + here.vendor + ", {to} of " + there.vendor,
                            "expect trouble with time and with what the guest has tuned itself to; better keep to one "
                            "vendor"});
    }
}

}  // namespace ballast::virt
