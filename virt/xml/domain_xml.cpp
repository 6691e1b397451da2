// SPDX-License-Identifier: Apache-2.0
#include "virt/xml/domain_xml.hpp"

#include <pugixml.hpp>
#include <sstream>

#include "virt/xml/limits.hpp"

namespace ballast::virt {

namespace {

using Node = pugi::xml_node;

constexpr double bytes_per_kib = 1024.0;

std::string_view attribute(const Node& node, const char* name) { return node.attribute(name).value(); }

bool has_local_server(const Node& source) {
    for (const Node& host : source.children("host")) {
        if (attribute(host, "transport") == "unix" || is_loopback(attribute(host, "name"))) return true;
    }
    return false;
}

DiskXml read_disk(const Node& node) {
    const Node source = node.child("source");
    DiskXml disk;
    disk.target = node.child("target").attribute("dev").value();
    disk.device = node.attribute("device").as_string("disk");
    disk.type = node.attribute("type").value();
    disk.file = source.attribute("file").value();
    disk.dev = source.attribute("dev").value();
    disk.pool = source.attribute("pool").value();
    disk.protocol = source.attribute("protocol").value();
    disk.by_local_server = disk.type == "network" && has_local_server(source);
    disk.cache = node.child("driver").attribute("cache").value();
    disk.read_only = static_cast<bool>(node.child("readonly"));
    disk.shareable = static_cast<bool>(node.child("shareable"));
    disk.transient = static_cast<bool>(node.child("transient"));
    disk.may_be_missing = attribute(source, "startupPolicy") == "optional";
    return disk;
}

void read_interfaces(const Node& devices, DomainXml& domain) {
    for (const Node& interface : devices.children("interface")) {
        const std::string_view type = attribute(interface, "type");
        const Node source = interface.child("source");
        if (type == "hostdev" || type == "vdpa") {
            domain.host_devices.push_back("a network interface of type " + std::string(type));
        } else if (const std::string_view network = attribute(source, "network"); !network.empty()) {
            // Also of type bridge or direct: libvirt shows so what the network came to on this host. It is asked for
            // by its name again on the next one.
            domain.networks.emplace_back(network);
        } else if (type == "bridge") {
            domain.interfaces.emplace_back(attribute(source, "bridge"));
        } else if (type == "direct") {
            domain.interfaces.emplace_back(attribute(source, "dev"));
        }
    }
}

void read_host_devices(const Node& devices, DomainXml& domain) {
    auto& found = domain.host_devices;
    for (const Node& device : devices.children("hostdev")) {
        found.push_back(std::string("a host ") + device.attribute("type").as_string("device") + " device (<hostdev>)");
    }
    for (const Node& filesystem : devices.children("filesystem")) {
        found.push_back("a host directory mounted at " + std::string(attribute(filesystem.child("target"), "dir")) +
                        " (<filesystem>)");
    }
    for (const Node& memory : devices.children("shmem")) {
        if (attribute(memory, "role") == "master") continue;  // it takes its memory along
        found.push_back("shared memory " + std::string(attribute(memory, "name")) + " (<shmem>)");
    }
    for (const char* kind : {"serial", "parallel"}) {
        for (const Node& port : devices.children(kind)) {
            if (attribute(port, "type") == "dev") {
                found.push_back("the host's port " + std::string(attribute(port.child("source"), "path")));
            }
        }
    }
    for (const Node& input : devices.children("input")) {
        const std::string_view type = attribute(input, "type");
        if (type == "passthrough" || type == "evdev") found.emplace_back("an input device of the host");
    }
    const Node tpm = devices.child("tpm");
    if (attribute(tpm.child("backend"), "type") == "passthrough") found.emplace_back("the host's TPM");
}

std::uint64_t page_kib(const Node& page) {
    const std::string_view unit = attribute(page, "unit");
    const std::uint64_t size = page.attribute("size").as_ullong();
    if (unit.empty() || unit == "KiB" || unit == "K") return size;
    if (size > (1ULL << 40U)) return 0;
    if (unit == "MiB" || unit == "M") return size << 10U;
    if (unit == "GiB" || unit == "G") return size << 20U;
    return 0;
}

void read_hugepages(const Node& root, DomainXml& domain) {
    const Node hugepages = root.child("memoryBacking").child("hugepages");
    domain.uses_hugepages = static_cast<bool>(hugepages);
    for (const Node& page : hugepages.children("page")) {
        if (const std::uint64_t size = page_kib(page); size > 0) domain.hugepage_kib.push_back(size);
    }
}

void add_ids(IdSet& set, std::string_view text) {
    if (const auto ids = IdSet::parse(text)) set.add(*ids);
}

void read_pinning(const Node& root, DomainXml& domain) {
    add_ids(domain.cpus, attribute(root.child("vcpu"), "cpuset"));
    for (const Node& pin : root.child("cputune").children()) add_ids(domain.cpus, attribute(pin, "cpuset"));
    for (const Node& memory : root.child("numatune").children()) add_ids(domain.nodes, attribute(memory, "nodeset"));
}

// libvirt does not migrate such a guest: the counter would run at another pace on the destination.
bool is_bound_to_tsc(const Node& root) {
    const Node tsc = root.child("clock").find_child_by_attribute("timer", "name", "tsc");
    if (tsc.attribute("frequency")) return false;
    const Node feature = root.child("cpu").find_child_by_attribute("feature", "name", "invtsc");
    const std::string_view policy = attribute(feature, "policy");
    return feature && (policy == "require" || policy == "force" || policy.empty());
}

void read_cpu(const Node& root, DomainXml& domain) {
    const Node cpu = root.child("cpu");
    if (!cpu) return;
    std::ostringstream text;
    cpu.print(text, "", pugi::format_raw);
    domain.cpu = text.str();
    domain.cpu_mode = cpu.attribute("mode").as_string("custom");
    domain.bound_to_tsc = is_bound_to_tsc(root);
}

}  // namespace

Result<DomainXml> parse_domain(std::string_view xml) {
    pugi::xml_document document;
    const bool is_read = xml.size() <= document_bytes_max && document.load_buffer(xml.data(), xml.size());
    const Node root = is_read ? document.child("domain") : Node();
    if (!root) return fail(ErrorKind::failed, "libvirt's domain XML cannot be read");
    DomainXml domain;
    domain.name = root.child_value("name");
    domain.uuid = root.child_value("uuid");
    domain.type = root.attribute("type").value();
    domain.arch = root.child("os").child("type").attribute("arch").value();
    domain.machine = root.child("os").child("type").attribute("machine").value();
    domain.memory_bytes = root.child("memory").text().as_double() * bytes_per_kib;  // libvirt prints KiB
    domain.vcpus_max = root.child("vcpu").text().as_ullong();
    read_cpu(root, domain);
    read_hugepages(root, domain);
    read_pinning(root, domain);
    const Node devices = root.child("devices");
    domain.emulator = devices.child("emulator").text().as_string();
    for (const Node& disk : devices.children("disk")) domain.disks.push_back(read_disk(disk));
    for (const Node& graphics : devices.children("graphics")) {
        domain.graphics.emplace_back(attribute(graphics, "type"));
    }
    const Node tpm = devices.child("tpm");
    domain.has_tpm = static_cast<bool>(tpm);
    domain.emulates_tpm = attribute(tpm.child("backend"), "type") == "emulator";
    read_host_devices(devices, domain);
    read_interfaces(devices, domain);
    return domain;
}

bool is_loopback(std::string_view host) {
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    return host == "localhost" || host.starts_with("localhost.") || host == "::1" || host.starts_with("127.");
}

}  // namespace ballast::virt
