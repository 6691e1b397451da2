// SPDX-License-Identifier: Apache-2.0
// Pre-flight of a whole cluster: every host and every VM is read once, every host is asked once about every different
// machine type and CPU, and moves are judged from that. N VMs and M hosts cost N + M times a few calls, not N * M.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/ports/hypervisor.hpp"
#include "executor/libvirt/preflight/facts.hpp"

namespace ballast {

struct ClusterVm {
    VmIdentity vm;
    std::size_t host = 0;      // index of the host it runs on
    MigrationControl control;  // how it would be migrated
};

struct ClusterPreflightOptions {
    double deadline_s = 20.0;        // of one look at a host or a VM
    std::size_t hosts_at_once = 16;  // others wait
};

class ClusterPreflight {
  public:
    // Called from several threads, one at a time.
    using Progress = std::function<void(std::uint64_t done, std::uint64_t all)>;

    // Reads everything. Takes no longer than a few deadlines for each host that hangs; what could not be read is said.
    [[nodiscard]] static ClusterPreflight read(std::vector<HostEndpoint> hosts, std::vector<ClusterVm> vms,
                                               const ClusterPreflightOptions& options, const Progress& progress);

    // Why the host or VM could not be read; nullptr if it was. Moves of such VMs, from and to such hosts are unknown.
    [[nodiscard]] const Error* host_problem(std::size_t host) const;
    [[nodiscard]] const Error* vm_problem(std::size_t vm) const;

    // What is against moving this VM anywhere; empty if it could not be read.
    [[nodiscard]] std::vector<PreflightFinding> of_vm(std::size_t vm) const;
    // What is against moving it to that host besides; empty if one of the three could not be read.
    [[nodiscard]] std::vector<PreflightFinding> of_move(std::size_t vm, std::size_t host) const;

  private:
    // What a host was asked about the VMs of others, by what was asked.
    struct Host {
        HostEndpoint endpoint;
        std::optional<Error> problem;
        virt::HostFacts facts;
        std::map<std::string, virt::MachineAnswer> machines;
        std::map<std::string, virt::CpuAnswer> cpus;
        virt::Volumes volumes;
    };
    struct Guest {
        ClusterVm vm;
        std::optional<Error> problem;
        virt::GuestOnSource facts;
    };
    class Reader;

    [[nodiscard]] virt::MoveAnswers answers(const Guest& guest, const Host& destination) const;

    std::vector<Host> hosts_;
    std::vector<Guest> guests_;
    std::map<std::pair<std::size_t, std::string>, std::string> samples_;  // host, folder -> one disk of a VM there
};

}  // namespace ballast
