// SPDX-License-Identifier: Apache-2.0
// Two hosts that are alike and a VM that may move between them; every test spoils one thing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "executor/libvirt/preflight/checks.hpp"
#include "tests/clusters.hpp"

namespace ballast::virt {
namespace {

using test::value;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using enum PreflightCode;

HostFacts host(const std::string& name) {
    HostFacts facts;
    facts.endpoint = {name, "qemu+tcp://" + name + "/system", ""};
    facts.hostname = name;
    facts.libvirt_version = 9000000;
    facts.qemu_version = 7002022;
    facts.capabilities =
        value(parse_host("<capabilities><host><uuid>" + name +
                         "</uuid><cpu><arch>x86_64</arch><model>EPYC</model><vendor>AMD</vendor></cpu>"
                         "<topology><cells><cell id='0'><pages size='4'/><pages size='2048'/><cpus><cpu id='0'/><cpu "
                         "id='1'/></cpus></cell>"
                         "</cells></topology><secmodel><model>dac</model></secmodel></host>"
                         "<guest><arch name='x86_64'><emulator>/qemu</emulator><machine>pc-q35-7.2</machine><domain "
                         "type='kvm'/></arch></guest>"
                         "</capabilities>"));
    facts.networks = Names{"default"};
    facts.interfaces = Names{"br0", "eth0"};
    facts.pools.emplace();
    facts.available_bytes = 4e9;
    facts.free_hugepages = {{2048, 600}};  // 1200 MiB
    return facts;
}

PoolXml mounted(const std::string& exported, const std::string& target) {
    return {"vms", "netfs", "nas1", exported, target};
}

struct Scene {
    GuestOnSource guest;
    HostFacts here = host("h1");
    HostFacts there = host("h2");
    MoveAnswers answers;
    MigrationControl control;

