// SPDX-License-Identifier: Apache-2.0
#include "scheduler/cpu_compatibility.hpp"

#include "tests/scheduler/scene.hpp"

namespace ballast::test {
namespace {

HostCpu intel() { return {"x86_64", "Intel", "Skylake"}; }
HostCpu old_intel() { return {"x86_64", "Intel", "Haswell"}; }
HostCpu amd() { return {"x86_64", "AMD", "EPYC"}; }

// The code with which a guest on a host with CPU `from` is refused by one with CPU `to`; host_content = it may go.
ReasonCode verdict(const HostCpu& from, const HostCpu& to, const GuestCpu& guest, std::uint64_t from_version = 0,
                   std::uint64_t to_version = 0, const std::vector<RuleSpec>& rules = {}) {
    ClusterBuilder builder;
    HostSpec source = host("from", 1000.0, 1000.0);
    source.cpu = from;
    source.hypervisor_version = from_version;
    HostSpec target = host("to", 1000.0, 1000.0);
    target.cpu = to;
    target.hypervisor_version = to_version;
    const HostId source_id = builder.add_host(source);
    const HostId target_id = builder.add_host(target);
    VmSpec spec = vm("vm", 100.0);
    spec.cpu = guest;
    const VmId id = builder.add_vm(spec, on(source_id, 10.0));
    for (const RuleSpec& rule : rules) builder.add_rule(rule);
    const Cluster cluster = value(std::move(builder).build());
    const auto refused = CpuCompatibility(cluster).refusal(id, source_id, target_id);
    if (refused) {
        EXPECT_EQ(refused->host, target_id);
    }
    return refused ? refused->code : ReasonCode::host_content;
}

constexpr ReasonCode may_go = ReasonCode::host_content;
GuestCpu bound() { return {"x86_64", "", GuestCpuMode::host_bound}; }
GuestCpu explicit_cpu(const char* arch = "x86_64") { return {arch, "Nehalem", GuestCpuMode::explicit_model}; }

TEST(CpuCompatibility, ABoundGuestNeedsTheSameVendorAndModel) {
    EXPECT_EQ(verdict(intel(), intel(), bound()), may_go);
    EXPECT_EQ(verdict(intel(), old_intel(), bound()), ReasonCode::cpu_model);
    EXPECT_EQ(verdict(intel(), amd(), bound()), ReasonCode::cpu_vendor);
}

TEST(CpuCompatibility, AnExplicitModelNeedsTheSameVendor) {
    EXPECT_EQ(verdict(intel(), old_intel(), explicit_cpu()), may_go);
    EXPECT_EQ(verdict(intel(), amd(), explicit_cpu()), ReasonCode::cpu_vendor);
    EXPECT_EQ(verdict(amd(), intel(), explicit_cpu()), ReasonCode::cpu_vendor);
}

TEST(CpuCompatibility, ARuleLetsItsModelCrossVendors) {
    RuleSpec rule{RuleKind::cpu_compatible, "kvm64 everywhere", {}, {}, "Nehalem"};
    EXPECT_EQ(verdict(intel(), amd(), explicit_cpu(), 0, 0, {rule}), may_go);
    EXPECT_EQ(verdict(intel(), amd(), bound(), 0, 0, {rule}), ReasonCode::cpu_vendor);
    rule.hosts = {"from", "to"};
    EXPECT_EQ(verdict(intel(), amd(), explicit_cpu(), 0, 0, {rule}), may_go);
    rule.hosts = {"to"};  // covers one of the two only
    EXPECT_EQ(verdict(intel(), amd(), explicit_cpu(), 0, 0, {rule}), ReasonCode::cpu_vendor);
    rule.hosts.clear();
    rule.cpu_model = "Westmere";
    EXPECT_EQ(verdict(intel(), amd(), explicit_cpu(), 0, 0, {rule}), ReasonCode::cpu_vendor);
}

TEST(CpuCompatibility, A32BitGuestRunsOnIts64BitHostOnly) {
    EXPECT_EQ(verdict(intel(), intel(), explicit_cpu("i686")), may_go);
    EXPECT_EQ(verdict({}, {"i686", "", ""}, explicit_cpu("x86_64")), ReasonCode::cpu_arch);
    EXPECT_EQ(verdict({}, {"aarch64", "", ""}, explicit_cpu("i686")), ReasonCode::cpu_arch);
    EXPECT_EQ(verdict({}, {"aarch64", "", ""}, explicit_cpu("armv7l")), may_go);
    EXPECT_EQ(verdict({}, {"riscv64", "", ""}, explicit_cpu("riscv64")), may_go);
    EXPECT_EQ(verdict({}, {"riscv64", "", ""}, explicit_cpu("s390x")), ReasonCode::cpu_arch);
}

TEST(CpuCompatibility, UnknownMatchesAnything) {
    EXPECT_EQ(verdict({}, amd(), bound()), may_go);
    EXPECT_EQ(verdict(intel(), {}, bound()), may_go);
    EXPECT_EQ(verdict(intel(), amd(), {}), ReasonCode::cpu_vendor);  // the hosts' vendors are known
    EXPECT_EQ(verdict(intel(), {"x86_64", "Intel", ""}, bound()), may_go);
}

TEST(CpuCompatibility, TheHypervisorMustNotBeOlder) {
    EXPECT_EQ(verdict(intel(), intel(), bound(), 8000000, 7002022), ReasonCode::hypervisor_older);
    EXPECT_EQ(verdict(intel(), intel(), bound(), 7002022, 8000000), may_go);
    EXPECT_EQ(verdict(intel(), intel(), bound(), 7002022, 0), may_go);
    EXPECT_EQ(verdict(intel(), intel(), bound(), 0, 7002022), may_go);
}

}  // namespace
}  // namespace ballast::test
