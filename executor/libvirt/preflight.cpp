// SPDX-License-Identifier: Apache-2.0
#include "executor/libvirt/preflight.hpp"

#include <future>

#include "executor/libvirt/preflight/checks.hpp"
#include "executor/libvirt/preflight_reader.hpp"

namespace ballast::virt {

namespace {

Result<MoveAnswers> ask(const GuestOnSource& guest, const HostFacts& here, const HostFacts& there, virConnectPtr source,
                        virConnectPtr destination) {
    MoveAnswers answers;
    Result<MachineAnswer> machine = ask_machine(destination, guest.xml);
    if (!machine) return tl::unexpected(machine.error());
    answers.machine = std::move(*machine);
    Result<CpuAnswer> cpu = ask_cpu(destination, guest.xml);
    if (!cpu) return tl::unexpected(cpu.error());
    answers.cpu = std::move(*cpu);
    const std::vector<std::string> paths = paths_to_compare(guest, here, there);
    Result<Volumes> seen_here = look_up_volumes(source, paths);
    if (!seen_here) return tl::unexpected(seen_here.error());
    Result<Volumes> seen_there = look_up_volumes(destination, paths);
    if (!seen_there) return tl::unexpected(seen_there.error());
    answers.here = std::move(*seen_here);
    answers.there = std::move(*seen_there);
    return answers;
}

}  // namespace

Result<std::vector<PreflightFinding>> preflight(const MigrationRequest& request, virConnectPtr source,
                                                virConnectPtr destination) {
    const Result<GuestOnSource> guest = read_guest(source, request.vm, AskSource::no);
    if (!guest) return tl::unexpected(guest.error());
    Findings findings = judge_guest(*guest);
    if (!guest->not_running.empty()) return findings;  // the rest would be about a VM that does not run
    // Both hosts at once: the VM waits for nobody, but the plan does.
    std::future<Result<HostFacts>> reading =
        std::async(std::launch::async, [&] { return read_host_facts(source, request.source); });
    const Result<HostFacts> there = read_host_facts(destination, request.destination);
    const Result<HostFacts> here = reading.get();
    if (!here) return tl::unexpected(here.error());
    if (!there) return tl::unexpected(there.error());
    const Result<MoveAnswers> answers = ask(*guest, *here, *there, source, destination);
    if (!answers) return tl::unexpected(answers.error());
    for (PreflightFinding& finding : judge_move({*guest, *here, *there, *answers, request.control})) {
        findings.push_back(std::move(finding));
    }
    return findings;
}

}  // namespace ballast::virt
