// SPDX-License-Identifier: Apache-2.0
#include "metrics/libvirt/host_lists.hpp"

#include <utility>

#include "virt/handles.hpp"

namespace ballast {

namespace {

template <typename Handle, typename List>
Result<std::optional<std::vector<Handle>>> list_all(virConnectPtr connection, const char* what, List list,
                                                    unsigned int flags) {
    typename Handle::pointer* objects = nullptr;
    const int count = list(connection, &objects, flags);
    if (count >= 0) return virt::take_all<Handle>(objects, count);
    Error error = virt::last_error(what);
    // One of several daemons that is missing (virtnetworkd, say) looks like a lost connection in the error alone.
    const bool gone = error.kind == ErrorKind::unreachable && virConnectIsAlive(connection) != 1;
    if (gone) return tl::unexpected(std::move(error));
    return std::nullopt;
}

template <typename Handle, typename Name>
std::set<std::string, std::less<>> names_of(const std::vector<Handle>& objects, Name name_of) {
    std::set<std::string, std::less<>> names;
    for (const Handle& object : objects) {
        if (const char* name = name_of(object.get())) names.emplace(name);
    }
    return names;
}

}  // namespace

Result<HostLists> read_host_lists(virConnectPtr connection) {
    HostLists lists;
    const auto networks = list_all<virt::Network>(connection, "list of networks", virConnectListAllNetworks,
                                                  VIR_CONNECT_LIST_NETWORKS_ACTIVE);
    if (!networks) return tl::unexpected(networks.error());
    if (*networks) lists.networks = names_of(**networks, virNetworkGetName);
    // Active or not: a bridge without a cable counts as inactive.
    const auto interfaces = list_all<virt::Interface>(connection, "list of interfaces", virConnectListAllInterfaces, 0);
    if (!interfaces) return tl::unexpected(interfaces.error());
    if (*interfaces) lists.interfaces = names_of(**interfaces, virInterfaceGetName);
    const auto pools = list_all<virt::Pool>(connection, "list of storage pools", virConnectListAllStoragePools,
                                            VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE);
    if (!pools) return tl::unexpected(pools.error());
    if (!*pools) return lists;
    lists.pools.emplace();
    for (const virt::Pool& pool : **pools) {
        const virt::Text xml(virStoragePoolGetXMLDesc(pool.get(), 0));
        if (!xml) continue;
        if (auto described = virt::parse_pool(xml.get())) lists.pools->push_back(std::move(*described));
    }
    return lists;
}

}  // namespace ballast
