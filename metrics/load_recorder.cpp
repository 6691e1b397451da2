// SPDX-License-Identifier: Apache-2.0
#include "metrics/load_recorder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

namespace ballast {

namespace {

tl::unexpected<Error> cannot(const std::string& path, const char* what) {
    return fail(ErrorKind::failed, path + ": cannot be " + what + ": " + std::strerror(errno));
}

Status append(int file, const std::string& path, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(file, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return cannot(path, "written");
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return ::fdatasync(file) == 0 ? Status() : cannot(path, "written");
}

// Where the last complete line ends.
Result<off_t> end_of_lines(int file, const std::string& path, off_t size) {
    std::array<char, 4096> block{};
    for (off_t end = size; end > 0;) {
        const off_t begin = std::max<off_t>(0, end - static_cast<off_t>(block.size()));
        const ssize_t count = ::pread(file, block.data(), static_cast<std::size_t>(end - begin), begin);
        if (count != end - begin) return cannot(path, "read");
        const std::string_view text(block.data(), static_cast<std::size_t>(count));
        if (const auto line_end = text.rfind('\n'); line_end != std::string_view::npos) {
            return begin + static_cast<off_t>(line_end) + 1;
        }
        end = begin;
    }
    return off_t{0};
}

// Ready to be appended to: the header and whole lines.
Status prepare(int file, const std::string& path) {
    struct stat info {};
    if (::fstat(file, &info) != 0) return cannot(path, "read");
    const Result<off_t> end = end_of_lines(file, path, info.st_size);
    if (!end) return tl::unexpected(end.error());
    const std::string_view header = LoadRecorder::header;
    std::string found(header.size(), '\0');
    if (*end == 0 && info.st_size < static_cast<off_t>(header.size())) {
        if (::ftruncate(file, 0) != 0) return cannot(path, "written");
        return append(file, path, header);
    }
    if (::pread(file, found.data(), found.size(), 0) != static_cast<ssize_t>(found.size()) || found != header) {
        return fail(ErrorKind::usage, path + ": is there, and is not a recording of load; choose another place");
    }
    return ::ftruncate(file, *end) == 0 ? Status() : cannot(path, "written");
}

// Nothing for a file with a header only.
std::optional<double> time_of_last_line(int file) {
    struct stat info {};
    std::array<char, 4096> block{};
    if (::fstat(file, &info) != 0) return std::nullopt;
    const off_t begin = std::max<off_t>(0, info.st_size - static_cast<off_t>(block.size()));
    const ssize_t count = ::pread(file, block.data(), block.size(), begin);
    if (count <= 0) return std::nullopt;
    const std::string_view text(block.data(), static_cast<std::size_t>(count) - 1);  // without the last line's end
    const auto line = text.rfind('\n');
    if (line == std::string_view::npos) return std::nullopt;
    double time_s = 0.0;
    const auto parsed = std::from_chars(text.data() + line + 1, text.data() + text.size(), time_s);
    return parsed.ec == std::errc() ? std::optional(time_s) : std::nullopt;
}

std::string quoted(const std::string& name) {
    if (name.find_first_of(",\" ") == std::string::npos) return name;
    std::string text(1, '"');
    for (const char c : name) text.append(c == '"' ? 2 : 1, c);
    text += '"';
    return text;
}

double mhz_per_cpu(const HostSpec& host) {
    return host.capacity.cpu_mhz() / std::max(1.0, static_cast<double>(host.cpus));
}

}  // namespace

Result<LoadRecorder> LoadRecorder::open(const std::string& path, double interval_s) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file < 0) return cannot(path, "written");
    LoadRecorder recorder(file, path, interval_s);
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
        return fail(ErrorKind::refused, path + ": another ballast records into it; choose another folder");
    }
    if (Status ok = prepare(file, path); !ok) return tl::unexpected(ok.error());
    if (const auto newest_s = time_of_last_line(file)) {
        recorder.last_interval_ = std::llround(*newest_s / interval_s + 0.5);
    }
    return recorder;
}

LoadRecorder::LoadRecorder(LoadRecorder&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      path_(std::move(other.path_)),
      interval_s_(other.interval_s_),
      last_interval_(other.last_interval_),
      looks_(other.looks_) {}

LoadRecorder::~LoadRecorder() {
    if (file_ >= 0) ::close(file_);
}

Status LoadRecorder::add(const Snapshot& snapshot) {
    const Cluster& cluster = snapshot.cluster;
    double fastest_mhz = 0.0;
    for (const HostSpec& host : cluster.inventory().hosts()) fastest_mhz = std::max(fastest_mhz, mhz_per_cpu(host));
    const std::int64_t interval = std::llround(snapshot.unix_time_s / interval_s_);
    if (interval <= last_interval_) return {};
    std::string lines;
    for (std::size_t v = 0; v < cluster.vm_count(); ++v) {
        const VmState& state = cluster.state(VmId(v));
        const VmSpec& spec = cluster.spec(VmId(v));
        if (!state.sampled) continue;
        std::array<char, 256> numbers{};
        std::snprintf(numbers.data(), numbers.size(), ",%.6f,%.6f,%u,%.0f,%.0f,%.0f,%.0f\n", state.demand.cpu_mhz(),
                      fastest_mhz * spec.vcpus, spec.vcpus, spec.memory_bytes, state.demand.memory_bytes(),
                      state.demand.network_bytes_per_s(), state.demand.disk_bytes_per_s());
        std::array<char, 40> time{};
        std::snprintf(time.data(), time.size(), "%.3f,", (static_cast<double>(interval) - 0.5) * interval_s_);
        lines += time.data() + quoted(spec.name) + "," + quoted(cluster.spec(state.host).name) + numbers.data();
    }
    if (lines.empty()) return {};
    last_interval_ = interval;
    ++looks_;
    return append(file_, path_, lines);
}

}  // namespace ballast
