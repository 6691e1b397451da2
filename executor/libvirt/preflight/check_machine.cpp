// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "executor/libvirt/preflight/checks.hpp"

namespace ballast::virt {

namespace {

void check_abilities(const DomainXml& xml, const MachineXml& machine, Findings& findings) {
    using enum PreflightCode;
    if (machine.vcpus_max > 0 && xml.vcpus_max > machine.vcpus_max) {
        findings.push_back({vcpu_limit,
                            "{vm} may have up to " + std::to_string(xml.vcpus_max) + " virtual CPUs, " + xml.machine +
                                " on {to} at most " + std::to_string(machine.vcpus_max),
                            "lower the VM's number of virtual CPUs"});
    }
    if (xml.emulates_tpm && machine.tells_tpm && !machine.emulates_tpm) {
        findings.push_back({device_missing, "{to} cannot emulate a TPM", "install swtpm and swtpm-tools there"});
    }
    for (const std::string& type : xml.graphics) {
        if (!machine.tells_graphics || machine.graphics.contains(type)) continue;
        if (type != "spice" && type != "vnc" && type != "sdl")
            continue;  // others come with every QEMU, or are not told
        findings.push_back({device_missing, "QEMU of {to} has no " + type + " graphics",
                            "install the same QEMU modules on all hosts"});
    }
}

}  // namespace

void check_machine(const MoveFacts& move, Findings& findings) {
    using enum PreflightCode;
    const DomainXml& xml = move.guest.xml;
    const auto& emulators = move.destination.capabilities.emulators;
    const auto of_arch = [&](const EmulatorXml& e) { return e.arch == xml.arch; };
    const bool lists_any = !emulators.empty() && !xml.arch.empty();
    if (lists_any && std::none_of(emulators.begin(), emulators.end(), of_arch)) {
        findings.push_back({arch_missing, "{to} has no QEMU for the architecture " + xml.arch,
                            "install it there, or keep the VM on hosts of its architecture"});
        return;
    }
    const auto with_kvm = [&](const EmulatorXml& e) { return of_arch(e) && e.kvm; };
    if (xml.type == "kvm" && lists_any && std::none_of(emulators.begin(), emulators.end(), with_kvm)) {
        findings.push_back({kvm_missing, "{to} offers no KVM for " + xml.arch,
                            "load the kvm module there, and switch virtualisation on in its firmware"});
        return;
    }
    if (!move.answers.machine.refusal.empty()) {
        findings.push_back({machine_missing,
                            "{to} cannot run a machine " + xml.machine + " (" + xml.type + ", " + xml.arch +
                                "): " + move.answers.machine.refusal,
                            "install the same QEMU on all hosts, or a newer one on {to}"});
    }
    if (move.answers.machine.abilities) check_abilities(xml, *move.answers.machine.abilities, findings);
}

}  // namespace ballast::virt
