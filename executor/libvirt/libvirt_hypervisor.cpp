// SPDX-License-Identifier: Apache-2.0
#include "executor/libvirt/libvirt_hypervisor.hpp"

#include <cstdlib>
#include <vector>

#include "executor/libvirt/bounded_call.hpp"
#include "executor/libvirt/connection_pool.hpp"
#include "executor/libvirt/domain_xml.hpp"
#include "executor/libvirt/migration_call.hpp"
#include "executor/libvirt/observation.hpp"
#include "executor/libvirt/preflight.hpp"

namespace ballast {

namespace {

struct Free {
    void operator()(char* text) const { std::free(text); }
};
using Text = std::unique_ptr<char, Free>;

struct PoolsFree {
    int count = 0;
    void operator()(virStoragePoolPtr* pools) const {
        for (int i = 0; i < count; ++i) virStoragePoolFree(pools[i]);
        std::free(pools);
    }
};

// Mount points on this host where a lock on a file is seen by every host. A daemon without storage driver has none.
std::vector<std::string> locking_mounts(virConnectPtr connection) {
    virStoragePoolPtr* raw = nullptr;
    const int count = virConnectListAllStoragePools(connection, &raw, VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE);
    if (count < 0) return {};
    const std::unique_ptr<virStoragePoolPtr[], PoolsFree> pools(raw, PoolsFree{count});
    std::vector<std::string> mounts;
    for (int i = 0; i < count; ++i) {
        const Text xml(virStoragePoolGetXMLDesc(raw[i], 0));
        if (!xml) continue;
        if (std::string mount = virt::nfs4_mount_of_pool(xml.get()); !mount.empty()) mounts.push_back(std::move(mount));
    }
    return mounts;
}

Result<Handover> handover_of(virConnectPtr connection, const VmIdentity& vm) {
    const auto domain = virt::find_domain(connection, vm.uuid);
    if (!domain) return tl::unexpected(domain.error());
    const Text xml(virDomainGetXMLDesc(domain->get(), 0));
    if (!xml) return tl::unexpected(virt::last_error("cannot read the definition of " + vm.name));
    const auto described = virt::parse_domain(xml.get());
    if (!described) return tl::unexpected(described.error());
    return virt::image_locks_hold(*described, locking_mounts(connection)) ? Handover::direct : Handover::paused;
}

}  // namespace

LibvirtHypervisor::LibvirtHypervisor(Clock& clock, LibvirtDeadlines deadlines)
    : clock_(clock), deadlines_(deadlines), pool_(std::make_shared<virt::ConnectionPool>()) {
    virt::start_event_loop();
}

LibvirtHypervisor::~LibvirtHypervisor() = default;

Result<std::vector<std::string>> LibvirtHypervisor::preflight(const MigrationRequest& request) {
    using Findings = std::vector<std::string>;
    return virt::bounded_call<Findings>(deadlines_.preflight_s, request.source.name + " or " + request.destination.name,
                                        [pool = pool_, request]() -> Result<Findings> {
                                            const auto source = pool->get(request.source.uri);
                                            if (!source) return tl::unexpected(source.error());
                                            const auto destination = pool->get(request.destination.uri);
                                            if (!destination) return tl::unexpected(destination.error());
                                            return virt::preflight(request, source->get(), destination->get());
                                        });
}

Result<Handover> LibvirtHypervisor::required_handover(const HostEndpoint& host, const VmIdentity& vm) {
    return virt::bounded_call<Handover>(deadlines_.preflight_s, host.name,
                                        [pool = pool_, uri = host.uri, vm]() -> Result<Handover> {
                                            const auto connection = pool->get(uri);
                                            if (!connection) return tl::unexpected(connection.error());
                                            return handover_of(connection->get(), vm);
                                        });
}

MigrationReport LibvirtHypervisor::migrate(const MigrationRequest& request, const ProgressSink& progress,
                                           const StopRequested& stop) {
    return virt::call_migrate(request, clock_, progress, stop);
}

SideObservation LibvirtHypervisor::observe(const HostEndpoint& host, const VmIdentity& vm, Side side) {
    auto seen = virt::bounded_call<SideObservation>(
        deadlines_.observe_s, host.name, [pool = pool_, uri = host.uri, vm, side]() -> Result<SideObservation> {
            const auto connection = pool->get(uri);
            if (!connection) return tl::unexpected(connection.error());
            return virt::look(connection->get(), vm, side);
        });
    if (seen) return *seen;
    pool_->drop(host.uri);
    SideObservation silent;
    silent.detail = seen.error().message;
    return silent;
}

Status LibvirtHypervisor::change(const HostEndpoint& host, const VmIdentity& vm, const char* verb,
                                 std::function<int(virDomainPtr)> call) {
    const std::string what = std::string("cannot ") + verb + " " + vm.name + " on " + host.name;
    return virt::bounded_call<void>(deadlines_.change_s, host.name,
                                    [pool = pool_, uri = host.uri, vm, what, call = std::move(call)]() -> Status {
                                        const auto connection = pool->get(uri);
                                        if (!connection) return tl::unexpected(connection.error());
                                        const auto domain = virt::find_domain(connection->get(), vm.uuid);
                                        if (!domain) return tl::unexpected(domain.error());
                                        if (call(domain->get()) != 0) return tl::unexpected(virt::last_error(what));
                                        return {};
                                    });
}

Status LibvirtHypervisor::resume(const HostEndpoint& host, const VmIdentity& vm) {
    return change(host, vm, "resume", virDomainResume);
}

Status LibvirtHypervisor::suspend(const HostEndpoint& host, const VmIdentity& vm) {
    return change(host, vm, "suspend", virDomainSuspend);
}

Status LibvirtHypervisor::destroy(const HostEndpoint& host, const VmIdentity& vm) {
    return change(host, vm, "destroy", virDomainDestroy);
}

Status LibvirtHypervisor::undefine(const HostEndpoint& host, const VmIdentity& vm) {
    // The firmware's variables may be on shared storage: they are the VM's, wherever it is defined.
    return change(host, vm, "undefine",
                  [](virDomainPtr domain) { return virDomainUndefineFlags(domain, VIR_DOMAIN_UNDEFINE_KEEP_NVRAM); });
}

Status LibvirtHypervisor::abort_job(const HostEndpoint& host, const VmIdentity& vm) {
    return change(host, vm, "abort the migration of", virDomainAbortJob);
}

}  // namespace ballast
