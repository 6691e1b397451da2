// SPDX-License-Identifier: Apache-2.0
// The kill switch: while this file exists nothing new is begun, whoever made it, and what runs is finished. Its first
// line says why, for people. Every ballast on the machine looks at the same file, and it outlives each of them.
#pragma once

#include <atomic>
#include <optional>
#include <string>

namespace ballast {

class HoldFile {
  public:
    // An empty path: there is no such file, and only set() holds.
    explicit HoldFile(std::string path) : path_(std::move(path)) {}

    // Why nothing new may be begun, in words; nothing while it may. A file that cannot be looked for, but for there
    // being none, counts as there. Thread-safe.
    [[nodiscard]] std::optional<std::string> because() const;

    // Makes the file, unless it is there. If it cannot be made this process is held all the same, until release().
    // May be called from a signal handler.
    void set() noexcept;
    // Takes the file away. May be called from a signal handler.
    void release() noexcept;

    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may touch lock-free atomics only");
    std::string path_;
    std::atomic<bool> held_without_file_{false};
};

}  // namespace ballast
