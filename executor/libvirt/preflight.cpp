// SPDX-License-Identifier: Apache-2.0
#include "executor/libvirt/preflight.hpp"

#include <libvirt/virterror.h>

#include <array>
#include <cstdlib>
#include <memory>

#include "core/resources.hpp"
#include "executor/libvirt/domain_xml.hpp"
#include "executor/libvirt/migration_call.hpp"
#include "executor/libvirt/observation.hpp"
#include "executor/reconcile.hpp"

namespace ballast::virt {

namespace {

constexpr double bytes_per_kib = 1024.0;

struct Free {
    void operator()(char* text) const { std::free(text); }
};
using Text = std::unique_ptr<char, Free>;

struct NetworkFree {
    void operator()(virNetworkPtr network) const { virNetworkFree(network); }
};
using Network = std::unique_ptr<virNetwork, NetworkFree>;

const char* or_null(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

class Preflight {
  public:
    Preflight(const MigrationRequest& request, virConnectPtr source, virConnectPtr destination)
        : request_(request),
          source_(source),
          destination_(destination),
          vm_(request.vm.name),
          from_(request.source.name),
          to_(request.destination.name) {}

    Result<std::vector<std::string>> run() {
        const auto domain = find_domain(source_, request_.vm.uuid);
        if (!domain) return tl::unexpected(domain.error());
        if (!runs_undisturbed(domain->get())) return findings_;  // the rest would be about a VM that does not run
        const Text xml(virDomainGetXMLDesc(domain->get(), 0));
        if (!xml) return tl::unexpected(last_error("cannot read the definition of " + vm_));
        const auto described = parse_domain(xml.get());
        if (!described) return tl::unexpected(described.error());

        check_snapshots(domain->get());
        check_uri();
        if (Status same = check_hosts(); !same) return tl::unexpected(same.error());
        check_name_and_uuid();
        check_versions();
        check_machine(*described);
        check_cpu(*described);
        check_disks(*described);
        check_devices(*described);
        check_memory(*described);
        return findings_;
    }

  private:
    void find(std::string finding) { findings_.push_back(std::move(finding)); }

    bool runs_undisturbed(virDomainPtr domain) {
        const auto seen = look(source_, request_.vm, Side::source);
        if (!seen || seen->state != SideState::running) {
            find(vm_ + " does not run on " + from_ + " (" + (seen ? describe(*seen) : seen.error().message) +
                 "); only running VMs are moved");
            return false;
        }
        virDomainJobInfo job{};
        if (seen->has_job || (virDomainGetJobInfo(domain, &job) == 0 && job.type != VIR_DOMAIN_JOB_NONE)) {
            find(vm_ + " has another job (a migration, a backup or a save) on " + from_ + "; wait for its end");
            return false;
        }
        return true;
    }

    void check_snapshots(virDomainPtr domain) {
        const int count = virDomainSnapshotNum(domain, 0);
        if (count > 0) {
            find(vm_ + " has " + std::to_string(count) +
                 " snapshot(s), with which libvirt does not migrate; delete them or their metadata");
        }
    }

    void check_uri() {
        if (!host_of_uri(request_.destination.uri).empty()) return;
        find("the URI of " + to_ + " (" + request_.destination.uri + ") names no host, so " + from_ +
             " cannot reach it; give every host a URI like qemu+ssh://HOST/system");
    }

    Status check_hosts() {
        const Text here(virConnectGetCapabilities(source_));
        if (!here) return tl::unexpected(last_error("capabilities of " + from_));
        const Text there(virConnectGetCapabilities(destination_));
        if (!there) return tl::unexpected(last_error("capabilities of " + to_));
        const std::string uuid = host_uuid(here.get());
        if (!uuid.empty() && uuid == host_uuid(there.get())) {
            find(from_ + " and " + to_ + " have the same host UUID " + uuid +
                 "; set a distinct host_uuid in libvirtd.conf, or remove the duplicate host");
        }
        return {};
    }

    void check_name_and_uuid() {
        if (const auto by_uuid = find_domain(destination_, request_.vm.uuid); by_uuid) {
            const std::string name = virDomainGetName(by_uuid->get());
            if (virDomainIsActive(by_uuid->get()) == 1) {
                find(to_ + " already runs a VM with the UUID of " + vm_ + " (" + name +
                     "); find out which is the right one");
            } else if (name != vm_) {
                find(to_ + " defines a VM with the UUID of " + vm_ + " under the name " + name + "; undefine it there");
            }
        }
        const Domain by_name(virDomainLookupByName(destination_, vm_.c_str()));
        std::array<char, VIR_UUID_STRING_BUFLEN> uuid{};
        if (by_name && virDomainGetUUIDString(by_name.get(), uuid.data()) == 0 && request_.vm.uuid != uuid.data()) {
            find(to_ + " has another VM named " + vm_ + " (UUID " + uuid.data() + "); rename or undefine it there");
        }
    }

    void check_versions() {
        const auto compare = [&](const char* what, auto read) {
            unsigned long here = 0;
            unsigned long there = 0;
            if (read(source_, &here) == 0 && read(destination_, &there) == 0 && there < here) {
                find(std::string(what) + " of " + to_ + " (" + std::to_string(there) + ") is older than that of " +
                     from_ + " (" + std::to_string(here) + "); update " + to_);
            }
        };
        compare("libvirt", virConnectGetLibVersion);
        compare("QEMU", virConnectGetVersion);
    }

    void check_machine(const DomainXml& domain) {
        const Text capabilities(virConnectGetDomainCapabilities(destination_, or_null(domain.emulator),
                                                                or_null(domain.arch), or_null(domain.machine),
                                                                or_null(domain.type), 0));
        if (!capabilities)
            find(last_error(to_ + " cannot run the machine of " + vm_ + " (" + domain.type + ", " + domain.arch + ", " +
                            domain.machine + ")")
                     .message);
    }

    // Against what QEMU with KVM can give there, not against the bare processor. Emulation gives any CPU anywhere.
    void check_cpu(const DomainXml& domain) {
        if (domain.type != "kvm" || domain.cpu.empty()) return;
        const int result =
            virConnectCompareHypervisorCPU(destination_, or_null(domain.emulator), or_null(domain.arch),
                                           or_null(domain.machine), or_null(domain.type), domain.cpu.c_str(), 0);
        if (result == VIR_CPU_COMPARE_INCOMPATIBLE) {
            find(to_ + " cannot give " + vm_ + " its CPU; use a CPU model that all hosts of the cluster have");
        } else if (result == VIR_CPU_COMPARE_ERROR) {
            find(last_error("the CPU of " + vm_ + " cannot be compared with " + to_).message);
        }
    }

    void check_disks(const DomainXml& domain) {
        for (const DiskXml& disk : domain.disks) {
            const bool host_bound =
                disk.type == "dir" || disk.type == "nvme" || disk.type == "vhostuser" || disk.type == "vhostvdpa";
            if (host_bound) {
                find("disk " + disk.target + " of " + vm_ + " (type " + disk.type + ") is local to " + from_ +
                     "; move it to shared storage");
            }
            if (disk.transient) {
                find("disk " + disk.target + " of " + vm_ + " is transient, with which libvirt does not migrate");
            }
        }
    }

    void check_devices(const DomainXml& domain) {
        for (const std::string& device : domain.host_devices) {
            find(vm_ + " uses " + device + ", which ties it to " + from_ + "; detach it first");
        }
        for (const std::string& name : domain.networks) {
            const Network network(virNetworkLookupByName(destination_, name.c_str()));
            if (!network || virNetworkIsActive(network.get()) != 1) {
                find(to_ + " has no active network '" + name + "', which " + vm_ + " needs; define and start it there");
            }
        }
    }

    // Nobody else checks: QEMU reserves lazily, and the guest would meet the OOM killer later.
    void check_memory(const DomainXml& domain) {
        int count = 0;
        if (virNodeGetMemoryStats(destination_, VIR_NODE_MEMORY_STATS_ALL_CELLS, nullptr, &count, 0) != 0 || count <= 0)
            return;
        std::vector<virNodeMemoryStats> stats(static_cast<std::size_t>(count));
        if (virNodeGetMemoryStats(destination_, VIR_NODE_MEMORY_STATS_ALL_CELLS, stats.data(), &count, 0) != 0) return;
        double available = 0.0;
        for (const virNodeMemoryStats& stat : stats) {
            const std::string_view field = stat.field;
            if (field == VIR_NODE_MEMORY_STATS_FREE || field == VIR_NODE_MEMORY_STATS_BUFFERS ||
                field == VIR_NODE_MEMORY_STATS_CACHED) {
                available += static_cast<double>(stat.value) * bytes_per_kib;
            }
        }
        if (available < domain.memory_bytes) {
            const auto mib = [](double bytes) { return std::to_string(static_cast<long long>(bytes / bytes_per_mib)); };
            find(to_ + " has " + mib(available) + " MiB of memory available, and " + vm_ + " needs " +
                 mib(domain.memory_bytes) + " MiB; free some there first");
        }
    }

    const MigrationRequest& request_;
    virConnectPtr source_;
    virConnectPtr destination_;
    const std::string vm_;
    const std::string from_;
    const std::string to_;
    std::vector<std::string> findings_;
};

}  // namespace

Result<std::vector<std::string>> preflight(const MigrationRequest& request, virConnectPtr source,
                                           virConnectPtr destination) {
    return Preflight(request, source, destination).run();
}

}  // namespace ballast::virt
