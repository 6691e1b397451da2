// SPDX-License-Identifier: Apache-2.0
// libvirt's words into Ballast's; and the port against libvirt's own test driver, which knows no migration.
#include "executor/libvirt/observation.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <fstream>
#include <thread>
#include <vector>

#include "executor/libvirt/bounded_call.hpp"
#include "executor/libvirt/endpoint_uri.hpp"
#include "executor/libvirt/libvirt_hypervisor.hpp"
#include "executor/libvirt/migration_call.hpp"
#include "executor/system_clock.hpp"
#include "tests/executor/scratch.hpp"

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

// Whoever is not known to stand still may run.
TEST(Translate, OnlyAShutOffVmIsKnownNotToRun) {
    EXPECT_EQ(translate(VIR_DOMAIN_SHUTOFF, 99, Side::source).state, SideState::defined);
    for (const int state : {static_cast<int>(VIR_DOMAIN_NOSTATE), 99}) {
        const SideObservation seen = translate(state, 0, Side::source);
        EXPECT_EQ(seen.state, SideState::unreachable) << state;
        EXPECT_FALSE(seen.silent) << "it answers";
        EXPECT_NE(seen.detail.find("state " + std::to_string(state)), std::string::npos) << seen.detail;
    }
}

virError error_of(int domain, int code, int error_number, const char* message) {
    virError error{};
    error.domain = domain;
    error.code = code;
    error.int1 = error_number;
    error.message = const_cast<char*>(message);
    return error;
}

// The errors as libvirt 9.0 reports them.
TEST(Silence, IsWhatTheNetworkSaysOfAHostFromWhichNothingComesBack) {
    const auto silent = [](int code, int error_number, const char* message) {
        return is_silence(error_of(VIR_FROM_RPC, code, error_number, message));
    };
    const int system = VIR_ERR_SYSTEM_ERROR;
    EXPECT_TRUE(silent(system, ETIMEDOUT, "unable to connect to server at 'h2:16509': Connection timed out"));
    EXPECT_TRUE(silent(system, EHOSTUNREACH, "unable to connect to server at 'h2:16509': No route to host"));
    EXPECT_TRUE(silent(system, ETIMEDOUT, "Cannot recv data: Connection timed out"));
    EXPECT_TRUE(silent(system, EHOSTUNREACH, "Cannot write data: No route to host"));
    EXPECT_TRUE(silent(VIR_ERR_INTERNAL_ERROR, -1, "internal error: connection closed due to keepalive timeout"));
    const auto ssh_ends = [&](const std::string& words) {
        const std::string all = "ssh: connect to host " + words;
        const bool reset =
            silent(system, ECONNRESET, ("Cannot recv data: " + all + ": Connection reset by peer").c_str());
        const bool ended =
            silent(system, EIO, ("End of file while reading data: " + all + ": Input/output error").c_str());
        EXPECT_EQ(reset, ended) << words;
        return reset;
    };
    EXPECT_TRUE(ssh_ends("h2 port 22: No route to host\r"));
    EXPECT_TRUE(ssh_ends("h2 port 22: Connection timed out"));
    EXPECT_FALSE(ssh_ends("h2 port 22: Connection refused\r"));
    EXPECT_FALSE(ssh_ends("gate port 22: No route to host\r\nConnection closed by UNKNOWN port 65535\r"))
        << "a jump host";
    EXPECT_FALSE(
        ssh_ends("gate port 22: Connection refused\r\nkex_exchange_identification: read: Connection timed out"));
    EXPECT_FALSE(silent(system, ECONNREFUSED, "unable to connect to server at 'h2:16509': Connection refused"));
    EXPECT_FALSE(silent(system, ECONNRESET, "Cannot recv data: Connection reset by peer"));
    EXPECT_FALSE(silent(system, EIO, "End of file while reading data: Input/output error"))
        << "it closed the connection";
    EXPECT_FALSE(silent(VIR_ERR_INTERNAL_ERROR, -1, "internal error: client socket is closed"));
}

