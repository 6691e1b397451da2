// SPDX-License-Identifier: Apache-2.0
#include "executor/hold_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace ballast {

namespace {

constexpr std::string_view text_of_signal = "by signal\n";

// The file's first line, as far as it is printable and short; empty if it cannot be read.
std::string first_line(const std::string& path) {
    // A FIFO would block, and whoever can make files here could put a link to anywhere.
    const int fd = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return {};
    std::array<char, 200> buffer{};
    const ssize_t size = read(fd, buffer.data(), buffer.size());
    close(fd);
    std::string line;
    for (const char c : std::string_view(buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0)) {
        if (c == '\n') break;
        line += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
    }
    return line;
}

}  // namespace

std::optional<std::string> HoldFile::because() const {
    if (held_without_file_.load()) return "on hold by signal (" + path_ + " could not be made)";
    if (path_.empty()) return std::nullopt;
    struct stat info {};
    if (lstat(path_.c_str(), &info) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
        return "on hold, because " + path_ + " cannot be looked for: " + std::strerror(errno);
    }
    const std::string line = first_line(path_);
    return "on hold by " + path_ + (line.empty() ? "" : ": " + line);
}

void HoldFile::set() noexcept {
    const int before = errno;
    const int fd = path_.empty() ? -1 : open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd >= 0) {
        static_cast<void>(!write(fd, text_of_signal.data(), text_of_signal.size()));  // held by being there
        close(fd);
    } else if (path_.empty() || errno != EEXIST) {
        held_without_file_.store(true);
    }
    errno = before;
}

void HoldFile::release() noexcept {
    const int before = errno;
    held_without_file_.store(false);
    if (!path_.empty()) unlink(path_.c_str());
    errno = before;
}

}  // namespace ballast
