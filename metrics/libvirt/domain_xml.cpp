// SPDX-License-Identifier: Apache-2.0
#include "metrics/libvirt/domain_xml.hpp"

#include <limits>
#include <pugixml.hpp>

#include "metrics/libvirt/xml_values.hpp"

namespace ballast {

namespace {

using Node = pugi::xml_node;

std::string_view attribute(const Node& node, const char* name) { return node.attribute(name).value(); }

std::string first_of(std::string_view a, std::string_view b) { return std::string(a.empty() ? b : a); }

// The text goes into one-line messages.
std::string one_line(std::string text) {
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    }
    return text;
}

std::string disk_tie(const Node& disk) {
    const std::string target(attribute(disk.child("target"), "dev"));
    const std::string_view source = attribute(disk.child("source"), "dev");
    if (attribute(disk, "device") == "lun") {
        return "its disk " + target + " is the host's SCSI device " + std::string(source) + " passed through";
    }
    if (attribute(disk, "type") == "block" && !source.empty()) {
        return "its disk " + target + " is the host's block device " + std::string(source) +
               ", which other hosts may not see";
    }
    if (disk.child("transient")) return "its disk " + target + " is transient: its changes are kept on this host only";
    return {};
}

std::string device_tie(const Node& device) {
    const std::string_view kind = device.name();
    const std::string_view type = attribute(device, "type");
    if (kind == "disk") return disk_tie(device);
    if (kind == "hostdev") {
        return "it uses a device of the host (" + first_of(type, attribute(device, "mode")) + " passthrough)";
    }
    if (kind == "interface" && (type == "hostdev" || type == "vdpa")) {
        return "its network interface is a device of the host (" + std::string(type) + ")";
    }
    if (kind == "filesystem") {
        return "it mounts a folder of the host (" + first_of(attribute(device.child("driver"), "type"), "filesystem") +
               ")";
    }
    if (kind == "shmem" && attribute(device, "role") != "master") {
        return "it shares memory with other processes of the host (shmem " + std::string(attribute(device, "name")) +
               ")";
    }
    return {};
}

std::string tie_to_host(const Node& domain) {
    for (const Node& device : domain.child("devices").children()) {
        if (std::string tie = device_tie(device); !tie.empty()) return one_line(std::move(tie));
    }
    return {};
}

GuestCpu guest_cpu(const Node& domain) {
    GuestCpu cpu;
    cpu.arch = attribute(domain.child("os").child("type"), "arch");
    const Node node = domain.child("cpu");
    const std::string_view mode = attribute(node, "mode");
    if (mode == "host-passthrough" || mode == "host-model" || mode == "maximum") {
        cpu.mode = GuestCpuMode::host_bound;
    } else {
        cpu.model = node.child_value("model");
    }
    return cpu;
}

}  // namespace

Result<DomainFacts> parse_domain_xml(std::string_view xml) {
    const auto bad = [](const std::string& what) {
        return fail(ErrorKind::failed, "the guest's definition cannot be used: " + what);
    };
    if (xml.size() > xml_bytes_max) return bad("it is too long");
    pugi::xml_document document;
    const pugi::xml_parse_result parsed = document.load_buffer(xml.data(), xml.size());
    if (!parsed) return bad(parsed.description());
    const Node domain = document.child("domain");
    if (!domain) return bad("no <domain>");

    DomainFacts facts;
    facts.name = domain.child_value("name");
    facts.uuid = domain.child_value("uuid");
    if (facts.name.empty() || facts.uuid.empty()) return bad("no name or no UUID");
    const Node memory = domain.child("memory");
    const auto bytes = parse_memory_bytes(memory.child_value(), attribute(memory, "unit"));
    if (!bytes) return bad("no usable <memory>");
    facts.guest.memory_bytes = *bytes;
    const Node vcpu = domain.child("vcpu");
    const pugi::xml_attribute current = vcpu.attribute("current");
    const auto vcpus = parse_count(current ? current.value() : vcpu.child_value());
    if (!vcpus || *vcpus == 0 || *vcpus > std::numeric_limits<std::uint16_t>::max()) return bad("no usable <vcpu>");
    facts.guest.vcpus = static_cast<std::uint32_t>(*vcpus);
    facts.guest.cpu = guest_cpu(domain);
    facts.guest.immovable_because = tie_to_host(domain);
    return facts;
}

}  // namespace ballast
