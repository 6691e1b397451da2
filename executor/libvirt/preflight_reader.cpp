// SPDX-License-Identifier: Apache-2.0
#include "executor/libvirt/preflight_reader.hpp"

#include <libvirt/virterror.h>

#include <netdb.h>
#include <sys/socket.h>

#include <array>

#include "executor/libvirt/endpoint_uri.hpp"
#include "executor/libvirt/image_locks.hpp"
#include "executor/libvirt/observation.hpp"
#include "executor/libvirt/preflight/checks.hpp"
#include "executor/reconcile.hpp"
#include "virt/handles.hpp"

namespace ballast::virt {

namespace {

constexpr double bytes_per_kib = 1024.0;

// libvirt takes a transport that it does not know for an error before it opens any connection.
constexpr const char* uri_to_nowhere = "qemu+ballast-preflight://nowhere/system";

const char* or_null(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

// What a failed call means: nothing, unless the daemon is gone. One of several daemons that is missing (virtnetworkd,
// say) looks like a lost connection in the error alone.
Status unless_gone(virConnectPtr connection, const std::string& what) {
    Error error = last_error(what);
    if (error.kind == ErrorKind::unreachable && virConnectIsAlive(connection) != 1) {
        return tl::unexpected(std::move(error));
    }
    return {};
}

std::string libvirts_words() {
    const virErrorPtr error = virGetLastError();
    return error == nullptr || error->message == nullptr ? "libvirt gave no reason" : one_line(error->message);
}

template <typename Handle, typename List>
Result<std::optional<std::vector<Handle>>> list_all(virConnectPtr connection, const char* what, List list,
                                                    unsigned int flags) {
    typename Handle::pointer* objects = nullptr;
    const int count = list(connection, &objects, flags);
    if (count >= 0) return take_all<Handle>(objects, count);
    if (Status ok = unless_gone(connection, what); !ok) return tl::unexpected(ok.error());
    return std::nullopt;
}

template <typename Handle, typename List, typename Name>
Result<std::optional<Names>> list_names(virConnectPtr connection, const char* what, List list, unsigned int flags,
                                        Name name_of) {
    const auto all = list_all<Handle>(connection, what, list, flags);
    if (!all) return tl::unexpected(all.error());
    if (!*all) return std::nullopt;
    Names names;
    for (const Handle& object : **all) {
        if (const char* name = name_of(object.get())) names.emplace(name);
    }
    return names;
}

class HostReading {
  public:
    HostReading(virConnectPtr connection, const HostEndpoint& host) : connection_(connection) {
        facts_.endpoint = host;
    }

    Result<HostFacts> read() {
        for (const auto step : {&HostReading::read_capabilities, &HostReading::read_vms, &HostReading::read_networks,
                                &HostReading::read_pools, &HostReading::read_memory}) {
            if (Status ok = (this->*step)(); !ok) return tl::unexpected(ok.error());
        }
        resolve(host_of_uri(facts_.endpoint.uri));
        resolve(facts_.endpoint.migration_address);
        return std::move(facts_);
    }

  private:
    Status read_capabilities() {
        const Text xml(virConnectGetCapabilities(connection_));
        if (!xml) return tl::unexpected(last_error("capabilities of " + facts_.endpoint.name));
        Result<HostXml> host = parse_host(xml.get());
        if (!host) return tl::unexpected(host.error());
        facts_.capabilities = std::move(*host);
        if (const Text name(virConnectGetHostname(connection_)); name) facts_.hostname = name.get();
        static_cast<void>(virConnectGetLibVersion(connection_, &facts_.libvirt_version));
        if (virConnectGetVersion(connection_, &facts_.qemu_version) != 0)
            return unless_gone(connection_, "hypervisor version");
        return {};
    }

    Status read_vms() {
        const auto vms = list_all<Domain>(connection_, "list of VMs", virConnectListAllDomains, 0);
        if (!vms) return tl::unexpected(vms.error());
        if (!*vms) return fail(ErrorKind::failed, libvirts_words());
        for (const Domain& vm : **vms) {
            std::array<char, VIR_UUID_STRING_BUFLEN> uuid{};
            const char* name = virDomainGetName(vm.get());
            if (name == nullptr || virDomainGetUUIDString(vm.get(), uuid.data()) != 0) continue;
            // The list came with the ids; to ask for each would be a call per VM of the host.
            const bool active = virDomainGetID(vm.get()) != static_cast<unsigned int>(-1);
            facts_.vms.push_back({name, uuid.data(), active});
        }
        return {};
    }

    Status read_networks() {
        auto networks = list_names<Network>(connection_, "list of networks", virConnectListAllNetworks,
                                            VIR_CONNECT_LIST_NETWORKS_ACTIVE, virNetworkGetName);
        if (!networks) return tl::unexpected(networks.error());
        facts_.networks = std::move(*networks);
        // Active or not: a bridge without a cable counts as inactive.
        auto interfaces = list_names<Interface>(connection_, "list of interfaces", virConnectListAllInterfaces, 0,
                                                virInterfaceGetName);
        if (!interfaces) return tl::unexpected(interfaces.error());
        facts_.interfaces = std::move(*interfaces);
        return {};
    }

    Status read_pools() {
        const auto pools = list_all<Pool>(connection_, "list of storage pools", virConnectListAllStoragePools,
                                          VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE);
        if (!pools) return tl::unexpected(pools.error());
        if (!*pools) return {};
        facts_.pools.emplace();
        for (const Pool& pool : **pools) {
            const Text xml(virStoragePoolGetXMLDesc(pool.get(), 0));
            if (!xml) continue;
            if (std::string mount = nfs4_mount_of_pool(xml.get()); !mount.empty()) {
                facts_.locking_mounts.push_back(std::move(mount));
            }
            if (auto described = parse_pool(xml.get())) facts_.pools->push_back(std::move(*described));
        }
        return {};
    }

    Status read_memory() {
        int count = 0;
        constexpr int all = VIR_NODE_MEMORY_STATS_ALL_CELLS;
        if (virNodeGetMemoryStats(connection_, all, nullptr, &count, 0) != 0 || count <= 0) {
            return unless_gone(connection_, "memory statistics");
        }
        std::vector<virNodeMemoryStats> stats(static_cast<std::size_t>(count));
        if (virNodeGetMemoryStats(connection_, all, stats.data(), &count, 0) != 0) {
            return unless_gone(connection_, "memory statistics");
        }
        double available = 0.0;
        for (const virNodeMemoryStats& stat : stats) {
            const std::string_view field = static_cast<const char*>(stat.field);
            if (field == VIR_NODE_MEMORY_STATS_FREE || field == VIR_NODE_MEMORY_STATS_BUFFERS ||
                field == VIR_NODE_MEMORY_STATS_CACHED) {
                available += static_cast<double>(stat.value) * bytes_per_kib;
            }
        }
        facts_.available_bytes = available;
        return read_hugepages();
    }

    Status read_hugepages() {
        constexpr int whole_host = -1;
        for (const std::uint64_t kib : facts_.capabilities.hugepage_kib) {
            auto size = static_cast<unsigned int>(kib);
            unsigned long long pages = 0;
            if (virNodeGetFreePages(connection_, 1, &size, whole_host, 1, &pages, 0) >= 0) {
                facts_.free_hugepages.emplace(kib, pages);
            } else if (Status ok = unless_gone(connection_, "free huge pages"); !ok) {
                return ok;
            }
        }
        return {};
    }

    void resolve(const std::string& name) {
        if (name.empty() || name.front() == '[') return;
        addrinfo* found = nullptr;
        if (getaddrinfo(name.c_str(), nullptr, nullptr, &found) == 0) {
            freeaddrinfo(found);
        } else {
            facts_.unresolved.push_back(name);
        }
    }

    virConnectPtr connection_;
    HostFacts facts_;
};

std::optional<SourceRefusal> ask_source(virDomainPtr domain) {
    constexpr unsigned long flags = VIR_MIGRATE_LIVE | VIR_MIGRATE_PEER2PEER | VIR_MIGRATE_PERSIST_DEST;
    if (virDomainMigrateToURI3(domain, uri_to_nowhere, nullptr, 0, flags) == 0) return std::nullopt;
    switch (virGetLastErrorCode()) {
        case VIR_ERR_MIGRATE_UNSAFE: return SourceRefusal{true, libvirts_words()};
        // What libvirt answers of a VM that it will not migrate; other errors are about the URI.
        case VIR_ERR_OPERATION_INVALID:
        case VIR_ERR_OPERATION_UNSUPPORTED:
        case VIR_ERR_CONFIG_UNSUPPORTED: return SourceRefusal{false, libvirts_words()};
        default: return std::nullopt;
    }
}

void read_block_jobs(virDomainPtr domain, GuestOnSource& guest) {
    for (const DiskXml& disk : guest.xml.disks) {
        virDomainBlockJobInfo job{};
        if (disk.read_only || disk.target.empty()) continue;
        if (virDomainGetBlockJobInfo(domain, disk.target.c_str(), &job, 0) == 1)
            guest.block_jobs.push_back(disk.target);
    }
}

}  // namespace

Result<HostFacts> read_host_facts(virConnectPtr connection, const HostEndpoint& host) {
    return HostReading(connection, host).read();
}

Result<GuestOnSource> read_guest(virConnectPtr connection, const VmIdentity& vm, AskSource ask) {
    GuestOnSource guest;
    guest.vm = vm;
    const auto domain = find_domain(connection, vm.uuid);
    if (!domain) return tl::unexpected(domain.error());
    const SideObservation seen = look(connection, vm, Side::source);
    if (seen.state == SideState::unreachable) return fail(ErrorKind::unreachable, seen.detail);
    if (seen.state != SideState::running) {
        guest.not_running = describe(seen);
        return guest;
    }
    const Text xml(virDomainGetXMLDesc(domain->get(), 0));
    if (!xml) return tl::unexpected(last_error("cannot read the definition of " + vm.name));
    Result<DomainXml> described = parse_domain(xml.get());
    if (!described) return tl::unexpected(described.error());
    guest.xml = std::move(*described);
    virDomainJobInfo job{};
    guest.has_job = seen.has_job || (virDomainGetJobInfo(domain->get(), &job) == 0 && job.type != VIR_DOMAIN_JOB_NONE);
    guest.snapshots = virDomainSnapshotNum(domain->get(), 0);
    if (!guest.has_job) read_block_jobs(domain->get(), guest);
    if (ask == AskSource::yes && !any_refuses(judge_guest(guest))) guest.refusal = ask_source(domain->get());
    return guest;
}

Result<MachineAnswer> ask_machine(virConnectPtr connection, const DomainXml& domain) {
    const Text xml(virConnectGetDomainCapabilities(connection, or_null(domain.emulator), or_null(domain.arch),
                                                   or_null(domain.machine), or_null(domain.type), 0));
    MachineAnswer answer;
    if (!xml) {
        if (Status ok = unless_gone(connection, "domain capabilities"); !ok) return tl::unexpected(ok.error());
        answer.refusal = libvirts_words();
        return answer;
    }
    if (auto machine = parse_machine(xml.get())) answer.abilities = std::move(*machine);
    return answer;
}

// Against what QEMU with KVM can give there, not against the bare processor. Emulation gives any CPU anywhere, and a
// guest with the host's very CPU names none that could be compared.
Result<CpuAnswer> ask_cpu(virConnectPtr connection, const DomainXml& domain) {
    using enum CpuAnswer::Verdict;
    if (domain.type != "kvm" || domain.cpu.empty()) return CpuAnswer{};
    if (domain.cpu_mode == "host-passthrough" || domain.cpu_mode == "maximum") return CpuAnswer{};
    // As a failure, libvirt names the features that are missing.
    const int result = virConnectCompareHypervisorCPU(connection, or_null(domain.emulator), or_null(domain.arch),
                                                      or_null(domain.machine), or_null(domain.type), domain.cpu.c_str(),
                                                      VIR_CONNECT_COMPARE_CPU_FAIL_INCOMPATIBLE);
    if (result == VIR_CPU_COMPARE_IDENTICAL || result == VIR_CPU_COMPARE_SUPERSET) return CpuAnswer{fits, {}};
    if (result == VIR_CPU_COMPARE_INCOMPATIBLE) return CpuAnswer{refused, {}};
    if (Status ok = unless_gone(connection, "comparison of CPUs"); !ok) return tl::unexpected(ok.error());
    return CpuAnswer{virGetLastErrorCode() == VIR_ERR_CPU_INCOMPATIBLE ? refused : unknown, libvirts_words()};
}

Result<Volumes> look_up_volumes(virConnectPtr connection, std::span<const std::string> paths) {
    Volumes volumes;
    for (const std::string& path : paths) {
        const Volume volume(virStorageVolLookupByPath(connection, path.c_str()));
        const Text xml(volume ? virStorageVolGetXMLDesc(volume.get(), 0) : nullptr);
        if (!xml) {
            if (Status ok = unless_gone(connection, "volume " + path); !ok) return tl::unexpected(ok.error());
            continue;
        }
        if (const auto described = parse_volume(xml.get())) volumes.emplace(path, *described);
    }
    return volumes;
}

}  // namespace ballast::virt
