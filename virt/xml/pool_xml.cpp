// SPDX-License-Identifier: Apache-2.0
#include "virt/xml/pool_xml.hpp"

#include <pugixml.hpp>

#include "virt/xml/limits.hpp"

namespace ballast::virt {

namespace {

std::string_view without_end_slash(std::string_view path) {
    while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    return path;
}

bool is_below(std::string_view path, std::string_view folder) {
    folder = without_end_slash(folder);
    if (folder == "/") return true;
    return !folder.empty() && path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

}  // namespace

Result<PoolXml> parse_pool(std::string_view xml) {
    pugi::xml_document document;
    const bool is_read = xml.size() <= document_bytes_max && document.load_buffer(xml.data(), xml.size());
    const pugi::xml_node root = is_read ? document.child("pool") : pugi::xml_node();
    if (!root) return fail(ErrorKind::failed, "libvirt's storage pool XML cannot be read");
    const pugi::xml_node source = root.child("source");
    PoolXml pool;
    pool.name = root.child_value("name");
    pool.type = root.attribute("type").value();
    pool.server = source.child("host").attribute("name").value();
    pool.dir = source.child("dir").attribute("path").value();
    pool.target = without_end_slash(root.child("target").child_value("path"));
    return pool;
}

std::optional<std::string> export_of(const PoolXml& pool) {
    if (pool.type != "netfs" || pool.server.empty() || pool.dir.empty() || pool.target.empty()) return std::nullopt;
    return pool.server + ":" + std::string(without_end_slash(pool.dir));
}

const PoolXml* mount_of(std::span<const PoolXml> pools, std::string_view path) {
    const PoolXml* innermost = nullptr;
    for (const PoolXml& pool : pools) {
        if (!export_of(pool) || !is_below(path, pool.target)) continue;
        if (innermost == nullptr || pool.target.size() > innermost->target.size()) innermost = &pool;
    }
    return innermost;
}

std::string name_on_server(const PoolXml& mount, std::string_view path) {
    std::string exported = export_of(mount).value_or("");
    if (exported.ends_with('/')) exported.pop_back();
    return exported + std::string(mount.target == "/" ? path : path.substr(mount.target.size()));
}

Result<VolumeXml> parse_volume(std::string_view xml) {
    pugi::xml_document document;
    const bool is_read = xml.size() <= document_bytes_max && document.load_buffer(xml.data(), xml.size());
    const pugi::xml_node root = is_read ? document.child("volume") : pugi::xml_node();
    if (!root) return fail(ErrorKind::failed, "libvirt's volume XML cannot be read");
    VolumeXml volume;
    volume.capacity = root.child("capacity").text().as_ullong();
    volume.allocation = root.child("allocation").text().as_ullong();
    volume.changed = root.child("target").child("timestamps").child_value("ctime");
    return volume;
}

}  // namespace ballast::virt
