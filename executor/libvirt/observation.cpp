// SPDX-License-Identifier: Apache-2.0
#include "executor/libvirt/observation.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>

namespace ballast::virt {

namespace {

// The words are those of `virsh domstate --reason`, so that what Ballast reports can be compared with what virsh says.
const char* running_reason(int reason) {
    switch (reason) {
        case VIR_DOMAIN_RUNNING_BOOTED: return "booted";
        case VIR_DOMAIN_RUNNING_MIGRATED: return "migrated";
        case VIR_DOMAIN_RUNNING_RESTORED: return "restored";
        case VIR_DOMAIN_RUNNING_FROM_SNAPSHOT: return "from snapshot";
        case VIR_DOMAIN_RUNNING_UNPAUSED: return "unpaused";
        case VIR_DOMAIN_RUNNING_MIGRATION_CANCELED: return "migration canceled";
        case VIR_DOMAIN_RUNNING_SAVE_CANCELED: return "save canceled";
        case VIR_DOMAIN_RUNNING_WAKEUP: return "event wakeup";
        case VIR_DOMAIN_RUNNING_CRASHED: return "crashed";
        case VIR_DOMAIN_RUNNING_POSTCOPY: return "post-copy";
        case VIR_DOMAIN_RUNNING_POSTCOPY_FAILED: return "post-copy failed";
        default: return "unknown";
    }
}

const char* paused_reason(int reason) {
    switch (reason) {
        case VIR_DOMAIN_PAUSED_USER: return "user";
        case VIR_DOMAIN_PAUSED_MIGRATION: return "migration";
        case VIR_DOMAIN_PAUSED_SAVE: return "saving";
        case VIR_DOMAIN_PAUSED_DUMP: return "dumping";
        case VIR_DOMAIN_PAUSED_IOERROR: return "I/O error";
        case VIR_DOMAIN_PAUSED_WATCHDOG: return "watchdog";
        case VIR_DOMAIN_PAUSED_FROM_SNAPSHOT: return "from snapshot";
        case VIR_DOMAIN_PAUSED_SHUTTING_DOWN: return "shutting down";
        case VIR_DOMAIN_PAUSED_SNAPSHOT: return "creating snapshot";
        case VIR_DOMAIN_PAUSED_CRASHED: return "crashed";
        case VIR_DOMAIN_PAUSED_STARTING_UP: return "starting up";
        case VIR_DOMAIN_PAUSED_POSTCOPY: return "post-copy";
        case VIR_DOMAIN_PAUSED_POSTCOPY_FAILED: return "post-copy failed";
        default: return "unknown";
    }
}

const char* shut_off_reason(int reason) {
    switch (reason) {
        case VIR_DOMAIN_SHUTOFF_SHUTDOWN: return "shutdown";
        case VIR_DOMAIN_SHUTOFF_DESTROYED: return "destroyed";
        case VIR_DOMAIN_SHUTOFF_CRASHED: return "crashed";
        case VIR_DOMAIN_SHUTOFF_MIGRATED: return "migrated";
        case VIR_DOMAIN_SHUTOFF_SAVED: return "saved";
        case VIR_DOMAIN_SHUTOFF_FAILED: return "failed";
        case VIR_DOMAIN_SHUTOFF_FROM_SNAPSHOT: return "from snapshot";
        case VIR_DOMAIN_SHUTOFF_DAEMON: return "daemon";
        default: return "unknown";
    }
}

// The control interface names a job only while a command is in QEMU's monitor, but it never waits. The job interface
// knows every job, but at the switch-over it waits for it, holds up the migration and can make it fail: it is asked
// only while the guest runs.
bool has_job(virDomainPtr domain, SideState state) {
    virDomainControlInfo control{};
    if (virDomainGetControlInfo(domain, &control, 0) == 0 &&
        (control.state == VIR_DOMAIN_CONTROL_JOB || control.state == VIR_DOMAIN_CONTROL_OCCUPIED)) {
        return true;
    }
    if (state != SideState::running) return false;
    virDomainJobInfo job{};
    return virDomainGetJobInfo(domain, &job) == 0 && job.type != VIR_DOMAIN_JOB_NONE;
}

SideObservation absent() {
    SideObservation seen;
    seen.state = SideState::absent;
    return seen;
}

// "No network" is not among them: then it is this machine's that is missing.
bool says_silence(int error_number) {
    return error_number == ETIMEDOUT || error_number == EHOSTUNREACH || error_number == EHOSTDOWN;
}

// Of the connection itself. libvirt reports a certificate that cannot be read with the same code and domain.
bool is_of_the_socket(std::string_view message) {
    constexpr std::array<std::string_view, 3> beginnings = {"unable to connect to server at", "Cannot recv data",
                                                            "Cannot write data"};
    return std::any_of(beginnings.begin(), beginnings.end(),
                       [&](std::string_view beginning) { return message.starts_with(beginning); });
}

// libvirt only sees that ssh has ended, and passes on what it wrote: "Cannot recv data: ssh: connect to host h2 port
// 22: No route to host: Connection reset by peer", or "End of file while reading data: …: Input/output error". If ssh
// wrote more after that, the connection was to go on from there (a jump host), and it was not the host itself that was
// silent.
bool ssh_found_silence(std::string_view message) {
    const std::size_t at = message.rfind("ssh: connect to host ");
    if (at == std::string_view::npos) return false;
    std::string last_words(message.substr(at));
    last_words.erase(std::remove(last_words.begin(), last_words.end(), '\r'), last_words.end());
    if (last_words.find('\n') != std::string::npos) return false;
    for (const std::string_view silence : {": No route to host", ": Connection timed out"}) {
        for (const std::string_view ended : {": Connection reset by peer", ": Input/output error"}) {
            if (last_words.ends_with(std::string(silence) + std::string(ended))) return true;
        }
    }
    return false;
}

}  // namespace

SideObservation translate(int state, int reason, Side side) {
    SideObservation seen;
    switch (state) {
        case VIR_DOMAIN_RUNNING:
        case VIR_DOMAIN_BLOCKED:
            seen.state = SideState::running;
            seen.reason = running_reason(reason);
            break;
        case VIR_DOMAIN_SHUTDOWN:  // the guest is shutting down: it still runs
            seen.state = SideState::running;
            seen.reason = "shutting down";
            break;
        case VIR_DOMAIN_PAUSED:
            seen.state = SideState::paused;
            seen.reason = paused_reason(reason);
            if (side == Side::destination &&
                (reason == VIR_DOMAIN_PAUSED_MIGRATION || reason == VIR_DOMAIN_PAUSED_STARTING_UP)) {
                seen.state = SideState::incoming;
            }
            break;
        case VIR_DOMAIN_CRASHED:  // QEMU is kept with the memory of the crashed guest
            seen.state = SideState::paused;
            seen.reason = "crashed";
            break;
        case VIR_DOMAIN_PMSUSPENDED:
            seen.state = SideState::paused;
            seen.reason = "asleep";
            break;
        case VIR_DOMAIN_SHUTOFF:
            seen.state = SideState::defined;
            seen.reason = shut_off_reason(reason);
            break;
        default:  // "no state", or a state of a newer libvirt: whether it runs is not known
            seen.state = SideState::unreachable;  // not silent: it answers
            seen.detail = "libvirt does not say whether it runs (state " + std::to_string(state) + ")";
            break;
    }
    return seen;
}

bool is_silence(const virError& error) {
    if (error.domain != VIR_FROM_RPC || error.message == nullptr) return false;
    const std::string_view message = error.message;
    if (error.code == VIR_ERR_INTERNAL_ERROR) return message.ends_with("connection closed due to keepalive timeout");
    if (error.code != VIR_ERR_SYSTEM_ERROR) return false;
    return (says_silence(error.int1) && is_of_the_socket(message)) || ssh_found_silence(message);
}

SideObservation unanswered(const Error& error) {
    SideObservation seen;
    seen.detail = error.message;
    const virErrorPtr last = virGetLastError();
    seen.silent = last != nullptr && is_silence(*last);
    return seen;
}

SideObservation look(virConnectPtr connection, const VmIdentity& vm, Side side) {
    const Domain domain(virDomainLookupByUUIDString(connection, vm.uuid.c_str()));
    if (!domain) {
        if (virGetLastErrorCode() == VIR_ERR_NO_DOMAIN) return absent();
        return unanswered(last_error("cannot look for " + vm.name));
    }
    int state = VIR_DOMAIN_NOSTATE;
    int reason = 0;
    if (virDomainGetState(domain.get(), &state, &reason, 0) != 0) {
        if (virGetLastErrorCode() == VIR_ERR_NO_DOMAIN) return absent();
        return unanswered(last_error("cannot look at " + vm.name));
    }
    SideObservation seen = translate(state, reason, side);
    if (seen.state == SideState::unreachable) return seen;
    seen.persistent = virDomainIsPersistent(domain.get()) == 1;
    if (seen.state != SideState::defined) seen.has_job = has_job(domain.get(), seen.state);
    return seen;
}

Result<std::vector<std::string>> active_domains(virConnectPtr connection, const std::string& host) {
    virDomainPtr* raw = nullptr;
    const int count = virConnectListAllDomains(connection, &raw, VIR_CONNECT_LIST_DOMAINS_ACTIVE);
    if (count < 0) return tl::unexpected(last_error("cannot list the guests of " + host));
    std::vector<std::string> names;
    for (int i = 0; i < count; ++i) {
        const Domain domain(raw[i]);
        names.push_back(one_line(virDomainGetName(domain.get())));
    }
    std::free(raw);
    return names;
}

}  // namespace ballast::virt
