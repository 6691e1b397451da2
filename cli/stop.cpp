// SPDX-License-Identifier: Apache-2.0
#include "cli/stop.hpp"

#include <unistd.h>

#include <csignal>
#include <string_view>

namespace ballast {

namespace {

constexpr int signals[] = {SIGINT, SIGTERM, SIGHUP};
StopSignal requests;

void on_signal(int) {
    if (requests.abort_running()) {
        constexpr std::string_view text =
            "\nballast: once more ends it here; then see `ballast status`, `ballast recover`\n";
        static_cast<void>(::write(STDERR_FILENO, text.data(), text.size()));
        for (const int signal : signals) std::signal(signal, SIG_DFL);
    }
    requests.request();
}

}  // namespace

void catch_stop_signals() {
    struct sigaction action {};
    action.sa_handler = on_signal;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    for (const int signal : signals) sigaction(signal, &action, nullptr);
}

const StopSignal& stop_signal() { return requests; }

}  // namespace ballast
