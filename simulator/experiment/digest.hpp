// SPDX-License-Identifier: Apache-2.0
// FNV-1a, 64 bits (Fowler, Noll, Vo; IETF draft-eastlake-fnv): tells changed inputs from unchanged ones. It is no
// protection against somebody who wants two inputs to have the same digest.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace ballast {

class Digest {
  public:
    void add(std::string_view bytes);
    [[nodiscard]] std::string text() const;  // 16 hexadecimal digits

  private:
    std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

[[nodiscard]] std::string digest(std::string_view bytes);

// Of a file: its bytes. Of a folder: name, size and bytes of each file in it, by name. Reads everything once, a piece
// at a time; docs/sweep.md says what that costs. Errors: usage, for what cannot be read, and a folder in the folder.
[[nodiscard]] Result<std::string> digest_of_contents(const std::string& path);

}  // namespace ballast
