// SPDX-License-Identifier: Apache-2.0
#include "virt/connection.hpp"

#include <libvirt/virterror.h>

#include <mutex>
#include <thread>

#include "core/check.hpp"

namespace ballast::virt {

namespace {

constexpr int keepalive_interval_s = 5;
constexpr unsigned keepalive_count = 2;

void run_event_loop_forever() {
    for (;;) {
        virEventRunDefaultImpl();  // an error here is transient; libvirt reports it to the call that suffers from it
    }
}

bool is_connection_error(const virError& error) {
    switch (error.code) {
        case VIR_ERR_NO_CONNECT:
        case VIR_ERR_INVALID_CONN:
        case VIR_ERR_RPC:
        case VIR_ERR_LIBSSH:
        case VIR_ERR_AUTH_FAILED:
        case VIR_ERR_AUTH_UNAVAILABLE:
        case VIR_ERR_GNUTLS_ERROR: return true;
        default: break;
    }
    return error.domain == VIR_FROM_RPC || error.domain == VIR_FROM_REMOTE;
}

}  // namespace

void start_event_loop() {
    static std::once_flag once;
    std::call_once(once, [] {
        virSetErrorFunc(nullptr, [](void*, virErrorPtr) {});  // errors are returned, never printed
        BALLAST_CHECK(virInitialize() == 0, "libvirt cannot be initialised");
        BALLAST_CHECK(virEventRegisterDefaultImpl() == 0, "libvirt's event loop cannot be registered");
        // The loop needs a timer to wake up for, or a call made before the first handle is added would wait for ever.
        virEventAddTimeout(
            1000, [](int, void*) {}, nullptr, nullptr);
        std::thread(run_event_loop_forever).detach();
    });
}

Error last_error(std::string_view what) {
    const virErrorPtr error = virGetLastError();
    std::string message(what);
    if (error == nullptr || error->code == VIR_ERR_OK) {
        return Error{ErrorKind::failed, message + ": libvirt gave no reason"};
    }
    std::string text = error->message == nullptr ? "no text" : error->message;
    for (char& c : text) {
        if (c == '\n') c = ' ';
    }
    return Error{is_connection_error(*error) ? ErrorKind::unreachable : ErrorKind::failed, message + ": " + text};
}

Result<Connection> open(const std::string& uri, Access access) {
    start_event_loop();
    Connection connection(access == Access::read_only ? virConnectOpenReadOnly(uri.c_str())
                                                      : virConnectOpen(uri.c_str()));
    if (!connection) {
        Error error = last_error("cannot connect to " + uri);
        error.kind = ErrorKind::unreachable;
        return tl::unexpected(std::move(error));
    }
    // Not every transport has keep-alive (test:///default has none): what cannot be had is not an error.
    virConnectSetKeepAlive(connection.get(), keepalive_interval_s, keepalive_count);
    return connection;
}

Result<Domain> find_domain(virConnectPtr connection, const std::string& uuid) {
    Domain domain(virDomainLookupByUUIDString(connection, uuid.c_str()));
    if (!domain) return tl::unexpected(last_error("VM " + uuid));
    return domain;
}

}  // namespace ballast::virt
