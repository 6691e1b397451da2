// SPDX-License-Identifier: Apache-2.0
#include "simulator/cloudsim/family.hpp"

#include <array>

#include "scheduler/policy_options.hpp"

namespace ballast::cloudsim {

namespace {

// Above 0: a host that is overloaded whatever it does would be emptied for ever.
constexpr double smallest = 1e-6;
constexpr PolicyOptionHelp threshold_option{"threshold", "fraction", 0.8,
                                            smallest,    100.0,      "CPU use above which a host is overloaded"};

constexpr PolicyOptionHelp safety(double published) {
    return {"safety", "factor", published, smallest, 100.0, "how early a host counts as overloaded"};
}

constexpr std::array thr_options{threshold_option};
constexpr std::array iqr_options{safety(1.5)};
constexpr std::array mad_options{safety(2.5)};
constexpr std::array lr_options{safety(1.2)};

// In the order of Detector.
constexpr std::array<PolicyHelp, 7> detectors{{{"npa", "all hosts on at full power", {}},
                                               {"dvfs", "nothing moves, idle hosts are off", {}},
                                               {"thr", "static threshold", thr_options},
                                               {"iqr", "inter-quartile range", iqr_options},
                                               {"mad", "median absolute deviation", mad_options},
                                               {"lr", "local regression", lr_options},
                                               {"lrr", "robust local regression", lr_options}}};
constexpr std::array<std::string_view, 4> selections{"mmt", "mu", "rs", "mc"};

tl::unexpected<Error> unknown(std::string_view name) {
    return fail(ErrorKind::usage, "unknown policy '" + std::string(name) +
                                      "' in the cloudsim preset; there are npa, dvfs and {thr, iqr, mad, lr, lrr}-"
                                      "{mmt, mu, rs, mc}, for example lr-mmt, and Ballast's own policies");
}

}  // namespace

std::string FamilyPolicy::name() const {
    std::string text(detectors[static_cast<std::size_t>(detector)].name);
    if (migrates()) text += "-" + std::string(selections[static_cast<std::size_t>(selection)]);
    return text;
}

std::vector<std::pair<std::string, std::string>> FamilyPolicy::options() const {
    const PolicyHelp& help = detectors[static_cast<std::size_t>(detector)];
    if (help.options.empty()) return {};
    const std::string specification = policy_specification(help, {&parameter, 1});
    return {{std::string(help.options[0].key), specification.substr(specification.find('=') + 1)}};
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
    if (policy.migrates() != (dash != std::string_view::npos)) return unknown(name);
    if (policy.migrates()) {
        std::size_t s = 0;
        while (s < selections.size() && selections[s] != name.substr(dash + 1)) ++s;
        if (s == selections.size()) return unknown(name);
        policy.selection = static_cast<Selection>(s);
    }
    const std::string_view options = colon == std::string_view::npos ? "" : specification.substr(colon + 1);
    if (colon != std::string_view::npos && options.empty()) {
        return fail(ErrorKind::usage, "policy \"" + std::string(name) + "\": write key=value after the colon");
    }
    PolicyHelp help = detectors[d];
    help.name = name;
    const Result<std::vector<double>> values = parse_policy_options(help, options);
    if (!values) return tl::unexpected(values.error());
    if (!values->empty()) policy.parameter = values->front();
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
