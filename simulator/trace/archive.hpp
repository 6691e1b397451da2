// SPDX-License-Identifier: Apache-2.0
// Reads the files of a folder or of a tar archive (plain, gzip, bzip2, xz or zstd) into memory, within limits: an
// archive may be damaged, or expand to far more than its own size.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/result.hpp"

namespace ballast {

struct NamedBytes {
    std::string name;   // the file's own name, without its folder
    std::string where;  // for error messages: its path, or ARCHIVE(path in it)
    std::string bytes;
};

struct ReadLimits {
    std::size_t files_max = 100'000;
    std::size_t file_bytes_max = 64 * 1024;
    std::size_t name_bytes_max = 255;
};

// All files of `path`, which is a folder or a tar archive of one folder, in no particular order. Usage errors, one line
// each, for: a path that does not exist or cannot be read, sub-folders, anything that is neither file nor folder,
// a damaged or truncated archive, names with control characters, and what exceeds `limits`.
[[nodiscard]] Result<std::vector<NamedBytes>> read_files(const std::string& path, const ReadLimits& limits = {});

}  // namespace ballast
