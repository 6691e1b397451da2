// SPDX-License-Identifier: Apache-2.0
#include "simulator/experiment/manifest.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

namespace ballast {

namespace {

using Json = nlohmann::ordered_json;

std::optional<std::string> text_in(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string()) return std::nullopt;
    return found->get<std::string>();
}

std::optional<TraceId> trace_from_json(const Json& object) {
    if (!object.is_object()) return std::nullopt;
    const auto name = text_in(object, "name");
    const auto contents = text_in(object, "contents");
    if (!name || !contents) return std::nullopt;
    return TraceId{*name, *contents};
}

std::optional<Cell> cell_from_json(const Json& object) {
    if (!object.is_object()) return std::nullopt;
    const auto key = text_in(object, "key");
    const auto trace = text_in(object, "trace");
    const auto policy = text_in(object, "policy");
    const auto seed = object.find("seed");
    if (!key || !trace || !policy || seed == object.end() || !seed->is_number_unsigned()) return std::nullopt;
    return Cell{*key, *trace, *policy, seed->get<std::uint64_t>()};
}

// False if `array` is none, or `read` does not know one of its elements.
template <typename T, typename Read>
bool read_array(const Json& array, std::vector<T>& all, const Read& read) {
    if (!array.is_array()) return false;
    for (const Json& object : array) {
        std::optional<T> one = read(object);
        if (!one) return false;
        all.push_back(std::move(*one));
    }
    return true;
}

Error error_of(int number, const std::string& path, const std::string& what) {
    return {ErrorKind::failed, path + ": " + what + ": " + std::strerror(number)};
}

// A file of its own beside `path`, whatever other processes and machines do there.
Result<int> open_beside(const std::string& path, std::string& name) {
    constexpr int attempts_max = 1000;
    for (int attempt = 0; attempt < attempts_max; ++attempt) {
        name = path + ".tmp." + std::to_string(::getpid()) + "." + std::to_string(attempt);
        const int fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (fd >= 0) return fd;
        if (errno != EEXIST) break;
    }
    return tl::unexpected(error_of(errno, name, "cannot be made"));
}

Status write_and_sync(int fd, std::string_view text, const std::string& path) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return tl::unexpected(error_of(errno, path, "cannot be written"));
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(fd) != 0) return tl::unexpected(error_of(errno, path, "cannot be written"));
    return {};
}

// Also done when another process was faster: what it has put there is for the caller to compare. The folder itself is
// on disk before the first result is (ResultFile::open).
Status create_once(const std::string& path, const std::string& text) {
    std::string temporary;
    const Result<int> fd = open_beside(path, temporary);
    if (!fd) return tl::unexpected(fd.error());
    Status status = write_and_sync(*fd, text, temporary);
    ::close(*fd);
    if (status && ::link(temporary.c_str(), path.c_str()) != 0 && errno != EEXIST) {
        status = tl::unexpected(error_of(errno, path, "cannot be made (its file system must have hard links)"));
    }
    ::unlink(temporary.c_str());
    return status;
}

Result<std::string> read_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (file) text << file.rdbuf();
    if (!file) return fail(ErrorKind::usage, path + ": the file cannot be read");
    return text.str();
}

// Why the results of `there` are not those of `ours`, and what to do.
std::string difference(const Manifest& there, const Manifest& ours) {
    if (there.traces.empty()) {
        return "the folder is of an earlier version, which did not record what its traces contained; give another -o";
    }
    for (const TraceId& trace : ours.traces) {
        const auto same_name = [&](const TraceId& other) { return other.name == trace.name; };
        const auto old = std::find_if(there.traces.begin(), there.traces.end(), same_name);
        if (old != there.traces.end() && old->contents != trace.contents) {
            return "the trace " + trace.name + " has changed since the folder was begun; give another -o";
        }
    }
    return "the folder holds another experiment, or this one before its file was changed; give another -o";
}

}  // namespace

std::string manifest_to_json(const Manifest& manifest) {
    Json traces = Json::array();
    for (const TraceId& trace : manifest.traces) traces.push_back({{"name", trace.name}, {"contents", trace.contents}});
    Json cells = Json::array();
    for (const Cell& cell : manifest.cells) {
        cells.push_back({{"key", cell.key}, {"trace", cell.trace}, {"policy", cell.policy}, {"seed", cell.seed}});
    }
    const Json document = {{"experiment", manifest.name},
                           {"preset", manifest.preset},
                           {"traces", std::move(traces)},
                           {"cells", std::move(cells)}};
    // Names come from outside: bytes that are not UTF-8 are replaced, not thrown about.
    return document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Manifest> manifest_from_json(const std::string& text, const std::string& file) {
    const Json document = Json::parse(text, nullptr, false);
    const auto damaged = fail(ErrorKind::usage, file + ": damaged, this is no experiment.json of ballast sweep");
    if (!document.is_object()) return damaged;
    const auto name = text_in(document, "experiment");
    const auto preset = text_in(document, "preset");
    const auto traces = document.find("traces");
    const auto cells = document.find("cells");
    if (!name || !preset || cells == document.end()) return damaged;
    Manifest manifest{*name, *preset, {}, {}};
    if (traces != document.end() && !read_array(*traces, manifest.traces, trace_from_json)) return damaged;
    if (!read_array(*cells, manifest.cells, cell_from_json)) return damaged;
    return manifest;
}

std::string manifest_path(const std::string& folder) { return folder + "/experiment.json"; }

Status claim_folder(const std::string& folder, const Manifest& manifest) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return fail(ErrorKind::failed, folder + ": cannot be made: " + error.message());
    const std::string path = manifest_path(folder);
    const std::string text = manifest_to_json(manifest);
    if (!std::filesystem::exists(path, error)) {
        if (Status ok = create_once(path, text); !ok) return ok;
    }
    const Result<std::string> found = read_text(path);
    if (!found) return tl::unexpected(found.error());
    if (*found == text) return {};
    const Result<Manifest> there = manifest_from_json(*found, path);
    if (!there) return tl::unexpected(there.error());
    return fail(ErrorKind::refused, path + ": " + difference(*there, manifest));
}

}  // namespace ballast
