// SPDX-License-Identifier: Apache-2.0
#include "cli/standing_notes.hpp"

#include <utility>

namespace ballast {

std::vector<StandingNotes::Change> StandingNotes::update(std::map<std::string, std::string> now) {
    std::map<std::string, std::string> changed;  // over, new or different
    for (const auto& [about, text] : last_) {
        if (!now.contains(about)) changed.emplace(about, "");
    }
    for (const auto& [about, text] : now) {
        const auto before = last_.find(about);
        if (before == last_.end() || before->second != text) changed.emplace(about, text);
    }
    last_ = std::move(now);
    std::vector<Change> changes;
    for (auto& [about, text] : changed) changes.push_back({about, text});
    return changes;
}

}  // namespace ballast
