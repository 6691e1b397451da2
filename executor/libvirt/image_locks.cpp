// SPDX-License-Identifier: Apache-2.0
#include "executor/libvirt/image_locks.hpp"

#include <algorithm>
#include <pugixml.hpp>

#include "virt/xml/limits.hpp"

namespace ballast::virt {

std::string nfs4_mount_of_pool(std::string_view pool_xml) {
    pugi::xml_document document;
    if (pool_xml.size() > document_bytes_max || !document.load_buffer(pool_xml.data(), pool_xml.size())) return {};
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
