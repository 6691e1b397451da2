// SPDX-License-Identifier: Apache-2.0
#include "simulator/experiment/digest.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

namespace ballast {

namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> unreadable(const std::string& path) {
    return fail(ErrorKind::usage, path + ": the file cannot be read");
}

Status add_file(const std::string& path, Digest& digest) {
    std::ifstream file(path, std::ios::binary);
    std::vector<char> buffer(std::size_t{1} << 18U);
    while (file) {
        file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
        digest.add({buffer.data(), static_cast<std::size_t>(file.gcount())});
    }
    if (!file.is_open() || file.bad() || !file.eof()) return unreadable(path);
    return {};
}

// What stands before the bytes of a folder's file, so that none can move from one file to the next unnoticed: a name
// ends with the zero byte that it cannot hold, and the size says where the next name begins.
std::string heading(const std::string& name, std::uintmax_t size) { return name + '\0' + std::to_string(size) + '\0'; }

Status add_folder(const std::string& path, Digest& digest) {
    std::error_code error;
    std::vector<std::string> names;
    for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
        names.push_back(entry->path().filename().string());
    }
    if (error) return fail(ErrorKind::usage, path + ": cannot be read: " + error.message());
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
        const std::string file = path + "/" + name;
        const std::uintmax_t size = fs::file_size(file, error);
        if (error) return fail(ErrorKind::usage, file + ": cannot be read: " + error.message());
        digest.add(heading(name, size));
        if (Status ok = add_file(file, digest); !ok) return ok;
    }
    return {};
}

}  // namespace

void Digest::add(std::string_view bytes) {
    std::uint64_t hash = hash_;
    for (const char c : bytes) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001b3ULL;
    }
    hash_ = hash;
}

std::string Digest::text() const {
    std::uint64_t hash = hash_;
    std::string text(16, '0');
    for (std::size_t i = 16; i-- > 0; hash >>= 4U) text[i] = "0123456789abcdef"[hash & 15U];
    return text;
}

std::string digest(std::string_view bytes) {
    Digest all;
    all.add(bytes);
    return all.text();
}

Result<std::string> digest_of_contents(const std::string& path) {
    Digest digest;
    std::error_code ignored;  // whatever is wrong with the path, reading it says so
    const Status ok = fs::is_directory(path, ignored) ? add_folder(path, digest) : add_file(path, digest);
    if (!ok) return tl::unexpected(ok.error());
    return digest.text();
}

}  // namespace ballast
