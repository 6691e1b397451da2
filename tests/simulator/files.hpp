// SPDX-License-Identifier: Apache-2.0
// Folders and tar archives for tests.
#pragma once

#include <array>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/folder.hpp"

namespace ballast::test {

inline std::string lines(int count, const std::string& line) {
    std::string text;
    for (int i = 0; i < count; ++i) text += line + "\n";
    return text;
}

// One member of a ustar archive: type '0' = file, '2' = symbolic link, '5' = folder.
inline std::string tar_member(const std::string& name, const std::string& bytes, char type = '0') {
    std::array<char, 512> header{};
    const auto put = [&](std::size_t at, const std::string& text) {
        std::memcpy(&header[at], text.data(), text.size());
    };
    std::array<char, 16> size{};
    std::snprintf(size.data(), size.size(), "%011zo", bytes.size());
    put(0, name);
    put(100, "0000644");
    put(108, "0000000");
    put(116, "0000000");
    put(124, size.data());
    put(136, "00000000000");
    put(148, "        ");  // the checksum is taken over blanks here
    header[156] = type;
    put(257, std::string("ustar\0"
                         "00",
                         8));
    unsigned sum = 0;
    for (const char c : header) sum += static_cast<unsigned char>(c);
    std::array<char, 8> checksum{};
    std::snprintf(checksum.data(), checksum.size(), "%06o", sum);
    std::memcpy(&header[148], checksum.data(), checksum.size());
    std::string member(header.data(), header.size());
    member += bytes;
    member.append((512 - bytes.size() % 512) % 512, '\0');
    return member;
}

inline std::string tar_end() { return std::string(1024, '\0'); }

}  // namespace ballast::test
