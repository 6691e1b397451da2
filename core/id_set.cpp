// SPDX-License-Identifier: Apache-2.0
#include "core/id_set.hpp"

#include <algorithm>
#include <charconv>

namespace ballast {

namespace {

std::optional<std::uint32_t> number(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value > IdSet::id_max) return std::nullopt;
    return value;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace

std::optional<IdSet> IdSet::parse(std::string_view text) {
    constexpr std::size_t parts_max = 4096;
    IdSet set;
    std::size_t parts = 0;
    while (true) {
        if (++parts > parts_max) return std::nullopt;
        const std::size_t comma = text.find(',');
        std::string_view part = trimmed(text.substr(0, comma));
        const bool takes_away = part.starts_with('^');
        if (takes_away) part.remove_prefix(1);
        const std::size_t dash = part.find('-');
        const auto first = number(part.substr(0, dash));
        const auto last = dash == std::string_view::npos ? first : number(part.substr(dash + 1));
        if (!first || !last || *first > *last) return std::nullopt;
        if (takes_away) {
            set.remove({*first, *last});
        } else {
            set.add(*first, *last);
        }
        if (comma == std::string_view::npos) return set;
        text.remove_prefix(comma + 1);
    }
}

void IdSet::add(std::uint32_t first, std::uint32_t last) {
    Range merged{first, last};
    std::vector<Range> kept;
    for (const Range& range : ranges_) {
        if (range.second + 1 < merged.first || merged.second + 1 < range.first) {
            kept.push_back(range);
        } else {
            merged = {std::min(range.first, merged.first), std::max(range.second, merged.second)};
        }
    }
    kept.insert(std::upper_bound(kept.begin(), kept.end(), merged), merged);
    ranges_ = std::move(kept);
}

void IdSet::add(const IdSet& other) {
    for (const Range& range : other.ranges_) add(range.first, range.second);
}

void IdSet::remove(const Range& gone) {
    std::vector<Range> kept;
    for (const Range& range : ranges_) {
        if (gone.second < range.first || range.second < gone.first) {
            kept.push_back(range);
            continue;
        }
        if (range.first < gone.first) kept.emplace_back(range.first, gone.first - 1);
        if (range.second > gone.second) kept.emplace_back(gone.second + 1, range.second);
    }
    ranges_ = std::move(kept);
}

IdSet IdSet::without(const IdSet& other) const {
    IdSet rest = *this;
    for (const Range& range : other.ranges_) rest.remove(range);
    return rest;
}

std::string IdSet::text() const {
    std::string text;
    for (const auto& [first, last] : ranges_) {
        if (!text.empty()) text += ',';
        text += std::to_string(first);
        if (last > first) text.append("-").append(std::to_string(last));
    }
    return text;
}

}  // namespace ballast
