// SPDX-License-Identifier: Apache-2.0
// A set of small numbers in libvirt's notation: "0-3,^2,8". Physical CPUs and NUMA nodes are told so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ballast {

class IdSet {
  public:
    static constexpr std::uint32_t id_max = 65535;  // no host has as many; keeps a hostile text small

    // "0-3,^2,8": numbers and ranges, each adding to the set or, after "^", taking away. Absent for anything else.
    [[nodiscard]] static std::optional<IdSet> parse(std::string_view text);

    void add(std::uint32_t id) { add(id, id); }
    void add(std::uint32_t first, std::uint32_t last);
    void add(const IdSet& other);
    [[nodiscard]] bool empty() const { return ranges_.empty(); }
    [[nodiscard]] bool contains(const IdSet& other) const { return other.without(*this).empty(); }
    // What of this is not in `other`.
    [[nodiscard]] IdSet without(const IdSet& other) const;
    // The shortest text without "^": "0-1,3,8".
    [[nodiscard]] std::string text() const;

    friend bool operator==(const IdSet&, const IdSet&) = default;

  private:
    using Range = std::pair<std::uint32_t, std::uint32_t>;  // first and last
    void remove(const Range& range);

    std::vector<Range> ranges_;  // sorted, apart by at least one number
};

}  // namespace ballast
