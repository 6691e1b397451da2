// SPDX-License-Identifier: Apache-2.0
#include "executor/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

namespace ballast {

namespace {

using SteadyClock = std::chrono::steady_clock;

class Descriptor {
  public:
    explicit Descriptor(int fd = -1) : fd_(fd) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { reset(); }
    [[nodiscard]] int get() const { return fd_; }
    void reset(int fd = -1) {
        if (fd_ >= 0) close(fd_);
        fd_ = fd;
    }

  private:
    int fd_;
};

// How the child differs from us: its own process group, default signals, nothing open but the pipe.
class SpawnSetup {
  public:
    explicit SpawnSetup(int output) {
        posix_spawnattr_init(&attributes_);
        sigset_t none;
        sigset_t all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setsigmask(&attributes_, &none);
        posix_spawnattr_setsigdefault(&attributes_, &all);
        posix_spawnattr_setpgroup(&attributes_, 0);
        posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        posix_spawn_file_actions_init(&files_);
        posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&files_, output, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&files_, output, STDERR_FILENO);
        posix_spawn_file_actions_addclosefrom_np(&files_, STDERR_FILENO + 1);
    }
    SpawnSetup(const SpawnSetup&) = delete;
    SpawnSetup& operator=(const SpawnSetup&) = delete;
    ~SpawnSetup() {
        posix_spawn_file_actions_destroy(&files_);
        posix_spawnattr_destroy(&attributes_);
    }
    [[nodiscard]] int spawn(pid_t& pid, const std::vector<std::string>& argv) const {
        std::vector<char*> pointers;
        for (const std::string& argument : argv) pointers.push_back(const_cast<char*>(argument.c_str()));
        pointers.push_back(nullptr);
        return posix_spawnp(&pid, pointers[0], &files_, &attributes_, pointers.data(), environ);
    }

  private:
    posix_spawnattr_t attributes_{};
    posix_spawn_file_actions_t files_{};
};

// A child that runs: waits for its end and takes in what it prints.
class Child {
  public:
    Child(pid_t pid, int output)
        : pid_(pid), output_(output), process_(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))) {}

    // True once it has ended, false if that takes longer.
    bool wait_until(SteadyClock::time_point end) {
        for (;;) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - SteadyClock::now()).count();
            std::array<pollfd, 2> fds = {pollfd{process_.get(), POLLIN, 0}, pollfd{output_, POLLIN, 0}};
            const int ready =
                poll(fds.data(), output_open_ ? 2 : 1, static_cast<int>(std::clamp<long>(left, 0, 60'000)));
            if (ready > 0 && output_open_ && fds[1].revents != 0) take_output();
            if (ready > 0 && fds[0].revents != 0) return true;
            if (SteadyClock::now() >= end) return false;
        }
    }
    // Before reap(): until then the number of the group cannot belong to anybody else.
    void signal_group(int signal) const { kill(-pid_, signal); }

    // After its end. What others who inherited the pipe may still print is not waited for.
    ProgramResult reap() {
        while (output_open_ && take_output()) {
        }
        int status = 0;
        while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        ProgramResult result;
        result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        result.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        result.output = std::move(text_);
        return result;
    }

  private:
    // False if there is nothing more for now.
    bool take_output() {
        std::array<char, 4096> buffer{};
        const ssize_t size = read(output_, buffer.data(), buffer.size());
        if (size < 0) return errno == EINTR;
        if (size == 0) output_open_ = false;
        const std::size_t room = output_bytes_max - text_.size();
        text_.append(buffer.data(), std::min(room, static_cast<std::size_t>(size)));
        return size > 0;
    }

    pid_t pid_;
    int output_;
    Descriptor process_;
    bool output_open_ = true;
    std::string text_;
};

SteadyClock::time_point in(double seconds) {
    return SteadyClock::now() +
           std::chrono::duration_cast<SteadyClock::duration>(std::chrono::duration<double>(seconds));
}

// The last line with anything in it, without what a terminal would obey.
std::string last_line(const std::string& text) {
    constexpr std::size_t shown_max = 300;
    std::size_t end = text.find_last_not_of(" \t\r\n");
    if (end == std::string::npos) return {};
    const std::size_t before = text.find_last_of("\r\n", end);
    std::string line = text.substr(before == std::string::npos ? 0 : before + 1, end - (before + 1) + 1);
    if (line.size() > shown_max) line = line.substr(0, shown_max) + "...";
    for (char& c : line) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
    }
    return line;
}

}  // namespace

Result<ProgramResult> run_program(const std::vector<std::string>& argv, double timeout_s) {
    int pipe_fds[2];
    if (pipe2(pipe_fds, O_CLOEXEC) != 0) {
        return fail(ErrorKind::failed, std::string("cannot make a pipe: ") + std::strerror(errno));
    }
    const Descriptor ours(pipe_fds[0]);
    Descriptor theirs(pipe_fds[1]);
    // Ours alone: a program that reads its own output's end expects it to block.
    fcntl(ours.get(), F_SETFL, O_NONBLOCK);
    pid_t pid = 0;
    const int status = SpawnSetup(theirs.get()).spawn(pid, argv);
    if (status != 0) {
        return fail(ErrorKind::failed, "cannot run " + argv[0] + ": " + std::strerror(status) +
                                           "; is it installed and in the PATH of this service?");
    }
    theirs.reset();
    Child child(pid, ours.get());
    if (child.wait_until(in(timeout_s))) return child.reap();
    child.signal_group(SIGTERM);
    child.wait_until(in(kill_grace_s));
    child.signal_group(SIGKILL);  // also what did not end with its leader
    child.wait_until(in(kill_grace_s));
    ProgramResult result = child.reap();
    result.timed_out = true;
    return result;
}

std::string how_it_ended(const std::vector<std::string>& argv, const ProgramResult& result, double timeout_s) {
    std::string text = argv[0];
    if (result.timed_out) {
        text += " did not end within " + std::to_string(static_cast<long>(timeout_s)) + " s and was killed";
    } else if (result.signal != 0) {
        text += " was ended by signal " + std::to_string(result.signal);
    } else {
        text += " ended with exit code " + std::to_string(result.exit_code);
    }
    const std::string said = last_line(result.output);
    return said.empty() ? text : text + ": " + said;
}

Result<std::string> run_or_fail(const std::vector<std::string>& argv, double timeout_s) {
    Result<ProgramResult> result = run_program(argv, timeout_s);
    if (!result) return tl::unexpected(result.error());
    if (result->timed_out) return fail(ErrorKind::unreachable, how_it_ended(argv, *result, timeout_s));
    if (result->exit_code != 0) return fail(ErrorKind::failed, how_it_ended(argv, *result, timeout_s));
    return std::move(result->output);
}

}  // namespace ballast
