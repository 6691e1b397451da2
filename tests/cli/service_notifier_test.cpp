// SPDX-License-Identifier: Apache-2.0
#include "cli/service_notifier.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace ballast {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// The service manager's end of the socket, in the abstract namespace: nothing is left on disk.
class Manager {
  public:
    Manager()
        : name_("@ballast-notify-" + std::to_string(getpid())), fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path + 1, name_.data() + 1, name_.size() - 1);
        const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
        if (bind(fd_, reinterpret_cast<const sockaddr*>(&address), length) != 0) std::abort();
    }
    Manager(const Manager&) = delete;
    Manager& operator=(const Manager&) = delete;
    ~Manager() { close(fd_); }

    [[nodiscard]] const std::string& name() const { return name_; }
    std::vector<std::string> heard() const {
        std::vector<std::string> messages;
        char buffer[512];
        for (ssize_t n = 0; (n = recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT)) >= 0;) {
            messages.emplace_back(buffer, static_cast<std::size_t>(n));
        }
        return messages;
    }

  private:
    std::string name_;
    int fd_;
};

TEST(ServiceNotifier, SaysWhatItIsDoing) {
    const Manager manager;
    ServiceNotifier notifier(manager.name(), 0.0);
    notifier.status("watching\nthe load");
    notifier.status("watching the load");  // nothing new
    notifier.ready();
    notifier.reloading(12.5);
    notifier.stopping();
    EXPECT_THAT(manager.heard(), ElementsAre("STATUS=watching the load", "READY=1",
                                             "RELOADING=1\nMONOTONIC_USEC=12500000", "STOPPING=1"));
}

TEST(ServiceNotifier, FeedsTheWatchdogFourTimesAPeriod) {
    const Manager manager;
    ServiceNotifier notifier(manager.name(), 20.0);
    for (double now_s = 100.0; now_s < 120.0; now_s += 1.0) notifier.alive(now_s);  // at 100, 105, 110, 115
    const std::string sign = "WATCHDOG=1\nEXTEND_TIMEOUT_USEC=20000000";
    EXPECT_THAT(manager.heard(), ElementsAre(sign, sign, sign, sign));
    ServiceNotifier unwatched(manager.name(), 0.0);
    unwatched.alive(1.0);
    EXPECT_THAT(manager.heard(), IsEmpty());
}

TEST(ServiceNotifier, TakesTheEnvironmentOfItsServiceManagerOnly) {
    const Manager manager;
    setenv("NOTIFY_SOCKET", manager.name().c_str(), 1);
    setenv("WATCHDOG_USEC", "4000000", 1);
    setenv("WATCHDOG_PID", "1", 1);  // meant for another process
    ServiceNotifier others = ServiceNotifier::from_environment();
    others.alive(1.0);
    others.ready();
    EXPECT_THAT(manager.heard(), ElementsAre("READY=1"));
    setenv("WATCHDOG_PID", std::to_string(getpid()).c_str(), 1);
    ServiceNotifier own = ServiceNotifier::from_environment();
    own.alive(1.0);
    EXPECT_THAT(manager.heard(), ElementsAre("WATCHDOG=1\nEXTEND_TIMEOUT_USEC=4000000"));
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) unsetenv(name);
    ServiceNotifier::from_environment().ready();
    EXPECT_THAT(manager.heard(), IsEmpty());
}

TEST(ServiceNotifier, WithoutAListenerNothingHappens) {
    ServiceNotifier("/no/such/socket", 1.0).ready();
    ServiceNotifier("@", 1.0).ready();
    ServiceNotifier("/" + std::string(200, 'x'), 1.0).ready();
}

}  // namespace
}  // namespace ballast
