// SPDX-License-Identifier: Apache-2.0
#include "simulator/cloudsim/family.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace ballast::cloudsim {

namespace {

struct DetectorRow {
    std::string_view name;
    std::string_view option;
    double published;
};

constexpr std::array<DetectorRow, 7> detectors{{{"npa", "", 0.0},
                                                {"dvfs", "", 0.0},
                                                {"thr", "threshold", 0.8},
                                                {"iqr", "safety", 1.5},
                                                {"mad", "safety", 2.5},
                                                {"lr", "safety", 1.2},
                                                {"lrr", "safety", 1.2}}};
constexpr std::array<std::string_view, 4> selections{"mmt", "mu", "rs", "mc"};

std::string shortest(double value) {
    char text[32];
    const auto written = std::to_chars(text, text + sizeof text, value);
    return {text, written.ptr};
}

tl::unexpected<Error> unknown(std::string_view name) {
    return fail(ErrorKind::usage, "unknown policy '" + std::string(name) +
                                      "' in the cloudsim preset; there are npa, dvfs and {thr, iqr, mad, lr, lrr}-"
                                      "{mmt, mu, rs, mc}, for example lr-mmt");
}

Status read_option(std::string_view text, const DetectorRow& row, std::string_view name, double& parameter) {
    const std::size_t equals = text.find('=');
    const std::string_view key = text.substr(0, equals);
    if (equals == std::string_view::npos || row.option.empty() || key != row.option) {
        return fail(ErrorKind::usage, "policy " + std::string(name) + ": unknown option '" + std::string(key) + "'; " +
                                          (row.option.empty() ? "it has none" : "it has " + std::string(row.option)));
    }
    const std::string_view value = text.substr(equals + 1);
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), parameter);
    if (error != std::errc() || end != value.data() + value.size() || !(parameter > 0.0) || !(parameter <= 100.0)) {
        return fail(ErrorKind::usage, "policy " + std::string(name) + ": " + std::string(key) + "=" +
                                          std::string(value) + " is not a number above 0 and up to 100");
    }
    return {};
}

}  // namespace

std::string FamilyPolicy::name() const {
    std::string text(detectors[static_cast<std::size_t>(detector)].name);
    if (migrates()) text += "-" + std::string(selections[static_cast<std::size_t>(selection)]);
    return text;
}

std::vector<std::pair<std::string, std::string>> FamilyPolicy::options() const {
    const DetectorRow& row = detectors[static_cast<std::size_t>(detector)];
    if (row.option.empty()) return {};
    return {{std::string(row.option), shortest(parameter)}};
}

Result<FamilyPolicy> parse_family_policy(std::string_view specification) {
    const std::size_t colon = specification.find(':');
    const std::string_view name = specification.substr(0, colon);
    const std::size_t dash = name.find('-');
    FamilyPolicy policy;
    std::size_t d = 0;
    while (d < detectors.size() && detectors[d].name != name.substr(0, dash)) ++d;
    if (d == detectors.size()) return unknown(name);
    policy.detector = static_cast<Detector>(d);
    policy.parameter = detectors[d].published;
    if (policy.migrates() != (dash != std::string_view::npos)) return unknown(name);
    if (policy.migrates()) {
        std::size_t s = 0;
        while (s < selections.size() && selections[s] != name.substr(dash + 1)) ++s;
        if (s == selections.size()) return unknown(name);
        policy.selection = static_cast<Selection>(s);
    }
    if (colon != std::string_view::npos) {
        if (Status ok = read_option(specification.substr(colon + 1), detectors[d], name, policy.parameter); !ok) {
            return tl::unexpected(ok.error());
        }
    }
    return policy;
}

std::string family_help() {
    return "Policies of the cloudsim preset (Beloglazov & Buyya 2012):\n"
           "  npa: all hosts on at full power;  dvfs: nothing moves, idle hosts are off\n"
           "  DETECTOR-SELECTION, for example lr-mmt\n"
           "      detectors: thr (threshold=0.8), iqr (safety=1.5), mad (safety=2.5), lr and lrr (safety=1.2)\n"
           "      selections: mmt (smallest memory), mu (smallest use), rs (random, by --seed), mc (most correlated)";
}

}  // namespace ballast::cloudsim
