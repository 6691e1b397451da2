// SPDX-License-Identifier: Apache-2.0
#include "executor/libvirt/libvirt_hypervisor.hpp"

#include <libvirt/virterror.h>

#include <vector>

#include "executor/libvirt/bounded_call.hpp"
#include "executor/libvirt/connection_pool.hpp"
#include "executor/libvirt/endpoint_uri.hpp"
#include "executor/libvirt/image_locks.hpp"
#include "executor/libvirt/migration_call.hpp"
#include "executor/libvirt/observation.hpp"
#include "executor/libvirt/preflight.hpp"
#include "virt/handles.hpp"

namespace ballast {

namespace {

// Mount points on this host where a lock on a file is seen by every host. A daemon without storage driver has none.
std::vector<std::string> locking_mounts(virConnectPtr connection) {
    virStoragePoolPtr* raw = nullptr;
    const int count = virConnectListAllStoragePools(connection, &raw, VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE);
    if (count < 0) return {};
    std::vector<std::string> mounts;
    for (const virt::Pool& pool : virt::take_all<virt::Pool>(raw, count)) {
        const virt::Text xml(virStoragePoolGetXMLDesc(pool.get(), 0));
        if (!xml) continue;
        if (std::string mount = virt::nfs4_mount_of_pool(xml.get()); !mount.empty()) mounts.push_back(std::move(mount));
    }
    return mounts;
}

Result<Handover> handover_between(virConnectPtr source, virConnectPtr destination, const VmIdentity& vm) {
    const auto domain = virt::find_domain(source, vm.uuid);
    if (!domain) return tl::unexpected(domain.error());
    const virt::Text xml(virDomainGetXMLDesc(domain->get(), 0));
    if (!xml) return tl::unexpected(virt::last_error("cannot read the definition of " + vm.name));
    const auto described = virt::parse_domain(xml.get());
    if (!described) return tl::unexpected(described.error());
    const bool locked = virt::image_locks_hold(*described, locking_mounts(source)) &&
                        virt::image_locks_hold(*described, locking_mounts(destination));
    return locked ? Handover::direct : Handover::paused;
}

// A daemon before libvirt 8.9 does not know KEEP_TPM, and removes the state of an emulated TPM with the definition.
// There the flag is left out only if the VM has none.
int undefine_and_keep_state(virDomainPtr domain) {
    constexpr unsigned int keep_all = VIR_DOMAIN_UNDEFINE_KEEP_NVRAM | VIR_DOMAIN_UNDEFINE_KEEP_TPM;
    const int result = virDomainUndefineFlags(domain, keep_all);
    if (result == 0 || virGetLastErrorCode() != VIR_ERR_INVALID_ARG) return result;
    const virt::Text xml(virDomainGetXMLDesc(domain, VIR_DOMAIN_XML_INACTIVE));
    if (!xml) return -1;
    const auto described = virt::parse_domain(xml.get());
    const bool has_no_tpm = described && !described->has_tpm;
    // Otherwise once more the same: it is refused again, and that is then libvirt's last error.
    return virDomainUndefineFlags(
        domain, has_no_tpm ? keep_all & ~static_cast<unsigned int>(VIR_DOMAIN_UNDEFINE_KEEP_TPM) : keep_all);
}

}  // namespace

LibvirtHypervisor::LibvirtHypervisor(Clock& clock, LibvirtDeadlines deadlines)
    : clock_(clock), deadlines_(deadlines), pool_(std::make_shared<virt::ConnectionPool>()) {
    virt::start_event_loop();
}

LibvirtHypervisor::~LibvirtHypervisor() = default;

Result<std::vector<PreflightFinding>> LibvirtHypervisor::preflight(const MigrationRequest& request) {
    using Findings = std::vector<PreflightFinding>;
    return virt::bounded_call<Findings>(deadlines_.preflight_s, request.source.name + " or " + request.destination.name,
                                        [pool = pool_, request]() -> Result<Findings> {
                                            const auto source = pool->get(request.source.uri);
                                            if (!source) return tl::unexpected(source.error());
                                            const auto destination = pool->get(request.destination.uri);
                                            if (!destination) return tl::unexpected(destination.error());
                                            return virt::preflight(request, source->get(), destination->get());
                                        });
}

Result<Handover> LibvirtHypervisor::required_handover(const MigrationRequest& request) {
    return virt::bounded_call<Handover>(deadlines_.preflight_s, request.source.name + " or " + request.destination.name,
                                        [pool = pool_, request]() -> Result<Handover> {
                                            const auto source = pool->get(request.source.uri);
                                            if (!source) return tl::unexpected(source.error());
                                            const auto destination = pool->get(request.destination.uri);
                                            if (!destination) return tl::unexpected(destination.error());
                                            return handover_between(source->get(), destination->get(), request.vm);
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
            return connection ? virt::look(connection->get(), vm, side) : virt::unanswered(connection.error());
        });
    if (seen && seen->state != SideState::unreachable) return *seen;
    pool_->drop(host.uri);
    if (seen) return *seen;
    SideObservation late;
    late.detail = seen.error().message;
    late.silent = !virt::may_ask_a_person(host.uri);
    return late;
}

Result<std::vector<std::string>> LibvirtHypervisor::active_guests(const HostEndpoint& host) {
    using Names = std::vector<std::string>;
    auto names = virt::bounded_call<Names>(deadlines_.observe_s, host.name,
                                           [pool = pool_, uri = host.uri, name = host.name]() -> Result<Names> {
                                               const auto connection = pool->get(uri);
                                               if (!connection) return tl::unexpected(connection.error());
                                               return virt::active_domains(connection->get(), name);
                                           });
    if (!names) pool_->drop(host.uri);  // it may have slept: the next call tries anew
    return names;
}

void LibvirtHypervisor::disconnect(const HostEndpoint& host) { pool_->drop(host.uri); }

Status LibvirtHypervisor::change(const HostEndpoint& host, const VmIdentity& vm, const char* verb,
                                 std::function<int(virDomainPtr)> call) {
    const std::string what = std::string("cannot ") + verb + " " + vm.name + " on " + host.name;
    const auto gate = std::make_shared<virt::StartGate>();
    return virt::bounded_call<void>(
        deadlines_.change_s, host.name,
        [pool = pool_, uri = host.uri, vm, what, gate, call = std::move(call)]() -> Status {
            const auto connection = pool->get(uri);
            if (!connection) return tl::unexpected(connection.error());
            const auto domain = virt::find_domain(connection->get(), vm.uuid);
            if (!domain) return tl::unexpected(domain.error());
            if (!gate->start()) return fail(ErrorKind::unreachable, what + ": given up before it began");
            if (call(domain->get()) != 0) return tl::unexpected(virt::last_error(what));
            return {};
        },
        gate);
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
    return change(host, vm, "undefine", undefine_and_keep_state);
}

Status LibvirtHypervisor::keep_autostart(const HostEndpoint& from, const HostEndpoint& to, const VmIdentity& vm) {
    const auto starts = std::make_shared<int>(0);  // a call that was given up may still write to it
    const Status read = change(from, vm, "read the autostart flag of",
                               [starts](virDomainPtr domain) { return virDomainGetAutostart(domain, starts.get()); });
    if (!read || *starts == 0) return read;
    const Status set = change(to, vm, "set the autostart flag of",
                              [](virDomainPtr domain) { return virDomainSetAutostart(domain, 1); });
    if (!set) return set;
    return change(from, vm, "clear the autostart flag of",
                  [](virDomainPtr domain) { return virDomainSetAutostart(domain, 0); });
}

Status LibvirtHypervisor::abort_job(const HostEndpoint& host, const VmIdentity& vm) {
    return change(host, vm, "abort the migration of", virDomainAbortJob);
}

}  // namespace ballast
