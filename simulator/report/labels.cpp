// SPDX-License-Identifier: Apache-2.0
#include "simulator/report/labels.hpp"

#include <algorithm>
#include <set>

#include "core/check.hpp"

namespace ballast {

namespace {

using Words = std::vector<std::string>;

// Everything that may tell a run from others of its policy, most telling last.
Words details(const SimulationResult& result) {
    Words words = {result.trace, "seed " + std::to_string(result.seed)};
    for (const auto& [key, value] : result.options) words.push_back(key + "=" + value);
    return words;
}

// The words that not all of `others` have.
Words distinctive(const Words& words, const std::vector<Words>& others) {
    Words kept;
    for (const std::string& word : words) {
        const auto has = [&](const Words& other) { return std::find(other.begin(), other.end(), word) != other.end(); };
        if (!std::all_of(others.begin(), others.end(), has)) kept.push_back(word);
    }
    return kept;
}

}  // namespace

std::vector<std::string> run_labels(std::span<const ReportRun> runs) {
    std::vector<std::string> labels;
    std::set<std::string> taken;
    for (const ReportRun& run : runs) {
        std::vector<Words> namesakes;
        for (const ReportRun& other : runs) {
            if (other.result.policy == run.result.policy) namesakes.push_back(details(other.result));
        }
        std::string label = run.result.policy;
        const Words words = distinctive(details(run.result), namesakes);
        for (std::size_t w = 0; w < words.size(); ++w) label += (w == 0 ? " (" : ", ") + words[w];
        if (!words.empty()) label += ")";
        std::string unique = label;
        for (std::size_t n = 2; !taken.insert(unique).second; ++n) unique = label + " #" + std::to_string(n);
        labels.push_back(unique);
    }
    return labels;
}

const ReportRun& baseline_of(std::span<const ReportRun> runs, const std::string& trace) {
    const ReportRun* baseline = nullptr;
    for (const ReportRun& run : runs) {
        if (run.result.trace != trace) continue;
        if (run.result.policy == "none") return run;
        if (baseline == nullptr) baseline = &run;
    }
    BALLAST_CHECK(baseline != nullptr, "a baseline is one of the runs of the trace");
    return *baseline;
}

}  // namespace ballast
