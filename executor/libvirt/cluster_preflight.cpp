// SPDX-License-Identifier: Apache-2.0
#include "executor/libvirt/cluster_preflight.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "executor/libvirt/bounded_call.hpp"
#include "executor/libvirt/connection_pool.hpp"
#include "executor/libvirt/preflight/checks.hpp"
#include "executor/libvirt/preflight_reader.hpp"

namespace ballast {

namespace {

constexpr int silences_max = 2;  // calls without an answer after which a host is asked no more

std::string machine_key(const virt::DomainXml& xml) {
    return xml.emulator + '\n' + xml.arch + '\n' + xml.machine + '\n' + xml.type;
}

std::string cpu_key(const virt::DomainXml& xml) { return machine_key(xml) + '\n' + xml.cpu; }

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/') + 1); }

// Calls `work` for 0 … count - 1, on up to `threads` threads.
void for_each_of(std::size_t count, std::size_t threads, const std::function<void(std::size_t)>& work) {
    std::atomic<std::size_t> next{0};
    std::vector<std::jthread> workers;
    for (std::size_t t = 0; t < std::min(count, threads); ++t) {
        workers.emplace_back([&] {
            for (std::size_t i = next++; i < count; i = next++) work(i);
        });
    }
}

}  // namespace

// Two rounds, because what the hosts are asked in the second depends on all VMs.
class ClusterPreflight::Reader {
  public:
    Reader(ClusterPreflight& cluster, const ClusterPreflightOptions& options, const Progress& progress)
        : cluster_(cluster), options_(options), progress_(progress) {}

    void read() {
        std::vector<std::vector<Guest*>> guests_of(cluster_.hosts_.size());
        for (Guest& guest : cluster_.guests_) guests_of[guest.vm.host].push_back(&guest);
        all_ = 2 * cluster_.hosts_.size() + cluster_.guests_.size();
        for_each_of(cluster_.hosts_.size(), options_.hosts_at_once, [&](std::size_t h) {
            read_host(cluster_.hosts_[h]);
            read_guests(cluster_.hosts_[h], guests_of[h]);
        });
        gather_questions();
        for_each_of(cluster_.hosts_.size(), options_.hosts_at_once, [&](std::size_t h) {
            ask(cluster_.hosts_[h]);
            advance();
        });
    }

  private:
    void advance() {
        const std::scoped_lock lock(progress_mutex_);
        ++done_;
        if (progress_) progress_(done_, all_);
    }

    // A call to the host's daemon that is given up after the deadline.
    template <typename T, typename Call>
    Result<T> call(const HostEndpoint& host, Call what) const {
        return virt::bounded_call<T>(options_.deadline_s, host.name,
                                     [pool = pool_, uri = host.uri, what = std::move(what)]() -> Result<T> {
                                         const auto connection = pool->get(uri);
                                         if (!connection) return tl::unexpected(connection.error());
                                         return what(connection->get());
                                     });
    }

    void read_host(Host& host) const {
        Result<virt::HostFacts> facts =
            call<virt::HostFacts>(host.endpoint, [endpoint = host.endpoint](virConnectPtr connection) {
                return virt::read_host_facts(connection, endpoint);
            });
        if (facts) {
            host.facts = std::move(*facts);
        } else {
            host.problem = facts.error();
        }
    }

    void read_guests(const Host& host, const std::vector<Guest*>& guests) {
        advance();
        int silences = 0;
        for (Guest* guest : guests) {
            if (host.problem || silences >= silences_max) {
                guest->problem = host.problem ? *host.problem
                                              : Error{ErrorKind::unreachable, host.endpoint.name +
                                                                                  " did not answer twice and was asked "
                                                                                  "no more"};
                advance();
                continue;
            }
            Result<virt::GuestOnSource> facts =
                call<virt::GuestOnSource>(host.endpoint, [vm = guest->vm.vm](virConnectPtr connection) {
                    return virt::read_guest(connection, vm, virt::AskSource::yes);
                });
            if (facts) {
                guest->facts = std::move(*facts);
            } else {
                guest->problem = facts.error();
                silences += facts.error().kind == ErrorKind::unreachable ? 1 : 0;
            }
            advance();
        }
    }

    void gather_questions() {
        for (const Guest& guest : cluster_.guests_) {
            if (guest.problem || !guest.facts.not_running.empty()) continue;
            const virt::DomainXml& xml = guest.facts.xml;
            machines_.emplace(machine_key(xml), &xml);
            cpus_.emplace(cpu_key(xml), &xml);
            gather_samples(guest);
        }
        for (const auto& [place, path] : cluster_.samples_) paths_.insert(path);
    }

    // One disk per folder is enough to know whether the folder is the same.
    void gather_samples(const Guest& guest) {
        const Host& source = cluster_.hosts_[guest.vm.host];
        if (source.problem) return;
        for (const Host& destination : cluster_.hosts_) {
            if (destination.problem || &destination == &source) continue;
            for (const std::string& path : virt::paths_to_compare(guest.facts, source.facts, destination.facts)) {
                cluster_.samples_.emplace(std::pair(guest.vm.host, folder_of(path)), path);
            }
        }
    }

