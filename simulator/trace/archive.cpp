// SPDX-License-Identifier: Apache-2.0
#include "simulator/trace/archive.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>

namespace ballast {

namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> bad(const std::string& where, std::string_view reason) {
    return fail(ErrorKind::usage, where + ": " + std::string(reason));
}

// A name read from outside, fit for an error message: one line and not too long.
std::string printable(std::string_view text) {
    std::string result(text.substr(0, 200));
    std::replace_if(
        result.begin(), result.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, '?');
    return result;
}

Status check_name(const std::string& where, std::string_view name, const ReadLimits& limits) {
    const bool control = std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
    if (name.empty()) return bad(where, "a file without a name");
    if (control) return bad(where, "the file name has control characters in it");
    if (name.size() > limits.name_bytes_max) return bad(where, "the file name is too long");
    return {};
}

std::string too_large(const ReadLimits& limits) {
    return "the file is larger than " + std::to_string(limits.file_bytes_max) + " bytes";
}

std::string too_many(const ReadLimits& limits) {
    return "holds more than " + std::to_string(limits.files_max) + " files";
}

Result<NamedBytes> read_one(const fs::path& path, const ReadLimits& limits) {
    NamedBytes file{path.filename().string(), printable(path.string()), {}};
    if (Status ok = check_name(file.where, file.name, limits); !ok) return tl::unexpected(ok.error());
    std::ifstream stream(path, std::ios::binary);
    std::string buffer(limits.file_bytes_max + 1, '\0');
    stream.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    if (!stream.eof() && stream.fail()) return bad(file.where, "cannot be read");
    const auto size = static_cast<std::size_t>(stream.gcount());
    if (size > limits.file_bytes_max) return bad(file.where, too_large(limits));
    file.bytes.assign(buffer, 0, size);
    return file;
}

Result<std::vector<NamedBytes>> read_folder(const std::string& path, const ReadLimits& limits) {
    std::vector<NamedBytes> files;
    std::error_code error;
    for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
        if (files.size() == limits.files_max) return bad(path, too_many(limits));
        std::error_code ignored;
        if (!it->is_regular_file(ignored)) {
            return bad(printable(it->path().string()), "not a file; a day is one folder with one file per VM");
        }
        Result<NamedBytes> file = read_one(it->path(), limits);
        if (!file) return tl::unexpected(file.error());
        files.push_back(std::move(*file));
    }
    if (error) return bad(path, "cannot be listed: " + error.message());
    return files;
}

using Reader = std::unique_ptr<archive, decltype(&archive_read_free)>;

std::string last_error(archive* reader) {
    const char* text = archive_error_string(reader);
    return text == nullptr ? "unknown error" : printable(text);
}

std::string damaged(archive* reader) {
    return "damaged or truncated archive, or none at all (" + last_error(reader) + "); fetch it again";
}

// `buffer` has room for the largest file and one byte more; one for all files, because a usual file is much smaller.
Result<std::string> read_bytes(archive* reader, const std::string& path, const std::string& where, std::string& buffer,
                               const ReadLimits& limits) {
    std::size_t size = 0;
    while (size < buffer.size()) {
        const la_ssize_t got = archive_read_data(reader, buffer.data() + size, buffer.size() - size);
        if (got < 0) return bad(path, damaged(reader));
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    if (size > limits.file_bytes_max) return bad(where, too_large(limits));
    return buffer.substr(0, size);
}

// The entry as a file, or nothing if it is a folder. `folder` is the one all files must share.
Result<std::optional<NamedBytes>> read_entry(archive* reader, archive_entry* entry, const std::string& path,
                                             std::optional<std::string>& folder, std::string& buffer,
                                             const ReadLimits& limits) {
    const char* raw = archive_entry_pathname(entry);
    if (raw == nullptr) raw = archive_entry_pathname_utf8(entry);
    if (raw == nullptr) return bad(path, "holds a file whose name cannot be read");
    const std::string_view full(raw);
    const std::string where = path + "(" + printable(full) + ")";
    if (archive_entry_filetype(entry) == AE_IFDIR) return std::optional<NamedBytes>();
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != nullptr) {
        return bad(where, "neither a file nor a folder; a day is one folder with one file per VM");
    }
    const std::size_t slash = full.rfind('/');
    const std::string parent(slash == std::string_view::npos ? "" : full.substr(0, slash));
    if (!folder) folder = parent;
    if (*folder != parent) {
        return bad(path, "holds files in more than one folder (\"" + printable(*folder) + "\" and \"" +
                             printable(parent) + "\"); a day is one folder with one file per VM");
    }
    NamedBytes file{std::string(slash == std::string_view::npos ? full : full.substr(slash + 1)), where, {}};
    if (Status ok = check_name(where, file.name, limits); !ok) return tl::unexpected(ok.error());
    Result<std::string> bytes = read_bytes(reader, path, where, buffer, limits);
    if (!bytes) return tl::unexpected(bytes.error());
    file.bytes = std::move(*bytes);
    return std::optional(std::move(file));
}

Result<std::vector<NamedBytes>> read_archive(const std::string& path, const ReadLimits& limits) {
    if (!std::ifstream(path)) return bad(path, "cannot be opened; are you allowed to read it?");
    const Reader reader(archive_read_new(), &archive_read_free);
    if (!reader) return fail(ErrorKind::failed, path + ": out of memory while opening the archive");
    archive_read_support_format_tar(reader.get());
    // Only what the library decompresses itself: "all filters" would start programs for some formats.
    for (const auto support : {archive_read_support_filter_gzip, archive_read_support_filter_bzip2,
                               archive_read_support_filter_xz, archive_read_support_filter_zstd}) {
        support(reader.get());
    }
    if (archive_read_open_filename(reader.get(), path.c_str(), 64 * 1024) != ARCHIVE_OK) {
        return bad(path, damaged(reader.get()));
    }
    std::vector<NamedBytes> files;
    std::optional<std::string> folder;
    std::string buffer(limits.file_bytes_max + 1, '\0');
    // Folders count too, so that an archive of nothing but folders ends as well.
    for (std::size_t entries = 0;; ++entries) {
        archive_entry* entry = nullptr;
        const int status = archive_read_next_header(reader.get(), &entry);
        if (status == ARCHIVE_EOF) return files;
        if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return bad(path, damaged(reader.get()));
        if (entries > 2 * limits.files_max) return bad(path, too_many(limits));
        Result<std::optional<NamedBytes>> file = read_entry(reader.get(), entry, path, folder, buffer, limits);
        if (!file) return tl::unexpected(file.error());
        if (!*file) continue;
        if (files.size() == limits.files_max) return bad(path, too_many(limits));
        files.push_back(std::move(**file));
    }
}

}  // namespace

Result<std::vector<NamedBytes>> read_files(const std::string& path, const ReadLimits& limits) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    const std::string where = printable(path);
    switch (status.type()) {
        case fs::file_type::directory: return read_folder(path, limits);
        case fs::file_type::regular: return read_archive(path, limits);
        case fs::file_type::not_found: return bad(where, "no such trace; give a folder or a .tar.xz of one");
        default: return bad(where, error ? "cannot be read: " + error.message() : "neither a folder nor a file");
    }
}

}  // namespace ballast
