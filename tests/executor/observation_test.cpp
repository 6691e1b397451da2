// SPDX-License-Identifier: Apache-2.0
// libvirt's words into Ballast's; and the port against libvirt's own test driver, which knows no migration.
#include "executor/libvirt/observation.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "executor/libvirt/bounded_call.hpp"
#include "executor/libvirt/libvirt_hypervisor.hpp"
#include "executor/system_clock.hpp"

namespace ballast::virt {
namespace {

TEST(Translate, TheSameWordMeansTwoThingsOnTheTwoSides) {
    const SideObservation source = translate(VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_MIGRATION, Side::source);
    EXPECT_EQ(source.state, SideState::paused);
    EXPECT_EQ(source.reason, "migration");
    EXPECT_EQ(translate(VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_MIGRATION, Side::destination).state, SideState::incoming);
    EXPECT_EQ(translate(VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_STARTING_UP, Side::destination).state,
              SideState::incoming);
    EXPECT_EQ(translate(VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_USER, Side::destination).state, SideState::paused);
}

TEST(Translate, TheWordsTheTableKnows) {
    const auto reason = [](int state, int why) { return translate(state, why, Side::destination).reason; };
    EXPECT_EQ(reason(VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_MIGRATED), "migrated");
    EXPECT_EQ(reason(VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_UNPAUSED), "unpaused");
    EXPECT_EQ(reason(VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_POSTCOPY), "post-copy");
    EXPECT_EQ(reason(VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_POSTCOPY_FAILED), "post-copy failed");
    EXPECT_EQ(reason(VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_USER), "user");
    EXPECT_EQ(reason(VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_SHUTOFF_MIGRATED), "migrated");
    EXPECT_EQ(reason(VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_SHUTOFF_SHUTDOWN), "shutdown");
    EXPECT_EQ(reason(VIR_DOMAIN_SHUTOFF, VIR_DOMAIN_SHUTOFF_DESTROYED), "destroyed");
    EXPECT_EQ(translate(VIR_DOMAIN_SHUTDOWN, 0, Side::source).state, SideState::running);
    EXPECT_EQ(translate(VIR_DOMAIN_PMSUSPENDED, 0, Side::source).state, SideState::paused);
    EXPECT_EQ(translate(VIR_DOMAIN_CRASHED, 0, Side::source).state, SideState::paused);
}

class TestDriver : public testing::Test {
  protected:
    // test:///default: one domain named "test", running; its UUID is fixed in libvirt's source.
    const HostEndpoint host{"t", "test:///default", ""};
    const VmIdentity vm{"test", "6695eb01-f6a4-8304-79aa-97f2502e193f"};
    SystemClock clock;
    LibvirtHypervisor hypervisor{clock};
};

TEST_F(TestDriver, LooksAndActs) {
    ASSERT_EQ(hypervisor.observe(host, vm, Side::source).state, SideState::running);
    ASSERT_TRUE(hypervisor.suspend(host, vm));
    EXPECT_EQ(hypervisor.observe(host, vm, Side::source).reason, "user");
    ASSERT_TRUE(hypervisor.resume(host, vm));
    EXPECT_EQ(hypervisor.observe(host, vm, Side::source).state, SideState::running);
    ASSERT_TRUE(hypervisor.destroy(host, vm));
    EXPECT_EQ(hypervisor.observe(host, vm, Side::source).state, SideState::defined);
    // The test driver does not know the flag that keeps firmware variables; undefine is tested on a real cluster.
    const VmIdentity nobody{"nobody", "00000000-0000-0000-0000-000000000001"};
    EXPECT_EQ(hypervisor.observe(host, nobody, Side::source).state, SideState::absent);
    const Status gone = hypervisor.resume(host, nobody);
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().kind, ErrorKind::failed);
}

TEST_F(TestDriver, AHostWithoutDaemonIsUnreachableNotAbsent) {
    const HostEndpoint dead{"dead", "qemu+tcp://127.0.0.1:1/system", ""};
    const SideObservation seen = hypervisor.observe(dead, vm, Side::source);
    EXPECT_EQ(seen.state, SideState::unreachable);
    EXPECT_NE(seen.detail.find("127.0.0.1"), std::string::npos) << seen.detail;
    const Status status = hypervisor.resume(dead, vm);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().kind, ErrorKind::unreachable);
    const auto findings = hypervisor.preflight({vm, dead, host, Handover::paused, 0.0, 0.0});
    ASSERT_FALSE(findings);
    EXPECT_EQ(findings.error().kind, ErrorKind::unreachable);
}

TEST_F(TestDriver, AMigrationThatCannotStartIsReportedNotThrown) {
    const MigrationReport report =
        hypervisor.migrate({vm, host, {"other", "test:///default", ""}, Handover::paused, 0.0, 0.0}, {}, {});
    EXPECT_FALSE(report.reported_success);
    EXPECT_NE(report.error, "");
}

TEST(BoundedCall, LeavesBehindWhatDoesNotComeBack) {
    auto release = std::make_shared<std::atomic<bool>>(false);
    const Result<int> late = bounded_call<int>(0.01, "h1", [release]() -> Result<int> {
        release->wait(false);
        return 1;
    });
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().kind, ErrorKind::unreachable);
    EXPECT_NE(late.error().message.find("h1 does not answer"), std::string::npos);
    release->store(true);
    release->notify_all();
    const Result<int> answered = bounded_call<int>(60.0, "h1", []() -> Result<int> { return 7; });
    ASSERT_TRUE(answered);
    EXPECT_EQ(*answered, 7);
}

}  // namespace
}  // namespace ballast::virt
