// SPDX-License-Identifier: Apache-2.0
// What a service tells the service manager that started it (systemd's notify protocol, sd_notify(3)): that it is ready,
// what it is doing, and that it is alive. Where nobody asked for it, nothing is sent.
#pragma once

#include <string>
#include <string_view>

namespace ballast {

class ServiceNotifier {
  public:
    // `socket`: a path, or "@name" in the abstract namespace; empty = nobody listens. `watchdog_s`: alive() must be
    // heard at least so often; 0 = nobody waits for it.
    ServiceNotifier(std::string socket, double watchdog_s) : socket_(std::move(socket)), watchdog_s_(watchdog_s) {}
    // As NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID say.
    [[nodiscard]] static ServiceNotifier from_environment();

    void ready();
    void reloading(double monotonic_s);  // ready() ends it
    void stopping();
    void status(std::string_view text);  // one line; sent when it is another one than before
    // To be called often: sends at most four signs of life per watchdog period. Each also asks for as much time to get
    // ready, or to end, as the watchdog gives: recovery, or the migrations that are finished first, may take minutes.
    void alive(double monotonic_s);

  private:
    // A message that cannot be sent is lost: the service manager will act as if it had not been meant.
    void send(std::string_view message) const;

    std::string socket_;
    double watchdog_s_;
    double last_alive_s_ = -1e18;
    std::string last_status_;
};

}  // namespace ballast