    void ask(Host& host) const {
        if (host.problem) return;
        struct Answers {
            std::map<std::string, virt::MachineAnswer> machines;
            std::map<std::string, virt::CpuAnswer> cpus;
            virt::Volumes volumes;
        };
        // A call that is left behind must own what it reads.
        std::map<std::string, virt::DomainXml> machines;
        for (const auto& [key, xml] : machines_) machines.emplace(key, *xml);
        std::map<std::string, virt::DomainXml> cpus;
        for (const auto& [key, xml] : cpus_) cpus.emplace(key, *xml);
        const std::vector<std::string> paths(paths_.begin(), paths_.end());
        Result<Answers> answers =
            call<Answers>(host.endpoint, [machines, cpus, paths](virConnectPtr connection) -> Result<Answers> {
                Answers all;
                for (const auto& [key, xml] : machines) {
                    Result<virt::MachineAnswer> machine = virt::ask_machine(connection, xml);
                    if (!machine) return tl::unexpected(machine.error());
                    all.machines.emplace(key, std::move(*machine));
                }
                for (const auto& [key, xml] : cpus) {
                    Result<virt::CpuAnswer> cpu = virt::ask_cpu(connection, xml);
                    if (!cpu) return tl::unexpected(cpu.error());
                    all.cpus.emplace(key, std::move(*cpu));
                }
                Result<virt::Volumes> volumes = virt::look_up_volumes(connection, paths);
                if (!volumes) return tl::unexpected(volumes.error());
                all.volumes = std::move(*volumes);
                return all;
            });
        if (!answers) {
            host.problem = answers.error();
            return;
        }
        host.machines = std::move(answers->machines);
        host.cpus = std::move(answers->cpus);
        host.volumes = std::move(answers->volumes);
    }

    ClusterPreflight& cluster_;
    const ClusterPreflightOptions& options_;
    const Progress& progress_;
    const std::shared_ptr<virt::ConnectionPool> pool_ = std::make_shared<virt::ConnectionPool>();
    std::mutex progress_mutex_;
    std::uint64_t done_ = 0;
    std::uint64_t all_ = 0;
    std::map<std::string, const virt::DomainXml*> machines_;
    std::map<std::string, const virt::DomainXml*> cpus_;
    std::set<std::string> paths_;
};

ClusterPreflight ClusterPreflight::read(std::vector<HostEndpoint> hosts, std::vector<ClusterVm> vms,
                                        const ClusterPreflightOptions& options, const Progress& progress) {
    ClusterPreflight cluster;
    for (HostEndpoint& endpoint : hosts) {
        Host host;
        host.endpoint = std::move(endpoint);
        cluster.hosts_.push_back(std::move(host));
    }
    for (ClusterVm& vm : vms) {
        Guest guest;
        guest.vm = std::move(vm);
        cluster.guests_.push_back(std::move(guest));
    }
    Reader(cluster, options, progress).read();
    return cluster;
}

const Error* ClusterPreflight::host_problem(std::size_t host) const {
    return hosts_[host].problem ? &*hosts_[host].problem : nullptr;
}

const Error* ClusterPreflight::vm_problem(std::size_t vm) const {
    return guests_[vm].problem ? &*guests_[vm].problem : nullptr;
}

std::vector<PreflightFinding> ClusterPreflight::of_vm(std::size_t vm) const {
    return guests_[vm].problem ? std::vector<PreflightFinding>() : virt::judge_guest(guests_[vm].facts);
}

virt::MoveAnswers ClusterPreflight::answers(const Guest& guest, const Host& destination) const {
    virt::MoveAnswers answers;
    const virt::DomainXml& xml = guest.facts.xml;
    if (const auto it = destination.machines.find(machine_key(xml)); it != destination.machines.end()) {
        answers.machine = it->second;
    }
    if (const auto it = destination.cpus.find(cpu_key(xml)); it != destination.cpus.end()) answers.cpu = it->second;
    const Host& source = hosts_[guest.vm.host];
    for (const virt::DiskXml& disk : xml.disks) {
        const auto sample = samples_.find({guest.vm.host, folder_of(disk.file)});
        if (disk.file.empty() || sample == samples_.end()) continue;
        const auto here = source.volumes.find(sample->second);
        const auto there = destination.volumes.find(sample->second);
        if (here != source.volumes.end()) answers.here.emplace(disk.file, here->second);
        if (there != destination.volumes.end()) answers.there.emplace(disk.file, there->second);
    }
    return answers;
}

std::vector<PreflightFinding> ClusterPreflight::of_move(std::size_t vm, std::size_t host) const {
    const Guest& guest = guests_[vm];
    const Host& source = hosts_[guest.vm.host];
    if (guest.problem || source.problem || hosts_[host].problem) return {};
    return virt::judge_move(
        {guest.facts, source.facts, hosts_[host].facts, answers(guest, hosts_[host]), guest.vm.control});
}

}  // namespace ballast
