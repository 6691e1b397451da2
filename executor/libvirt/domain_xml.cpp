// SPDX-License-Identifier: Apache-2.0
#include "executor/libvirt/domain_xml.hpp"

#include <algorithm>
#include <pugixml.hpp>
#include <sstream>

namespace ballast::virt {

namespace {

constexpr double bytes_per_kib = 1024.0;

bool load(pugi::xml_document& document, std::string_view xml) {
    return static_cast<bool>(document.load_buffer(xml.data(), xml.size()));
}

DiskXml read_disk(const pugi::xml_node& node) {
    DiskXml disk;
    disk.target = node.child("target").attribute("dev").value();
    disk.device = node.attribute("device").as_string("disk");
    disk.type = node.attribute("type").value();
    disk.file = node.child("source").attribute("file").value();
    disk.read_only = static_cast<bool>(node.child("readonly"));
    disk.shareable = static_cast<bool>(node.child("shareable"));
    disk.transient = static_cast<bool>(node.child("transient"));
    return disk;
}

void read_host_devices(const pugi::xml_node& devices, DomainXml& domain) {
    for (const pugi::xml_node& device : devices.children("hostdev")) {
        domain.host_devices.push_back(std::string("a host ") + device.attribute("type").as_string("device") +
                                      " device (<hostdev>)");
    }
    for (const pugi::xml_node& interface : devices.children("interface")) {
        const std::string_view type = interface.attribute("type").value();
        if (type == "hostdev" || type == "vdpa") {
            domain.host_devices.push_back("a network interface of type " + std::string(type));
        } else if (type == "network") {
            domain.networks.emplace_back(interface.child("source").attribute("network").value());
        }
    }
    for (const pugi::xml_node& filesystem : devices.children("filesystem")) {
        domain.host_devices.push_back("a host directory mounted at " +
                                      std::string(filesystem.child("target").attribute("dir").value()) +
                                      " (<filesystem>)");
    }
    for (const pugi::xml_node& memory : devices.children("shmem")) {
        domain.host_devices.push_back("shared memory " + std::string(memory.attribute("name").value()) + " (<shmem>)");
    }
}

}  // namespace

Result<DomainXml> parse_domain(std::string_view xml) {
    pugi::xml_document document;
    const pugi::xml_node root = load(document, xml) ? document.child("domain") : pugi::xml_node();
    if (!root) return fail(ErrorKind::failed, "libvirt's domain XML cannot be read");
    DomainXml domain;
    domain.type = root.attribute("type").value();
    domain.arch = root.child("os").child("type").attribute("arch").value();
    domain.machine = root.child("os").child("type").attribute("machine").value();
    domain.memory_bytes = root.child("memory").text().as_double() * bytes_per_kib;  // libvirt prints KiB
    if (const pugi::xml_node cpu = root.child("cpu")) {
        std::ostringstream text;
        cpu.print(text, "", pugi::format_raw);
        domain.cpu = text.str();
    }
    const pugi::xml_node devices = root.child("devices");
    domain.emulator = devices.child("emulator").text().as_string();
    for (const pugi::xml_node& disk : devices.children("disk")) domain.disks.push_back(read_disk(disk));
    domain.has_tpm = static_cast<bool>(devices.child("tpm"));
    read_host_devices(devices, domain);
    return domain;
}

std::string host_uuid(std::string_view capabilities_xml) {
    pugi::xml_document document;
    if (!load(document, capabilities_xml)) return {};
    return document.child("capabilities").child("host").child("uuid").text().as_string();
}

std::string nfs4_mount_of_pool(std::string_view pool_xml) {
    pugi::xml_document document;
    if (!load(document, pool_xml)) return {};
    const pugi::xml_node pool = document.child("pool");
    const pugi::xml_node source = pool.child("source");
    const std::string_view version = source.child("protocol").attribute("ver").value();
    const bool nfs4 = std::string_view(pool.attribute("type").value()) == "netfs" &&
                      std::string_view(source.child("format").attribute("type").value()) == "nfs" &&
                      version.starts_with("4");
    if (!nfs4) return {};
    for (const pugi::xml_node& option : pool.child("fs:mount_opts").children("fs:option")) {
        const std::string_view name = option.attribute("name").value();
        if (name.starts_with("nolock") || name.starts_with("local_lock")) return {};
    }
    return pool.child("target").child("path").text().as_string();
}

bool image_locks_hold(const DomainXml& domain, const std::vector<std::string>& locking_mounts) {
    const auto on_locking_mount = [&](const std::string& file) {
        return std::any_of(locking_mounts.begin(), locking_mounts.end(), [&](const std::string& mount) {
            return !mount.empty() && file.starts_with(mount.back() == '/' ? mount : mount + "/");
        });
    };
    bool any_writable = false;
    for (const DiskXml& disk : domain.disks) {
        if (disk.read_only || disk.device == "cdrom") continue;
        if (disk.type != "file" || disk.shareable || !on_locking_mount(disk.file)) return false;
        any_writable = true;
    }
    return any_writable;
}

}  // namespace ballast::virt
