// SPDX-License-Identifier: Apache-2.0
// A call into libvirt that must not hang for ever: it runs in a thread of its own, which is left behind if it does not
// come back in time. What the call uses must therefore be owned by it (captured by value).
#pragma once

#include <chrono>
#include <condition_variable>
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

// `whom` names the host in the error, which is of kind `unreachable`.
template <typename T>
[[nodiscard]] Result<T> bounded_call(double deadline_s, const std::string& whom, std::function<Result<T>()> call) {
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
        return tl::unexpected(no_answer(whom, deadline_s));
    }
    return std::move(*shared->answer);
}

}  // namespace ballast::virt