    explicit Scene(const std::string& inside = "", const std::string& devices = "") {
        guest.vm = {"web", "u-web"};
        guest.xml =
            value(parse_domain("<domain type='kvm'><name>web</name><memory>1048576</memory><vcpu>2</vcpu>"
                               "<os><type arch='x86_64' machine='pc-q35-7.2'/></os>" +
                               inside + "<devices><emulator>/qemu</emulator>" + devices + "</devices></domain>"));
        answers.cpu.verdict = CpuAnswer::Verdict::fits;
    }
    [[nodiscard]] Findings findings() const {
        Findings all = judge_guest(guest);
        for (PreflightFinding& finding : judge_move({guest, here, there, answers, control}))
            all.push_back(std::move(finding));
        return all;
    }
    [[nodiscard]] std::vector<PreflightCode> codes() const {
        std::vector<PreflightCode> codes;
        for (const PreflightFinding& finding : findings()) codes.push_back(finding.code);
        return codes;
    }
    [[nodiscard]] std::string text() const {
        std::string text;
        for (const PreflightFinding& f : findings()) text += describe(f, {"web", "h1", "h2"}) + "\n";
        return text;
    }
};

constexpr const char* cpu_model = "<cpu mode='custom'><model>EPYC</model></cpu>";

std::string file_disk(const std::string& path, const std::string& more = "") {
    return "<disk type='file' device='disk'><source file='" + path + "'/><target dev='vda'/>" + more + "</disk>";
}

TEST(PreflightChecks, NothingIsAgainstAPlainMove) {
    EXPECT_THAT(Scene(cpu_model, "<interface type='network'><source network='default'/></interface>").codes(),
                IsEmpty());
}

TEST(PreflightChecks, OfAVmThatDoesNotRunOnlyThatIsSaid) {
    Scene scene;
    scene.guest.not_running = "shut off";
    scene.guest.snapshots = 2;
    EXPECT_THAT(scene.codes(), ElementsAre(not_running));
}

TEST(PreflightChecks, JobsSnapshotsAndWhatTheSourceSays) {
    Scene scene;
    scene.guest.has_job = true;
    scene.guest.block_jobs = {"vda"};
    scene.guest.snapshots = 2;
    scene.guest.refusal = SourceRefusal{true, "Unsafe migration"};
    EXPECT_THAT(scene.codes(), ElementsAre(job_active, block_job, snapshots, storage_unsafe));
    EXPECT_THAT(scene.text(), HasSubstr("virsh blockjob web vda --abort"));
    scene = Scene();
    scene.guest.refusal = SourceRefusal{false, "migration with virtiofs device is not supported"};
    EXPECT_THAT(scene.codes(), ElementsAre(migration_blocked));
}

TEST(PreflightChecks, WhatTiesAGuestToItsHost) {
    EXPECT_THAT(Scene("", "<hostdev type='pci'/>").codes(), ElementsAre(host_device));
    EXPECT_THAT(Scene("", "<disk type='nvme'><target dev='vda'/></disk>").codes(), ElementsAre(disk_local));
    EXPECT_THAT(Scene("", "<disk type='network'><source><host name='::1'/></source></disk>").codes(),
                ElementsAre(disk_local));
    EXPECT_THAT(Scene("", "<disk type='network'><transient/></disk>").codes(), ElementsAre(disk_transient));
    const std::string unsafe = "<disk type='network'><driver cache='unsafe'/>";
    EXPECT_THAT(Scene("", unsafe + "</disk>").codes(), ElementsAre(cache_unsafe));
    EXPECT_THAT(Scene("", unsafe + "<readonly/></disk>").codes(), IsEmpty()) << "nothing is written";
    EXPECT_THAT(Scene("<cpu><feature policy='require' name='invtsc'/></cpu>").codes(), ElementsAre(cpu_invtsc));
}

TEST(PreflightChecks, TheHosts) {
    Scene scene;
    scene.there.capabilities.uuid = "h1";
    scene.there.hostname = "h1";
    EXPECT_THAT(scene.codes(), ElementsAre(same_host, same_hostname));
    scene = Scene();
    scene.there.libvirt_version = 8009000;
    scene.there.qemu_version = 7002021;
    EXPECT_THAT(scene.codes(), ElementsAre(libvirt_older, qemu_older));
    EXPECT_THAT(scene.text(), HasSubstr("(7.2.21) is older than that of h1 (7.2.22)"));
    scene = Scene();
    scene.here.libvirt_version = 8009000;
    EXPECT_THAT(scene.codes(), IsEmpty()) << "to a newer one it may go";
    scene.there.endpoint.uri = "qemu:///system";
    EXPECT_THAT(scene.codes(), ElementsAre(uri_without_host));
    scene.there.endpoint = {"h2", "qemu+ssh://localhost:2222/system", ""};
    EXPECT_THAT(scene.codes(), ElementsAre(uri_loopback));
    scene = Scene();
    scene.there.unresolved = {"h2"};
    scene.here.capabilities.secmodels = {"apparmor", "dac"};
    EXPECT_THAT(scene.codes(), ElementsAre(name_unresolved, security_model));
}

TEST(PreflightChecks, NameAndUuidOnTheDestination) {
    Scene scene;
    scene.there.vms = {{"web", "u-web", false}};
    EXPECT_THAT(scene.codes(), IsEmpty()) << "its own definition, left there: libvirt replaces it";
    scene.there.vms = {{"web", "u-web", true}};
    EXPECT_THAT(scene.codes(), ElementsAre(uuid_running));
    scene.there.vms = {{"old", "u-web", false}};
    EXPECT_THAT(scene.codes(), ElementsAre(uuid_taken));
    scene.there.vms = {{"web", "u-other", false}, {"db", "u-db", true}};
    EXPECT_THAT(scene.codes(), ElementsAre(name_taken));
    EXPECT_THAT(scene.text(), HasSubstr("h2 defines another VM named web (UUID u-other)"));
}

TEST(PreflightChecks, TheMachine) {
    Scene scene;
    scene.answers.machine.refusal = "the machine 'pc-q35-7.2' is not supported by emulator '/qemu'";
    EXPECT_THAT(scene.codes(), ElementsAre(machine_missing));
    scene.there.capabilities.emulators[0].kvm = false;
    EXPECT_THAT(scene.codes(), ElementsAre(kvm_missing)) << "the rest follows from it";
    scene.there.capabilities.emulators[0].arch = "aarch64";
    EXPECT_THAT(scene.codes(), ElementsAre(arch_missing));
    scene.there.capabilities.emulators.clear();
    scene.answers = {};
    EXPECT_THAT(scene.codes(), IsEmpty()) << "what is not told is not missing";

    scene = Scene("", "<tpm><backend type='emulator'/></tpm><graphics type='spice'/><graphics type='vnc'/>");
    scene.answers.machine.abilities = MachineXml{1, true, false, true, {"vnc"}};
    EXPECT_THAT(scene.codes(), ElementsAre(vcpu_limit, device_missing, device_missing));
    scene.answers.machine.abilities = MachineXml{};
    EXPECT_THAT(scene.codes(), IsEmpty()) << "what is not told is not missing";
}

TEST(PreflightChecks, TheCpu) {
    Scene scene(cpu_model);
    scene.answers.cpu = {CpuAnswer::Verdict::refused, "Host CPU does not provide required features: avx512f"};
    EXPECT_THAT(scene.codes(), ElementsAre(cpu_incompatible));
    EXPECT_THAT(scene.text(), HasSubstr("avx512f"));
    scene.answers.cpu.verdict = CpuAnswer::Verdict::unknown;
    EXPECT_THAT(scene.codes(), ElementsAre(cpu_unknown));
    scene = Scene(cpu_model);
    scene.there.capabilities.vendor = "Intel";
    EXPECT_THAT(scene.codes(), ElementsAre(cpu_vendor));

    scene = Scene("<cpu mode='host-passthrough'/>");
    EXPECT_THAT(scene.codes(), ElementsAre(cpu_passthrough));
    scene.there.capabilities.model = "EPYC-Rome";
    EXPECT_THAT(scene.codes(), ElementsAre(cpu_passthrough_differs));
    scene.guest.xml.type = "qemu";
    EXPECT_THAT(scene.codes(), IsEmpty()) << "emulation gives any CPU anywhere";
}

TEST(PreflightChecks, Networks) {
    Scene scene("",
                "<interface type='network'><source network='v7'/></interface>"
                "<interface type='network'><source network='v7'/></interface>");
    EXPECT_THAT(scene.codes(), ElementsAre(network_missing)) << "once, however many interfaces need it";
    scene.there.networks.reset();
    EXPECT_THAT(scene.codes(), IsEmpty()) << "not known";
}

// No is said only if the source lists the bridge, so that libvirt is known to list bridges at all.
TEST(PreflightChecks, Bridges) {
    Scene scene("", "<interface type='bridge'><source bridge='br0'/></interface>");
    EXPECT_THAT(scene.codes(), IsEmpty());
    scene.there.interfaces = Names{"eth0"};
    EXPECT_THAT(scene.codes(), ElementsAre(interface_missing));
    scene.here.interfaces = Names{"eth0"};
    EXPECT_THAT(scene.codes(), ElementsAre(interface_unknown));
    scene.here.interfaces = Names{"br0"};
    scene.there.interfaces.reset();
    EXPECT_THAT(scene.codes(), ElementsAre(interface_unknown));
}

TEST(PreflightChecks, StorageIsProvenOrDisprovenByMounts) {
    Scene scene("", file_disk("/srv/web.raw") + file_disk("/srv/web-2.raw"));
    EXPECT_THAT(scene.codes(), ElementsAre(storage_unproven)) << "once per folder";
    scene.here.pools = {mounted("/export", "/srv")};
    EXPECT_THAT(scene.codes(), ElementsAre(storage_unproven));
    scene.there.pools = {mounted("/export", "/srv")};
    EXPECT_THAT(scene.codes(), IsEmpty());
    scene.there.pools = {mounted("/other", "/srv")};
    EXPECT_THAT(scene.codes(), ElementsAre(storage_differs));
    EXPECT_THAT(scene.text(), HasSubstr("nas1:/export on /srv on h1, nas1:/other on /srv on h2"));
}

TEST(PreflightChecks, StorageIsProvenOrDisprovenByWhatIsSeenOfTheFile) {
    Scene scene("", file_disk("/srv/web.raw"));
    const VolumeXml seen{1000, 512, "1341930622.047245868"};
    scene.answers.here = {{"/srv/web.raw", seen}};
    EXPECT_THAT(scene.codes(), ElementsAre(storage_unproven)) << "the destination's pool does not list it";
    scene.answers.there = {{"/srv/web.raw", seen}};
    EXPECT_THAT(scene.codes(), IsEmpty());
    scene.answers.there = {{"/srv/web.raw", {1000, 512, "1341930622.047245869"}}};
    EXPECT_THAT(scene.codes(), ElementsAre(storage_unproven)) << "a network file system may lag behind";
    scene.answers.there = {{"/srv/web.raw", {2000, 512, "1341930622.047245868"}}};
    EXPECT_THAT(scene.codes(), ElementsAre(storage_differs));
}

TEST(PreflightChecks, OtherKindsOfStorage) {
    EXPECT_THAT(Scene("", "<disk type='block'><source dev='/dev/sdb'/></disk>").codes(), ElementsAre(storage_unproven));
    EXPECT_THAT(Scene("", "<disk type='network'><source protocol='rbd'/></disk>").codes(), IsEmpty());
    Scene volume("", "<disk type='volume'><source pool='vms' volume='web'/></disk>");
    EXPECT_THAT(volume.codes(), ElementsAre(pool_missing));
    volume.there.pools = {mounted("/export", "/srv")};
    EXPECT_THAT(volume.codes(), IsEmpty());
    EXPECT_THAT(Scene("", "<disk type='file' device='cdrom'><target dev='sda'/><readonly/></disk>").codes(), IsEmpty())
        << "no medium";
    EXPECT_THAT(
        Scene("", "<disk type='file' device='cdrom'><source file='/a.iso' startupPolicy='optional'/></disk>").codes(),
        IsEmpty())
        << "it may be missing";
}

TEST(PreflightChecks, Capacity) {
    Scene scene;
    scene.there.available_bytes = 1e9;  // the VM has 1024 MiB = 1.07e9 bytes
    EXPECT_THAT(scene.codes(), ElementsAre(memory_short));
    EXPECT_THAT(scene.text(), HasSubstr("954 MiB of memory available, web needs 1024 MiB"));
    scene.there.available_bytes.reset();
    EXPECT_THAT(scene.codes(), IsEmpty());
    // In huge pages 1200 MiB are free; ordinary memory does not count then.
    const std::string huge = "<memoryBacking><hugepages><page size='2048'/></hugepages></memoryBacking>";
    scene = Scene(huge);
    scene.there.available_bytes = 0.0;
    EXPECT_THAT(scene.codes(), IsEmpty());
    scene.there.free_hugepages = {{2048, 511}, {1048576, 4}};
    EXPECT_THAT(scene.codes(), ElementsAre(hugepages_short)) << "4 GiB in pages of 1 GiB are of no use";
    scene.there.free_hugepages.clear();
    EXPECT_THAT(scene.codes(), IsEmpty()) << "not known";
}

TEST(PreflightChecks, Pinning) {
    Scene scene("<cputune><vcpupin vcpu='0' cpuset='0-3'/></cputune><numatune><memory nodeset='0-1'/></numatune>");
    EXPECT_THAT(scene.codes(), ElementsAre(cpu_pin_missing, numa_node_missing));
    EXPECT_THAT(scene.text(), HasSubstr("pinned to the CPUs 0-3; h2 lacks 2-3"));
    scene.there.capabilities.cpus = {};
    scene.there.capabilities.nodes = {};
    EXPECT_THAT(scene.codes(), IsEmpty()) << "not known";
}

TEST(PreflightControl, PostCopyNeedsLockedDisksAndIsWarnedOf) {
    const auto scene = [](TimeoutAction action, const char* disk) {
        Scene made("", disk);
        made.here.pools->push_back(mounted("/vms", "/nfs"));
        made.there.pools->push_back(mounted("/vms", "/nfs"));
        made.here.locking_mounts = {"/nfs"};
        made.there.locking_mounts = {"/nfs"};
        made.control.on_timeout = action;
        return made;
    };
    const char* locked = "<disk type='file' device='disk'><source file='/nfs/web.raw'/><target dev='vda'/></disk>";
    const char* qemus_nfs =
        "<disk type='network' device='disk'><source protocol='nfs' name='/x'><host name='nas1'/>"
        "</source><target dev='vda'/></disk>";
    EXPECT_THAT(scene(TimeoutAction::force, locked).codes(), IsEmpty());
    EXPECT_THAT(scene(TimeoutAction::post_copy, locked).codes(), ElementsAre(post_copy_risk));
    EXPECT_THAT(scene(TimeoutAction::post_copy, locked).text(), HasSubstr("loses its memory"));
    EXPECT_THAT(scene(TimeoutAction::post_copy, qemus_nfs).codes(), ElementsAre(post_copy_unlocked));
    Scene one_side = scene(TimeoutAction::post_copy, locked);
    one_side.there.locking_mounts.clear();
    EXPECT_THAT(one_side.codes(), ElementsAre(post_copy_unlocked));
}

}  // namespace
}  // namespace ballast::virt
