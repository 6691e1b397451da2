// SPDX-License-Identifier: Apache-2.0
// A call into libvirt that must not hang for ever: it runs in a thread of its own, which is left behind if it does not
// come back in time. What the call uses must therefore be owned by it (captured by value).
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "core/result.hpp"

namespace ballast::virt {

// The error of a call that did not come back.
[[nodiscard]] Error no_answer(const std::string& whom, double deadline_s);

// Between a call that changes something and its caller: once the caller has given up and looks at the hosts anew, a
// thread left behind must not change what it looks at.
class StartGate {
  public:
    // By the call, right before the request that changes something. False: the caller has given up; do nothing.
    [[nodiscard]] bool start() { return leave_waiting_for(State::started); }
    // By the caller, when it gives up. False: it is too late, the request is on its way.
    [[nodiscard]] bool abandon() { return leave_waiting_for(State::abandoned); }

  private:
    enum class State : std::uint8_t { waiting, started, abandoned };
    bool leave_waiting_for(State next) {
        State expected = State::waiting;
        return state_.compare_exchange_strong(expected, next);
    }
    std::atomic<State> state_{State::waiting};
};

// `whom` names the host in the error, which is of kind `unreachable`. With a gate, the error says so if the request may
// still take effect; otherwise it will not.
template <typename T>
[[nodiscard]] Result<T> bounded_call(double deadline_s, const std::string& whom, std::function<Result<T>()> call,
                                     const std::shared_ptr<StartGate>& gate = nullptr) {
    struct Shared {
        std::mutex mutex;
        std::condition_variable answered;
        std::optional<Result<T>> answer;
    };
    auto shared = std::make_shared<Shared>();
    std::thread([shared, call = std::move(call)] {
        Result<T> answer = call();
        const std::scoped_lock lock(shared->mutex);
        shared->answer.emplace(std::move(answer));
        shared->answered.notify_all();
    }).detach();
    std::unique_lock lock(shared->mutex);
    if (!shared->answered.wait_for(lock, std::chrono::duration<double>(deadline_s),
                                   [&] { return shared->answer.has_value(); })) {
        Error error = no_answer(whom, deadline_s);
        if (gate && !gate->abandon()) error.message += "; the request was sent and may still take effect";
        return tl::unexpected(std::move(error));
    }
    return std::move(*shared->answer);
}

}  // namespace ballast::virt
