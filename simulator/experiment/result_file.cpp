// SPDX-License-Identifier: Apache-2.0
#include "simulator/experiment/result_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "core/check.hpp"

namespace ballast {

namespace {

using Json = nlohmann::json;

Error system_error(const std::string& path, const char* what) {
    return {ErrorKind::failed, path + ": " + what + ": " + std::strerror(errno)};
}

std::optional<double> number_in(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number()) return std::nullopt;
    return found->get<double>();
}

std::optional<RunRecord> parse_line(std::string_view line) {
    const Json run = Json::parse(line, nullptr, false);
    if (!run.is_object()) return std::nullopt;
    const auto key = run.find("key");
    const auto sla = run.find("sla");
    if (key == run.end() || !key->is_string() || sla == run.end() || !sla->is_object()) return std::nullopt;
    const auto energy_kwh = number_in(run, "energy_kwh");
    const auto migrations = number_in(run, "migrations");
    const auto slav = number_in(*sla, "slav");
    const auto downtime_s = number_in(run, "downtime_s");
    if (!energy_kwh || !migrations || !slav || !downtime_s) return std::nullopt;
    RunRecord record;
    record.key = key->get<std::string>();
    record.energy_kwh = *energy_kwh;
    record.migrations = *migrations;
    record.slav = *slav;
    record.downtime_s = *downtime_s;
    return record;
}

Result<std::string> read_all(int fd, const std::string& path) {
    std::string text;
    std::vector<char> buffer(1 << 16);
    for (;;) {
        const ssize_t got = ::pread(fd, buffer.data(), buffer.size(), static_cast<off_t>(text.size()));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return tl::unexpected(system_error(path, "cannot be read"));
        if (got == 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

// Whether some process has locked the file. One that is gone by now is nobody's.
bool is_locked(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    const bool locked = ::flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    ::close(fd);
    return locked;
}

// To be called with the own file locked: whoever comes later then sees us.
Status refuse_other_counts(const std::string& folder, const Shard& shard) {
    const Result<std::vector<std::string>> files = result_files(folder);
    if (!files) return tl::unexpected(files.error());
    const std::string same_count = "-of-" + std::to_string(shard.count) + ".jsonl";
    for (const std::string& file : *files) {
        if (file.ends_with(same_count) || !is_locked(file)) continue;
        return fail(ErrorKind::refused, file + ": a sweep with another number of shards is writing it; wait for it");
    }
    return {};
}

// A new file is on disk only when its folder is.
Status sync_folder(const std::string& folder) {
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return tl::unexpected(system_error(folder, "cannot be opened"));
    const bool synced = ::fsync(fd) == 0;
    const Error error = system_error(folder, "cannot be written");
    ::close(fd);
    return synced ? Status() : tl::unexpected(error);
}

}  // namespace

std::string result_line(const std::string& key, const SimulationResult& result) {
    constexpr std::string_view before = "{\"runs\":[{";
    constexpr std::string_view after = "]}";
    const std::string document = to_json(std::span(&result, 1));
    BALLAST_CHECK(document.starts_with(before) && document.ends_with(after), "to_json writes {\"runs\":[…]}");
    return "{\"key\":\"" + key + "\"," +
           document.substr(before.size(), document.size() - before.size() - after.size()) + "\n";
}

Result<ParsedResults> parse_results(const std::string& text, const std::string& file) {
    ParsedResults results;
    for (std::size_t line = 1, begin = 0; begin < text.size(); ++line) {
        const std::size_t end = text.find('\n', begin);
        if (end == std::string::npos) break;
        std::optional<RunRecord> record = parse_line(std::string_view(text).substr(begin, end - begin));
        const bool last = end + 1 == text.size();
        if (!record && last) break;
        if (!record) {
            return fail(ErrorKind::usage, file + ":" + std::to_string(line) +
                                              ": damaged, this is no result of a run; restore the file, or remove it "
                                              "and repeat its runs");
        }
        record->file = file;
        record->line = line;
        results.runs.push_back(std::move(*record));
        begin = results.whole_bytes = end + 1;
    }
    return results;
}

Result<std::vector<std::string>> result_files(const std::string& folder) {
    std::error_code error;
    std::vector<std::string> files;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (name.starts_with("runs-") && name.ends_with(".jsonl")) files.push_back(entry->path().string());
    }
    if (error) return fail(ErrorKind::usage, folder + ": cannot be read: " + error.message());
    std::sort(files.begin(), files.end());
    return files;
}

Result<ResultFile> ResultFile::open(const std::string& folder, const Shard& shard) {
    const std::string path =
        folder + "/runs-" + std::to_string(shard.number) + "-of-" + std::to_string(shard.count) + ".jsonl";
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0) return tl::unexpected(system_error(path, "cannot be opened"));
    ResultFile file(fd, path);
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return tl::unexpected(system_error(path, "cannot be locked"));
        return fail(ErrorKind::refused, path + ": another sweep is writing it; wait for it, or give another --shard");
    }
    if (Status ok = refuse_other_counts(folder, shard); !ok) return tl::unexpected(ok.error());
    const Result<std::string> text = read_all(fd, path);
    if (!text) return tl::unexpected(text.error());
    Result<ParsedResults> results = parse_results(*text, path);
    if (!results) return tl::unexpected(results.error());
    if (results->whole_bytes < text->size() && ::ftruncate(fd, static_cast<off_t>(results->whole_bytes)) != 0) {
        return tl::unexpected(system_error(path, "its torn last line cannot be cut off"));
    }
    if (Status ok = sync_folder(folder); !ok) return tl::unexpected(ok.error());
    file.found_ = std::move(results->runs);
    return file;
}

ResultFile::ResultFile(ResultFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)), found_(std::move(other.found_)) {}

ResultFile::~ResultFile() {
    if (fd_ >= 0) ::close(fd_);
}

Status ResultFile::append(const std::string& line) {
    std::string_view left = line;
    while (!left.empty()) {
        const ssize_t written = ::write(fd_, left.data(), left.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return tl::unexpected(system_error(path_, "cannot be written"));
        left.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(fd_) != 0) return tl::unexpected(system_error(path_, "cannot be written"));
    return {};
}

}  // namespace ballast
