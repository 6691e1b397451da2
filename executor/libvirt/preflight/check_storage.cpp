// SPDX-License-Identifier: Apache-2.0
// Does a path lead to the same file on both hosts? libvirt looks at the source only, and at the kind of file system
// only.
//
//   proven      both hosts mount it as a netfs pool, and the file's name on the server is the same; or the volume has
//               the same size and the same time of change, to the nanosecond, on both
//   disproven   both mount it, and the names on the server differ; or the sizes differ
//   otherwise   a warning
#include <algorithm>

#include "executor/libvirt/preflight/checks.hpp"

namespace ballast::virt {

namespace {

using enum PreflightCode;

enum class Sameness : std::uint8_t { proven, disproven, unproven };

struct Verdict {
    Sameness sameness = Sameness::unproven;
    std::string here;  // what is there instead, if disproven
    std::string there;
};

Verdict by_mounts(const HostFacts& source, const HostFacts& destination, std::string_view path) {
    if (!source.pools || !destination.pools) return {};
    const PoolXml* here = mount_of(*source.pools, path);
    const PoolXml* there = mount_of(*destination.pools, path);
    if (here == nullptr || there == nullptr) return {};
    Verdict verdict{Sameness::proven, name_on_server(*here, path), name_on_server(*there, path)};
    if (verdict.here != verdict.there) {
        verdict = {Sameness::disproven, *export_of(*here) + " on " + here->target,
                   *export_of(*there) + " on " + there->target};
    }
    return verdict;
}

Verdict by_volumes(const MoveAnswers& answers, const std::string& path) {
    const auto here = answers.here.find(path);
    const auto there = answers.there.find(path);
    if (here == answers.here.end() || there == answers.there.end()) return {};
    const VolumeXml& a = here->second;
    const VolumeXml& b = there->second;
    if (a.capacity != b.capacity) {
        const auto size = [](const VolumeXml& v) { return "a file of " + std::to_string(v.capacity) + " bytes"; };
        return {Sameness::disproven, size(a), size(b)};
    }
    if (!a.changed.empty() && a.changed == b.changed && a.allocation == b.allocation) return {Sameness::proven, {}, {}};
    return {};
}

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos || slash == 0 ? "/" : path.substr(0, slash);
}

bool has_file(const DiskXml& disk) {
    return disk.type == "file" && !disk.file.empty() && !(disk.may_be_missing && disk.device != "disk");
}

void add_once(Findings& findings, PreflightFinding finding) {
    if (std::find(findings.begin(), findings.end(), finding) == findings.end()) findings.push_back(std::move(finding));
}

void check_file(const MoveFacts& move, const std::string& path, Findings& findings) {
    Verdict verdict = by_mounts(move.source, move.destination, path);
    if (verdict.sameness == Sameness::unproven) verdict = by_volumes(move.answers, path);
    if (verdict.sameness == Sameness::disproven) {
        add_once(findings,
                 {storage_differs,
                  "the disks in " + folder_of(path) + " are not the same: " + verdict.here + " on {from}, " +
                      verdict.there + " on {to}",
                  "mount the same export at the same path on all hosts, and name its server in the same way"});
    } else if (verdict.sameness == Sameness::unproven && !(move.guest.refusal && move.guest.refusal->storage)) {
        add_once(findings,
                 {storage_unproven, "nothing proves that " + folder_of(path) + " is the same folder on {from} and {to}",
                  "define the export as a storage pool of type netfs on all hosts, then it is compared; until then the "
                  "hand-over is paused, which keeps two copies from running, not from finding another disk"});
    }
}

}  // namespace

void check_storage(const MoveFacts& move, Findings& findings) {
    for (const DiskXml& disk : move.guest.xml.disks) {
        if (has_file(disk)) check_file(move, disk.file, findings);
        if (disk.type == "block" && !disk.dev.empty()) {
            add_once(findings,
                     {storage_unproven, "nothing proves that " + disk.dev + " is the same device on {from} and {to}",
                      "use paths that name the device, like /dev/disk/by-id/…, and compare them"});
        }
        const auto& pools = move.destination.pools;
        if (disk.type != "volume" || !pools) continue;
        if (std::any_of(pools->begin(), pools->end(), [&](const PoolXml& p) { return p.name == disk.pool; })) continue;
        add_once(findings, {pool_missing, "{to} has no active storage pool '" + disk.pool + "', which the VM needs",
                            "define it there and start it: `virsh pool-start " + disk.pool + "`"});
    }
}

std::vector<std::string> paths_to_compare(const GuestOnSource& guest, const HostFacts& source,
                                          const HostFacts& destination) {
    std::vector<std::string> paths;
    if (!source.pools || source.pools->empty() || !destination.pools || destination.pools->empty()) return paths;
    for (const DiskXml& disk : guest.xml.disks) {
        if (has_file(disk) && by_mounts(source, destination, disk.file).sameness == Sameness::unproven) {
            paths.push_back(disk.file);
        }
    }
    return paths;
}

}  // namespace ballast::virt