TEST(Silence, IsNotWhatIsWrongOnThisSideNorWhatAHostSays) {
    struct Case {
        int domain;
        int code;
        int error_number;
        const char* message;
    };
    const std::vector<Case> cases = {
        {VIR_FROM_RPC, VIR_ERR_SYSTEM_ERROR, EMFILE, "Unable to create socket: Too many open files"},
        {VIR_FROM_RPC, VIR_ERR_SYSTEM_ERROR, ENETUNREACH,
         "unable to connect to server at 'h2:1': Network is unreachable"},
        {VIR_FROM_RPC, VIR_ERR_SYSTEM_ERROR, EIO,
         "unable to resolve 'h2' service '16509': Temporary failure in name resolution"},
        {VIR_FROM_RPC, VIR_ERR_SYSTEM_ERROR, ETIMEDOUT,
         "Cannot read CA certificate '/nfs/ca.pem': Connection timed out"},
        {VIR_FROM_RPC, VIR_ERR_SYSTEM_ERROR, EIO,
         "End of file while reading data: root@h2: Permission denied (publickey).\r: Input/output error"},
        {VIR_FROM_RPC, VIR_ERR_SYSTEM_ERROR, EIO,
         "End of file while reading data: ssh: Could not resolve hostname h2: Name or service not known\r: "
         "Input/output error"},
        {VIR_FROM_RPC, VIR_ERR_AUTH_FAILED, -1, "authentication failed: authentication failed"},
        {VIR_FROM_RPC, VIR_ERR_GNUTLS_ERROR, -1, "The server certificate has expired"},
        {VIR_FROM_ACCESS, VIR_ERR_ACCESS_DENIED, -1, "access denied"},
        {VIR_FROM_QEMU, VIR_ERR_INTERNAL_ERROR, -1, "internal error: client socket is closed"},
        {VIR_FROM_QEMU, VIR_ERR_SYSTEM_ERROR, ETIMEDOUT, "Cannot recv data: Connection timed out"},
        {VIR_FROM_RPC, VIR_ERR_SYSTEM_ERROR, ETIMEDOUT, nullptr},
    };
    for (const Case& one : cases) {
        EXPECT_FALSE(is_silence(error_of(one.domain, one.code, one.error_number, one.message)))
            << (one.message == nullptr ? "no text" : one.message);
    }
}

// ssh that waits for a password looks like a host that does not answer.
TEST(Silence, CannotBeToldWhereSomebodyOnThisSideMayBeAsked) {
    EXPECT_TRUE(may_ask_a_person("qemu+ssh://root@h2/system"));
    EXPECT_TRUE(may_ask_a_person("qemu+ext://h2/system?command=/usr/local/bin/reach"));
    EXPECT_FALSE(may_ask_a_person("qemu+ssh://root@h2/system?no_tty=1"));
    EXPECT_FALSE(may_ask_a_person("qemu+tls://h2/system"));
    EXPECT_FALSE(may_ask_a_person("qemu+tcp://h2/system"));
}

TEST(MigrationCall, OnlyTheMigrationsOwnStopIsTheSwitchover) {
    EXPECT_TRUE(is_switchover_event(VIR_DOMAIN_EVENT_SUSPENDED_MIGRATED));
    EXPECT_TRUE(is_switchover_event(VIR_DOMAIN_EVENT_SUSPENDED_POSTCOPY));
    for (const int detail : {VIR_DOMAIN_EVENT_SUSPENDED_PAUSED, VIR_DOMAIN_EVENT_SUSPENDED_IOERROR,
                             VIR_DOMAIN_EVENT_SUSPENDED_WATCHDOG, VIR_DOMAIN_EVENT_SUSPENDED_API_ERROR}) {
        EXPECT_FALSE(is_switchover_event(detail)) << detail;
    }
}

TEST(OneLine, ControlCharactersAndBrokenUtf8DoNotReachTheTerminal) {
    EXPECT_EQ(one_line("a\nb\tc\x1b[2Jd\x7f"), "a b c [2Jd ");
    EXPECT_EQ(one_line("Größe — 猫 \xf0\x9f\x98\x80"), "Größe — 猫 \xf0\x9f\x98\x80");
    EXPECT_EQ(one_line("\xc2\x9b"
                       "2J"),
              " 2J")
        << "C1 control";
    EXPECT_EQ(one_line("\xff\xc3"), "??");
    EXPECT_EQ(one_line("\xc0\xaf"), "??") << "overlong";
    EXPECT_EQ(one_line("\xed\xa0\x80"), "???") << "surrogate";
    EXPECT_EQ(one_line("\xf4\x90\x80\x80"), "????") << "beyond Unicode";
    EXPECT_EQ(one_line("\xe7\x8c"), "??") << "cut off";
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
    EXPECT_FALSE(seen.silent) << "whoever refuses a connection is up";
    const Status status = hypervisor.resume(dead, vm);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().kind, ErrorKind::unreachable);
    const auto findings = hypervisor.preflight({vm, dead, host, Handover::paused, {}});
    ASSERT_FALSE(findings);
    EXPECT_EQ(findings.error().kind, ErrorKind::unreachable);
}

