// SPDX-License-Identifier: Apache-2.0
#include "metrics/libvirt/collector.hpp"

#include <algorithm>
#include <future>
#include <vector>

#include "metrics/libvirt/host_reader.hpp"

namespace ballast {

namespace {

std::vector<std::unique_ptr<HostReader>> make_readers(const CollectorOptions& options) {
    std::vector<std::unique_ptr<HostReader>> readers;
    for (const HostOptions& host : options.hosts) {
        readers.push_back(std::make_unique<LibvirtHostReader>(host.uri, options.host_cpu == HostCpuSource::node));
    }
    return readers;
}

PollOptions poll_options(const CollectorOptions& options) {
    PollOptions poll;
    poll.deadline_s = options.deadline_s;
    return poll;
}

}  // namespace

Result<std::unique_ptr<LibvirtCollector>> LibvirtCollector::make(const CollectorOptions& options, Clock& clock) {
    Result<ClusterAssembler> assembler = ClusterAssembler::make(options);
    if (!assembler) return tl::unexpected(assembler.error());
    return std::unique_ptr<LibvirtCollector>(new LibvirtCollector(std::move(*assembler), options, clock));
}

LibvirtCollector::LibvirtCollector(ClusterAssembler assembler, const CollectorOptions& options, Clock& clock)
    : clock_(clock), assembler_(std::move(assembler)), poller_(make_readers(options), poll_options(options), clock) {}

Result<bool> LibvirtCollector::exchange(const CollectorOptions& options) { return assembler_.exchange(options); }

void LibvirtCollector::take_pressure(Result<std::map<std::string, HostPressure>> pressure) {
    pressure_problem_ = pressure ? "" : pressure.error().message;
    assembler_.set_pressure(pressure ? std::move(*pressure) : std::map<std::string, HostPressure>{});
}

Result<Snapshot> LibvirtCollector::observe() {
    std::future<Result<std::map<std::string, HostPressure>>> pressure;
    if (pressure_source_) pressure = std::async(std::launch::async, pressure_source_);
    std::vector<Result<HostReading>> answers = poller_.poll();
    if (!assembler_.check(clock_.unix_time_s(), answers)) answers = poller_.poll();
    take_pressure(pressure.valid() ? pressure.get() : std::map<std::string, HostPressure>{});
    return assembler_.assemble(clock_.unix_time_s(), clock_.monotonic_s(), answers);
}

void LibvirtCollector::set_drained(std::set<std::string> hosts) { assembler_.set_drained(std::move(hosts)); }

void LibvirtCollector::set_power(PowerKnowledge power) {
    std::set<std::string> asleep;
    for (const PowerPast& past : power.pasts) {
        if (past.asleep) asleep.insert(past.host);
    }
    if (!std::includes(asleep.begin(), asleep.end(), asleep_.begin(), asleep_.end())) poller_.forget_failures();
    asleep_ = std::move(asleep);
    assembler_.set_power(std::move(power));
}

void LibvirtCollector::set_past_moves(std::vector<JournalMove> moves) { assembler_.set_past_moves(std::move(moves)); }

}  // namespace ballast
