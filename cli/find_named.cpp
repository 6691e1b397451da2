// SPDX-License-Identifier: Apache-2.0
#include "cli/find_named.hpp"

#include <fmt/format.h>

#include "cli/near_names.hpp"

namespace ballast {

namespace {

Error unknown(const std::string& wanted, const Inventory& inventory, std::string_view who_names_all) {
    std::vector<std::string> names;
    for (const VmSpec& vm : inventory.vms()) names.push_back(vm.name);
    for (const HostSpec& host : inventory.hosts()) names.push_back(host.name);
    std::string near;
    for (const std::string& name : near_names(wanted, names)) near += (near.empty() ? "" : ", ") + name;
    return {ErrorKind::usage, fmt::format("there is no VM or host \"{}\" in this cluster; {}", wanted,
                                          near.empty() ? std::string(who_names_all) + " names all" : "near: " + near)};
}

}  // namespace

Result<Named> find_named(const std::vector<std::string>& names, const Inventory& inventory,
                         std::string_view who_names_all) {
    Named named;
    for (const std::string& name : names) {
        const auto vm = inventory.find_vm(name);
        const auto host = inventory.find_host(name);
        if (!vm && !host) return tl::unexpected(unknown(name, inventory, who_names_all));
        if (vm) named.vms.push_back(*vm);
        if (host) named.hosts.push_back(*host);
    }
    return named;
}

}  // namespace ballast
