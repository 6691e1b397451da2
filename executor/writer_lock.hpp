// SPDX-License-Identifier: Apache-2.0
// One writer at a time: a lock on a file beside the journal, held as long as the process lives. The file holds the
// writer's pid, for people and for readers. The kernel drops the lock when the process dies, however it dies.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "core/result.hpp"

namespace ballast {

class WriterLock {
  public:
    // Errors: refused, naming the pid, if another process (or another part of this one) holds it; failed if the file
    // cannot be made.
    [[nodiscard]] static Result<WriterLock> acquire(const std::string& path);
    // The pid of the process that holds the lock now; nothing if nobody does. 0 = somebody does, but the pid is not
    // readable (yet). Takes no lock itself, so it never gets in a writer's way.
    [[nodiscard]] static std::optional<pid_t> holder(const std::string& path);

    WriterLock(WriterLock&& other) noexcept;
    WriterLock& operator=(WriterLock&&) = delete;
    WriterLock(const WriterLock&) = delete;
    WriterLock& operator=(const WriterLock&) = delete;
    ~WriterLock();

  private:
    explicit WriterLock(int fd) : fd_(fd) {}
    int fd_ = -1;
};

}  // namespace ballast
