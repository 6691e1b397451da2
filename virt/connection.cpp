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

// Bytes of the UTF-8 character that `text` begins with; 0 if it begins with none (RFC 3629, section 4).
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xC2 && first <= 0xDF ? 2 : first >= 0xE0 && first <= 0xEF ? 3 : 4;
    if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
    }
    const bool overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
    const bool surrogate = first == 0xED && byte(1) > 0x9F;
    const bool beyond = first == 0xF4 && byte(1) > 0x8F;
    return overlong || surrogate || beyond ? 0 : length;
}

}  // namespace

std::string one_line(std::string_view text) {
    std::string line;
    line.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        const auto first = static_cast<unsigned char>(text[0]);
        const bool c1_control = length == 2 && first == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0;
        if (length == 0) {
            line += '?';
        } else if (first < 0x20 || first == 0x7F || c1_control) {
            line += ' ';
        } else {
            line += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return line;
}

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
    message += ": " + one_line(error->message == nullptr ? "no text" : error->message);
    return Error{is_connection_error(*error) ? ErrorKind::unreachable : ErrorKind::failed, std::move(message)};
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