// A socket that listens and never accepts: the machine's kernel takes the connection, and nobody answers.
TEST_F(TestDriver, WhoeverDoesNotAnswerInTimeIsSilent) {
    const int socket_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    ASSERT_EQ(bind(socket_fd, reinterpret_cast<sockaddr*>(&address), length), 0);
    ASSERT_EQ(listen(socket_fd, 8), 0);
    ASSERT_EQ(getsockname(socket_fd, reinterpret_cast<sockaddr*>(&address), &length), 0);
    LibvirtDeadlines deadlines;
    deadlines.observe_s = 0.2;
    LibvirtHypervisor impatient(clock, deadlines);
    const std::string authority = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    const SideObservation hung =
        impatient.observe({"hung", "qemu+tcp://" + authority + "/system", ""}, vm, Side::source);
    EXPECT_EQ(hung.state, SideState::unreachable);
    EXPECT_TRUE(hung.silent) << hung.detail;
    close(socket_fd);
}

TEST_F(TestDriver, AMigrationThatCannotStartIsReportedNotThrown) {
    const MigrationReport report =
        hypervisor.migrate({vm, host, {"other", "test:///default", ""}, Handover::paused, {}}, {}, {});
    EXPECT_FALSE(report.reported_success);
    EXPECT_NE(report.error, "");
    EXPECT_EQ(report.error.find("nothing was started"), std::string::npos) << report.error;
}

TEST_F(TestDriver, AMigrationThatCannotBeWatchedIsNotStarted) {
    const HostEndpoint dead{"dead", "qemu+tcp://127.0.0.1:1/system", ""};
    const MigrationReport report = hypervisor.migrate({vm, dead, host, Handover::paused, {}}, {}, {});
    EXPECT_FALSE(report.reported_success);
    EXPECT_NE(report.error.find("nothing was started"), std::string::npos) << report.error;
}

// Two hosts with one guest on /nfs, which is a mount that carries locks on those that have the pool.
TEST(RequiredHandover, IsDirectOnlyIfBothSidesLock) {
    const test::Scratch scratch;
    const std::string domain =
        "<domain type='test'><name>web</name><uuid>0f000000-0000-4000-8000-000000000001</uuid><memory>1024</memory>"
        "<os><type>hvm</type></os><devices><disk type='file' device='disk'><source file='/nfs/web.raw'/>"
        "<target dev='vda' bus='virtio'/></disk></devices></domain>";
    const std::string nfs4 =
        "<pool type='netfs'><name>images</name><source><host name='nas'/><dir path='/export'/><format type='nfs'/>"
        "<protocol ver='4.2'/></source><target><path>/nfs</path></target></pool>";
    const auto endpoint = [&](const std::string& name, const std::string& pools) {
        std::ofstream(scratch.file(name)) << "<node>" << domain << pools << "</node>";
        return HostEndpoint{name, "test://" + scratch.file(name), ""};
    };
    const HostEndpoint locks = endpoint("locks", nfs4);
    const HostEndpoint locks_too = endpoint("locks-too", nfs4);
    const HostEndpoint does_not = endpoint("does-not", "");
    const VmIdentity web{"web", "0f000000-0000-4000-8000-000000000001"};
    static SystemClock clock;
    LibvirtHypervisor hypervisor{clock};
    const auto required = [&](const HostEndpoint& from, const HostEndpoint& to) {
        return test::value(hypervisor.required_handover({web, from, to, Handover::paused, {}}));
    };
    EXPECT_EQ(required(locks, locks_too), Handover::direct);
    EXPECT_EQ(required(locks, does_not), Handover::paused);
    EXPECT_EQ(required(does_not, locks), Handover::paused);
}

// The thread that was left behind comes back when its caller has long looked at the hosts anew.
TEST(BoundedCall, WhatWasGivenUpIsNotDoneLater) {
    struct Shared {
        std::atomic<bool> release{false};
        std::atomic<bool> ended{false};
        bool changed = false;
    };
    const auto run = [](bool has_started) {
        auto shared = std::make_shared<Shared>();
        auto gate = std::make_shared<StartGate>();
        if (has_started) shared->changed = gate->start();
        const Result<void> late = bounded_call<void>(
            0.01, "h1",
            [shared, gate]() -> Status {
                shared->release.wait(false);
                if (gate->start()) shared->changed = true;
                shared->ended = true;
                shared->ended.notify_all();
                return {};
            },
            gate);
        shared->release = true;
        shared->release.notify_all();
        shared->ended.wait(false);
        return std::pair(shared->changed, late ? std::string() : late.error().message);
    };
    const auto [changed, message] = run(false);
    EXPECT_FALSE(changed);
    EXPECT_EQ(message.find("may still take effect"), std::string::npos) << message;
    const auto [changed_before, warning] = run(true);
    EXPECT_TRUE(changed_before);
    EXPECT_NE(warning.find("h1 does not answer"), std::string::npos) << warning;
    EXPECT_NE(warning.find("may still take effect"), std::string::npos) << warning;
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
