// SPDX-License-Identifier: Apache-2.0
#include "core/models/power_curve.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace ballast {

namespace {

constexpr std::array<NamedPowerCurve, 11> catalogue = {{
    {"dell-r620",
     "Dell PowerEdge R620, 2x Xeon E5-2670",
     "20120306-00434",
     {54.1, 78.4, 88.5, 99.5, 115, 126, 143, 165, 196, 226, 243}},
    {"dell-r640", "Dell PowerEdge R640", "20170829-00781", {55, 125, 151, 176, 202, 232, 261, 301, 357, 421, 469}},
    {"dell-r6515-7702p",
     "Dell PowerEdge R6515, EPYC 7702P",
     "20200728-01041",
     {54, 123, 139, 150, 161, 169, 181, 194, 207, 218, 231}},
    {"dell-r740",
     "Dell PowerEdge R740 (2017)",
     "20170829-00780",
     {52.3, 129, 147, 170, 195, 224, 255, 292, 344, 408, 457}},
    {"dell-r740-8280",
     "Dell PowerEdge R740, 2x Xeon 8280",
     "20190409-00952",
     {49.8, 114, 137, 159, 182, 208, 240, 277, 319, 376, 432}},
    {"dell-r7525-7702",
     "Dell PowerEdge R7525, 2x EPYC 7702",
     "20200324-01021",
     {72, 181, 207, 229, 250, 270, 294, 321, 347, 370, 393}},
    {"hp-ml110-g4",
     "HP ProLiant ML110 G4, Xeon 3040",
     "20110127-00342",
     {86, 89.4, 92.6, 96, 99.5, 102, 106, 108, 112, 114, 117}},
    {"hp-ml110-g5",
     "HP ProLiant ML110 G5, Xeon 3075",
     "20110124-00339",
     {93.7, 97, 101, 105, 110, 116, 121, 125, 129, 133, 135}},
    {"hpe-dl345-gen10plus",
     "HPE ProLiant DL345 Gen10 Plus, EPYC 7763",
     "20210221-01065",
     {58, 104, 120, 134, 150, 169, 197, 217, 236, 255, 272}},
    {"hpe-dl380-gen10plus",
     "HPE ProLiant DL380 Gen10 Plus, 2x Xeon 8380",
     "20210601-01103",
     {127, 198, 226, 253, 281, 314, 354, 405, 464, 576, 619}},
    {"ibm-x3550-m3",
     "IBM System x3550 M3, 2x Xeon X5675",
     "20110406-00368",
     {58.4, 98, 109, 118, 128, 140, 153, 170, 189, 205, 222}},
}};

}  // namespace

Result<PowerCurve> PowerCurve::make(std::span<const double> watts) {
    if (watts.size() != points) {
        return fail(ErrorKind::usage, "a power table has 11 values (watts at 0, 10, … 100 % CPU), this one has " +
                                          std::to_string(watts.size()));
    }
    const bool quantities =
        std::all_of(watts.begin(), watts.end(), [](double w) { return std::isfinite(w) && w >= 0.0; });
    if (!quantities) return fail(ErrorKind::usage, "a power table holds finite watts, none of them negative");
    if (*std::max_element(watts.begin(), watts.end()) <= 0.0) {
        return fail(ErrorKind::usage, "a power table needs at least one value above 0 W");
    }
    PowerCurve curve;
    std::copy(watts.begin(), watts.end(), curve.watts_.begin());
    return curve;
}

double PowerCurve::watts(double utilisation) const {
    const double position = std::clamp(utilisation, 0.0, 1.0) * 10.0;
    const auto lower = std::min(static_cast<std::size_t>(position), points - 2);
    const double fraction = position - static_cast<double>(lower);
    return watts_[lower] + (watts_[lower + 1] - watts_[lower]) * fraction;
}

std::span<const NamedPowerCurve> power_curve_catalogue() { return catalogue; }

Result<PowerCurve> find_power_curve(std::string_view name) {
    std::string known;
    for (const NamedPowerCurve& entry : catalogue) {
        if (entry.name == name) return PowerCurve::make(entry.watts);
        known += (known.empty() ? "" : ", ") + std::string(entry.name);
    }
    return fail(ErrorKind::usage, "unknown power table \"" + std::string(name) + "\"; known: " + known);
}

}  // namespace ballast
