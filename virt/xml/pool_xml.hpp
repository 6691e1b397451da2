// SPDX-License-Identifier: Apache-2.0
// Storage pools and their volumes as libvirt prints them: how it is told that a path leads to the same file on two
// hosts. Pure functions over text that is not trusted.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace ballast::virt {

struct PoolXml {
    std::string name;
    std::string type;    // "netfs", "dir", "logical" …
    std::string server;  // of a network file system
    std::string dir;     // exported by it
    std::string target;  // where it is mounted
};

[[nodiscard]] Result<PoolXml> parse_pool(std::string_view xml);

// "nas1:/export/vms": what is mounted; nothing if the pool is no mount of a network file system.
[[nodiscard]] std::optional<std::string> export_of(const PoolXml& pool);

// The pool that mounts a network file system over this path, the innermost; nullptr if there is none.
[[nodiscard]] const PoolXml* mount_of(std::span<const PoolXml> pools, std::string_view path);
// "nas1:/export/vms/web.raw" for "/srv/vms/web.raw": the file's name on the server. `mount` is mount_of(…, path).
[[nodiscard]] std::string name_on_server(const PoolXml& mount, std::string_view path);

// What a host sees of one file.
struct VolumeXml {
    std::uint64_t capacity = 0;
    std::uint64_t allocation = 0;
    std::string changed;  // <ctime>, as printed, to the nanosecond; empty = not told
};

[[nodiscard]] Result<VolumeXml> parse_volume(std::string_view xml);

}  // namespace ballast::virt
