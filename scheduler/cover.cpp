// SPDX-License-Identifier: Apache-2.0
#include "scheduler/cover.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

namespace ballast {

namespace {

std::vector<std::size_t> greedy(std::span<const CoverItem> items, double excess) {
    std::vector<std::size_t> order(items.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const double left = items[a].relief * items[b].bytes;  // relief per byte, without the division
        const double right = items[b].relief * items[a].bytes;
        return left != right ? left > right : items[a].relief > items[b].relief;
    });
    double covered = 0.0;
    std::size_t taken = 0;
    while (taken < order.size() && covered < excess) covered += items[order[taken++]].relief;
    order.resize(taken);

    std::vector<std::size_t> heaviest_first = order;
    std::stable_sort(heaviest_first.begin(), heaviest_first.end(),
                     [&](std::size_t a, std::size_t b) { return items[a].bytes > items[b].bytes; });
    std::vector<bool> dropped(items.size(), false);
    for (const std::size_t i : heaviest_first) {
        if (covered - items[i].relief < excess) continue;
        covered -= items[i].relief;
        dropped[i] = true;
    }
    std::erase_if(order, [&](std::size_t i) { return dropped[i]; });
    return order;
}

std::optional<std::size_t> lightest_single(std::span<const CoverItem> items, double excess) {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (items[i].relief >= excess && (!best || items[i].bytes < items[*best].bytes)) best = i;
    }
    return best;
}

}  // namespace

std::vector<std::size_t> choose_cover(std::span<const CoverItem> items, double excess) {
    std::vector<std::size_t> chosen = greedy(items, excess);
    const double bytes = std::accumulate(chosen.begin(), chosen.end(), 0.0,
                                         [&](double sum, std::size_t i) { return sum + items[i].bytes; });
    if (const auto single = lightest_single(items, excess); single && items[*single].bytes <= bytes) return {*single};
    std::sort(chosen.begin(), chosen.end(), [&](std::size_t a, std::size_t b) {
        return items[a].relief != items[b].relief ? items[a].relief > items[b].relief : a < b;
    });
    return chosen;
}

}  // namespace ballast
