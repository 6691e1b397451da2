// SPDX-License-Identifier: Apache-2.0
// Whatever two hosts and a guest print, pre-flight reads it and comes to a judgement. The parts of the input are
// separated by zero bytes: guest, host, other host, pool, other pool, volume, machine.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "executor/libvirt/image_locks.hpp"
#include "executor/libvirt/preflight/checks.hpp"

namespace {

using namespace ballast::virt;

void judge(const std::array<std::string_view, 7>& parts) {
    GuestOnSource guest;
    if (auto xml = parse_domain(parts[0])) guest.xml = std::move(*xml);
    HostFacts here;
    HostFacts there;
    if (auto xml = parse_host(parts[1])) here.capabilities = std::move(*xml);
    if (auto xml = parse_host(parts[2])) there.capabilities = std::move(*xml);
    here.pools.emplace();
    there.pools.emplace();
    if (auto pool = parse_pool(parts[3])) here.pools->push_back(std::move(*pool));
    if (auto pool = parse_pool(parts[4])) there.pools->push_back(std::move(*pool));
    MoveAnswers answers;
    for (const std::string& path : paths_to_compare(guest, here, there)) {
        if (const auto volume = parse_volume(parts[5])) answers.here.emplace(path, *volume);
    }
    if (auto machine = parse_machine(parts[6])) answers.machine.abilities = std::move(*machine);
    there.networks.emplace();
    static_cast<void>(judge_guest(guest));
    for (const ballast::PreflightFinding& finding : judge_move({guest, here, there, answers})) {
        static_cast<void>(describe(finding, {"{to}", "h1", "h2"}));
    }
    static_cast<void>(image_locks_hold(guest.xml, {nfs4_mount_of_pool(parts[3])}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    std::array<std::string_view, 7> parts;
    for (std::string_view& part : parts) {
        const std::size_t end = text.find('\0');
        part = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    judge(parts);
    return 0;
}
