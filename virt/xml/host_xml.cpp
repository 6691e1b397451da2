// SPDX-License-Identifier: Apache-2.0
#include "virt/xml/host_xml.hpp"

#include <algorithm>
#include <pugixml.hpp>

#include "virt/xml/limits.hpp"

namespace ballast::virt {

namespace {

using Node = pugi::xml_node;

void add_machines(EmulatorXml& emulator, const Node& parent) {
    for (const Node& machine : parent.children("machine")) emulator.machines.emplace(machine.child_value());
}

// An architecture has one emulator, unless an accelerator names its own.
void read_emulators(const Node& arch, HostXml& host) {
    EmulatorXml common;
    common.arch = arch.attribute("name").value();
    common.path = arch.child_value("emulator");
    add_machines(common, arch);
    for (const Node& accelerator : arch.children("domain")) {
        const bool kvm = std::string_view(accelerator.attribute("type").value()) == "kvm";
        if (const std::string own = accelerator.child_value("emulator"); !own.empty() && own != common.path) {
            EmulatorXml emulator{common.arch, own, {}, kvm};
            add_machines(emulator, accelerator);
            host.emulators.push_back(std::move(emulator));
        } else {
            add_machines(common, accelerator);
            common.kvm = common.kvm || kvm;
        }
    }
    host.emulators.push_back(std::move(common));
}

void read_topology(const Node& topology, HostXml& host) {
    constexpr unsigned absent = IdSet::id_max + 1;
    for (const Node& cell : topology.child("cells").children("cell")) {
        if (const unsigned id = cell.attribute("id").as_uint(absent); id < absent) host.nodes.add(id);
        for (const Node& cpu : cell.child("cpus").children("cpu")) {
            if (const unsigned id = cpu.attribute("id").as_uint(absent); id < absent) host.cpus.add(id);
        }
        for (const Node& pages : cell.children("pages"))
            host.hugepage_kib.push_back(pages.attribute("size").as_ullong());
    }
    // The smallest size is the ordinary page: 4 KiB on x86, 64 KiB on some ARM and POWER.
    auto& sizes = host.hugepage_kib;
    std::sort(sizes.begin(), sizes.end());
    sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
    if (!sizes.empty()) sizes.erase(sizes.begin());
}

std::set<std::string, std::less<>> values_of(const Node& device, const char* what) {
    std::set<std::string, std::less<>> values;
    for (const Node& value : device.find_child_by_attribute("enum", "name", what).children("value")) {
        values.emplace(value.child_value());
    }
    return values;
}

bool is_told(const Node& device) { return static_cast<bool>(device.attribute("supported")); }

}  // namespace

Result<HostXml> parse_host(std::string_view xml) {
    pugi::xml_document document;
    const bool is_read = xml.size() <= document_bytes_max && document.load_buffer(xml.data(), xml.size());
    const Node root = is_read ? document.child("capabilities") : Node();
    const Node node = root.child("host");
    if (!node) return fail(ErrorKind::failed, "libvirt's capabilities XML cannot be read");
    HostXml host;
    host.uuid = node.child_value("uuid");
    host.arch = node.child("cpu").child_value("arch");
    host.vendor = node.child("cpu").child_value("vendor");
    host.model = node.child("cpu").child_value("model");
    read_topology(node.child("topology"), host);
    for (const Node& secmodel : node.children("secmodel")) {
        if (const std::string_view model = secmodel.child_value("model"); model != "none" && !model.empty()) {
            host.secmodels.emplace(model);
        }
    }
    for (const Node& guest : root.children("guest")) {
        for (const Node& arch : guest.children("arch")) read_emulators(arch, host);
    }
    return host;
}

Result<MachineXml> parse_machine(std::string_view xml) {
    pugi::xml_document document;
    const bool is_read = xml.size() <= document_bytes_max && document.load_buffer(xml.data(), xml.size());
    const Node root = is_read ? document.child("domainCapabilities") : Node();
    if (!root) return fail(ErrorKind::failed, "libvirt's domain capabilities XML cannot be read");
    const Node devices = root.child("devices");
    MachineXml machine;
    machine.vcpus_max = root.child("vcpu").attribute("max").as_ullong();
    machine.tells_tpm = is_told(devices.child("tpm"));
    machine.emulates_tpm = values_of(devices.child("tpm"), "backendModel").contains("emulator");
    machine.tells_graphics = is_told(devices.child("graphics"));
    machine.graphics = values_of(devices.child("graphics"), "type");
    return machine;
}

}  // namespace ballast::virt
