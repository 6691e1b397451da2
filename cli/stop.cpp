// SPDX-License-Identifier: Apache-2.0
#include "cli/stop.hpp"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <string_view>

namespace ballast {

namespace {

constexpr int signals[] = {SIGINT, SIGTERM, SIGHUP};
StopSignal requests;
std::atomic<bool> reload_requested{false};
std::atomic<HoldFile*> hold_file{nullptr};

void on_signal(int) {
    if (requests.abort_running()) {
        constexpr std::string_view text =
            "\nballast: once more ends it here; then see `ballast status`, `ballast recover`\n";
        static_cast<void>(::write(STDERR_FILENO, text.data(), text.size()));
        for (const int signal : signals) std::signal(signal, SIG_DFL);
    }
    requests.request();
}

void on_service_signal(int signal) {
    if (signal == SIGHUP) return reload_requested.store(true);
    HoldFile* hold = hold_file.load();
    if (signal == SIGUSR1) hold->set();
    if (signal == SIGUSR2) hold->release();
}

void handle(int signal, void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    sigaction(signal, &action, nullptr);
}

}  // namespace

void catch_stop_signals() {
    for (const int signal : signals) handle(signal, on_signal);
}

void catch_service_signals(HoldFile& hold) {
    hold_file.store(&hold);
    if (isatty(STDIN_FILENO) == 0) handle(SIGHUP, on_service_signal);
    handle(SIGUSR1, on_service_signal);
    handle(SIGUSR2, on_service_signal);
}

bool take_reload_request() { return reload_requested.exchange(false); }

const StopSignal& stop_signal() { return requests; }

}  // namespace ballast
