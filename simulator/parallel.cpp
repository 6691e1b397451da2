// SPDX-License-Identifier: Apache-2.0
#include "simulator/parallel.hpp"

#include <algorithm>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace ballast {

namespace {

// A thread has nobody above it to catch what a library throws.
Status guarded(const std::function<Status(std::size_t)>& work, std::size_t index) {
    try {
        return work(index);
    } catch (const std::exception& e) {
        return fail(ErrorKind::failed, std::string("internal error: ") + e.what());
    }
}

}  // namespace

Status for_each_index(std::size_t count, std::size_t threads, const std::function<Status(std::size_t)>& work) {
    std::mutex mutex;
    std::size_t next = 0;
    std::size_t failed_index = count;
    std::optional<Error> error;
    const auto take = [&] {
        for (;;) {
            std::unique_lock lock(mutex);
            if (error || next == count) return;
            const std::size_t index = next++;
            lock.unlock();
            const Status status = guarded(work, index);
            lock.lock();
            if (!status && index < failed_index) {
                failed_index = index;
                error = status.error();
            }
        }
    };
    {
        std::vector<std::jthread> others;
        try {
            for (std::size_t i = 1; i < std::min(threads, count); ++i) others.emplace_back(take);
        } catch (const std::system_error&) {
            // No more threads are to be had: those there are do the work.
        }
        take();
    }
    if (error) return tl::unexpected(*error);
    return {};
}

}  // namespace ballast
