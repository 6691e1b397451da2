// SPDX-License-Identifier: Apache-2.0
#include "cli/output.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <mutex>
#include <sstream>

namespace ballast {

namespace {

std::mutex terminal_mutex;
bool line_is_drawn = false;

bool stderr_is_terminal() {
    static const bool is_terminal = isatty(STDERR_FILENO) == 1;
    return is_terminal;
}

// systemd says which file its journal's stream is; stderr may have been redirected since.
bool is_journal() {
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat info {};
    return stream != nullptr && fstat(STDERR_FILENO, &info) == 0 &&
           stream ==
               fmt::format("{}:{}", static_cast<unsigned long>(info.st_dev), static_cast<unsigned long>(info.st_ino));
}

bool stderr_is_journal() {
    static const bool result = is_journal();
    return result;
}

void clear_locked() {
    if (line_is_drawn) std::fputs("\r\033[K", stderr);
    line_is_drawn = false;
}

std::string reason_of_errno() { return std::strerror(errno); }

Status write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail(ErrorKind::failed, reason_of_errno());
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

}  // namespace

Status print(std::string_view text) {
    ProgressLine::clear();
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
        return fail(ErrorKind::failed, "cannot write to standard output: " + reason_of_errno());
    }
    return {};
}

void note(std::string_view text) {
    const std::lock_guard lock(terminal_mutex);
    clear_locked();
    const char* prefix = stderr_is_journal() ? "<6>" : "";
    std::fprintf(stderr, "%s%.*s\n", prefix, static_cast<int>(text.size()), text.data());
}

void log(LogLevel level, std::string_view text) {
    std::string line(text);
    std::replace(line.begin(), line.end(), '\n', ' ');
    line = (stderr_is_journal() ? fmt::format("<{}>", static_cast<int>(level)) : "ballast: ") + line + "\n";
    const std::lock_guard lock(terminal_mutex);
    clear_locked();
    std::fwrite(line.data(), 1, line.size(), stderr);
}

Status print_for_people(std::string_view text, bool json) {
    if (!json) return print(text);
    const std::lock_guard lock(terminal_mutex);
    clear_locked();
    std::fwrite(text.data(), 1, text.size(), stderr);
    return {};
}

Status write_file(const std::string& path, std::string_view text) {
    const std::string temporary = path + ".tmp." + std::to_string(getpid());
    const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) return fail(ErrorKind::failed, path + ": cannot be written: " + reason_of_errno());
    Status status = write_all(fd, text);
    if (status && ::fsync(fd) != 0) status = fail(ErrorKind::failed, reason_of_errno());
    ::close(fd);
    if (status && ::rename(temporary.c_str(), path.c_str()) != 0) status = fail(ErrorKind::failed, reason_of_errno());
    if (status) return status;
    ::unlink(temporary.c_str());
    return fail(ErrorKind::failed, path + ": cannot be written: " + status.error().message);
}

Result<std::string> read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (file) text << file.rdbuf();
    if (!file) return fail(ErrorKind::usage, path + ": the file cannot be read");
    return text.str();
}

void ProgressLine::draw(std::string_view text) {
    if (!stderr_is_terminal()) return;
    const std::lock_guard lock(terminal_mutex);
    clear_locked();
    std::fprintf(stderr, "%.*s", static_cast<int>(text.size()), text.data());
    std::fflush(stderr);
    line_is_drawn = true;
}

void ProgressLine::clear() {
    const std::lock_guard lock(terminal_mutex);
    clear_locked();
}

std::function<void(std::uint64_t done, std::uint64_t all)> timed_progress(std::string what) {
    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    return [what = std::move(what), start, drawn = start](std::uint64_t done, std::uint64_t all) mutable {
        const auto now = Clock::now();
        if (now - drawn < std::chrono::milliseconds(200) || done == 0) return;
        drawn = now;
        const double share = all > 0 ? std::min(1.0, static_cast<double>(done) / static_cast<double>(all)) : 1.0;
        const double spent_s = std::chrono::duration<double>(now - start).count();
        ProgressLine::draw(
            fmt::format("{}  {:.0f} %, {:.0f} s left", what, share * 100.0, spent_s * (1.0 - share) / share));
    };
}

}  // namespace ballast
