// SPDX-License-Identifier: Apache-2.0
// What a scrape shows of one moment, as values: families of samples with their labels.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ballast {

struct SampleLabel {
    std::string name;
    std::string value;
};

struct LabelledSample {
    std::vector<SampleLabel> labels;
    double value = 0.0;
};

enum class SampleKind : std::uint8_t {
    gauge,
    counter,  // never falls while the program runs; its name ends in _total
};

struct SampleFamily {
    std::string name;
    std::string help;
    SampleKind kind = SampleKind::gauge;
    std::vector<LabelledSample> samples;
};

}  // namespace ballast
