// SPDX-License-Identifier: Apache-2.0
#include "cli/near_names.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace ballast {

namespace {

// Row by row of Wagner & Fischer's table (Journal of the ACM 21(1), 1974).
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i] == b[j] ? 0U : 1U);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

}  // namespace

std::vector<std::string> near_names(std::string_view wanted, const std::vector<std::string>& names,
                                    std::size_t count_max) {
    const std::size_t far = std::max<std::size_t>(2, wanted.size() / 3);
    std::vector<std::pair<std::size_t, const std::string*>> found;
    for (const std::string& name : names) {
        const bool contains = !wanted.empty() && name.find(wanted) != std::string::npos;
        const std::size_t distance = contains ? far : edit_distance(wanted, name);
        if (distance <= far && distance < wanted.size()) found.emplace_back(distance, &name);
    }
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::string> result;
    for (std::size_t i = 0; i < found.size() && i < count_max; ++i) result.push_back(*found[i].second);
    return result;
}

}  // namespace ballast
