// SPDX-License-Identifier: Apache-2.0
// The Hypervisor port on libvirt.
#pragma once

#include <functional>
#include <memory>

#include "core/ports/clock.hpp"
#include "core/ports/hypervisor.hpp"
#include "virt/connection.hpp"

namespace ballast {

namespace virt {
class ConnectionPool;
}

// Deadlines of single calls. A daemon that does not answer in time is `unreachable`. Seconds.
struct LibvirtDeadlines {
    double observe_s = 15.0;
    double preflight_s = 60.0;
    double change_s = 60.0;  // resume, suspend, destroy, undefine: libvirt itself waits up to 30 s for a job's lock
};

class LibvirtHypervisor final : public Hypervisor {
  public:
    // `clock` must outlive the process's libvirt events, that is: be made before this and never destroyed before exit.
    explicit LibvirtHypervisor(Clock& clock, LibvirtDeadlines deadlines = {});
    ~LibvirtHypervisor() override;

    [[nodiscard]] Result<std::vector<PreflightFinding>> preflight(const MigrationRequest& request) override;
    [[nodiscard]] Result<Handover> required_handover(const MigrationRequest& request) override;
    [[nodiscard]] MigrationReport migrate(const MigrationRequest& request, const ProgressSink& progress,
                                          const StopRequested& stop) override;
    [[nodiscard]] SideObservation observe(const HostEndpoint& host, const VmIdentity& vm, Side side) override;
    [[nodiscard]] Result<std::vector<std::string>> active_guests(const HostEndpoint& host) override;
    void disconnect(const HostEndpoint& host) override;
    [[nodiscard]] Status resume(const HostEndpoint& host, const VmIdentity& vm) override;
    [[nodiscard]] Status suspend(const HostEndpoint& host, const VmIdentity& vm) override;
    [[nodiscard]] Status destroy(const HostEndpoint& host, const VmIdentity& vm) override;
    [[nodiscard]] Status undefine(const HostEndpoint& host, const VmIdentity& vm) override;
    [[nodiscard]] Status keep_autostart(const HostEndpoint& from, const HostEndpoint& to,
                                        const VmIdentity& vm) override;
    [[nodiscard]] Status abort_job(const HostEndpoint& host, const VmIdentity& vm) override;

  private:
    [[nodiscard]] Status change(const HostEndpoint& host, const VmIdentity& vm, const char* verb,
                                std::function<int(virDomainPtr)> call);

    Clock& clock_;
    LibvirtDeadlines deadlines_;
    std::shared_ptr<virt::ConnectionPool> pool_;  // shared with calls that were left behind
};

}  // namespace ballast
