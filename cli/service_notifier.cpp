// SPDX-License-Identifier: Apache-2.0
#include "cli/service_notifier.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace ballast {

namespace {

constexpr double us_per_s = 1e6;

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

std::uint64_t number_or_zero(const std::string& text) {
    std::uint64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    return problem == std::errc() && end == text.data() + text.size() ? number : 0;
}

}  // namespace

ServiceNotifier ServiceNotifier::from_environment() {
    const std::string pid = environment("WATCHDOG_PID");
    const bool watched = pid.empty() || number_or_zero(pid) == static_cast<std::uint64_t>(getpid());
    const auto period_us = static_cast<double>(number_or_zero(environment("WATCHDOG_USEC")));
    return {environment("NOTIFY_SOCKET"), watched ? period_us / us_per_s : 0.0};
}

void ServiceNotifier::ready() { send("READY=1"); }

void ServiceNotifier::reloading(double monotonic_s) {
    send(fmt::format("RELOADING=1\nMONOTONIC_USEC={:.0f}", monotonic_s * us_per_s));
}

void ServiceNotifier::stopping() { send("STOPPING=1"); }

void ServiceNotifier::status(std::string_view text) {
    std::string line(text);
    std::replace(line.begin(), line.end(), '\n', ' ');
    if (line == last_status_) return;
    last_status_ = line;
    send("STATUS=" + line);
}

void ServiceNotifier::alive(double monotonic_s) {
    if (watchdog_s_ <= 0.0 || monotonic_s - last_alive_s_ < watchdog_s_ / 4.0) return;
    last_alive_s_ = monotonic_s;
    send(fmt::format("WATCHDOG=1\nEXTEND_TIMEOUT_USEC={:.0f}", watchdog_s_ * us_per_s));
}

void ServiceNotifier::send(std::string_view message) const {
    sockaddr_un address{};
    if (socket_.size() < 2 || socket_.size() >= sizeof address.sun_path) return;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, socket_.data(), socket_.size());
    if (socket_[0] == '@') address.sun_path[0] = '\0';
    const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return;
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
    static_cast<void>(!sendto(fd, message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                              reinterpret_cast<const sockaddr*>(&address), length));
    close(fd);
}

}  // namespace ballast
