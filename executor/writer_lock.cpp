// SPDX-License-Identifier: Apache-2.0
#include "executor/writer_lock.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "executor/folder_owner.hpp"

namespace ballast {

namespace {

struct flock whole_file_for_writing() {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return lock;
}

pid_t read_pid(int fd) {
    std::array<char, 32> text{};
    const ssize_t size = pread(fd, text.data(), text.size(), 0);
    pid_t pid = 0;
    if (size > 0) std::from_chars(text.data(), text.data() + size, pid);
    return pid > 0 ? pid : 0;
}

Error cannot(const char* what, const std::string& path) {
    return {ErrorKind::failed, std::string("cannot ") + what + " " + path + ": " + std::strerror(errno)};
}

}  // namespace

Result<WriterLock> WriterLock::acquire(const std::string& path) {
    WriterLock lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (lock.fd_ < 0) return tl::unexpected(cannot("open the lock file", path));
    give_to_folders_owner(path);
    // An open-file-description lock: unlike flock() it can be asked about without being taken.
    struct flock request = whole_file_for_writing();
    if (fcntl(lock.fd_, F_OFD_SETLK, &request) != 0) {
        if (errno != EAGAIN && errno != EACCES) return tl::unexpected(cannot("lock", path));
        const pid_t pid = read_pid(lock.fd_);
        return fail(ErrorKind::refused, "another ballast" + (pid > 0 ? " (pid " + std::to_string(pid) + ")" : "") +
                                            " is writing this journal (" + path + "); wait for it or stop it");
    }
    const std::string pid = std::to_string(getpid()) + "\n";
    if (ftruncate(lock.fd_, 0) != 0 ||
        pwrite(lock.fd_, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
        return tl::unexpected(cannot("write", path));
    }
    return lock;
}

std::optional<pid_t> WriterLock::holder(const std::string& path) {
    const WriterLock file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct flock request = whole_file_for_writing();
    if (file.fd_ < 0 || fcntl(file.fd_, F_OFD_GETLK, &request) != 0 || request.l_type == F_UNLCK) return std::nullopt;
    return read_pid(file.fd_);
}

WriterLock::WriterLock(WriterLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

WriterLock::~WriterLock() {
    if (fd_ >= 0) close(fd_);
}

}  // namespace ballast
