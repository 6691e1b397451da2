// SPDX-License-Identifier: Apache-2.0
#include "cli/toml/experiment_file.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "cli/toml/table_reader.hpp"
#include "scheduler/policy.hpp"
#include "simulator/cloudsim/family.hpp"

namespace ballast {

namespace {

using toml_io::Document;
using toml_io::TableReader;

// The names of a policy's options; none for a policy that does not exist, which check_policy() reports.
std::vector<std::string> option_keys(const std::string& policy, bool is_default) {
    std::vector<std::string> keys;
    if (!is_default) {
        const Result<cloudsim::FamilyPolicy> family = cloudsim::parse_family_policy(policy);
        if (!family) return keys;
        for (const auto& [key, value] : family->options()) keys.push_back(key);
        return keys;
    }
    for (const PolicyHelp& help : policy_catalogue()) {
        if (help.name != policy) continue;
        for (const PolicyOptionHelp& option : help.options) keys.emplace_back(option.key);
    }
    return keys;
}

Status check_policy(const std::string& specification, bool is_default) {
    if (!is_default) {
        const Result<cloudsim::FamilyPolicy> policy = cloudsim::parse_family_policy(specification);
        return policy ? Status() : tl::unexpected(policy.error());
    }
    if (specification == "none") return {};
    const Result<std::unique_ptr<Policy>> policy = make_policy(specification);
    return policy ? Status() : tl::unexpected(policy.error());
}

// Each value by itself: what is wrong with one is wrong in every combination.
void check_values(TableReader& table, const std::string& name, const std::string& key,
                  const std::vector<double>& values, bool is_default) {
    if (values.empty()) table.error(key.c_str(), "\"" + key + "\" has no value");
    for (const double value : values) {
        const Experiment single{"", "", "", {{"trace", ""}}, {{name, {{key, {value}}}}}, {1}};
        const Result<std::vector<Cell>> cells = expand(single);
        if (!cells) continue;
        if (Status ok = check_policy(cells->front().policy, is_default); !ok) {
            table.error(key.c_str(), ok.error().message);
        }
    }
}

// [policy.parameters]: a key must be an option of all the policies that it is meant for.
std::vector<std::pair<std::string, std::vector<double>>> read_parameters(TableReader table,
                                                                         const std::vector<std::string>& names,
                                                                         bool is_default) {
    std::vector<std::string> keys = option_keys(names.front(), is_default);
    for (const std::string& name : names) {
        const std::vector<std::string> others = option_keys(name, is_default);
        std::erase_if(
            keys, [&](const std::string& key) { return std::find(others.begin(), others.end(), key) == others.end(); });
    }
    std::vector<std::pair<std::string, std::vector<double>>> parameters;
    for (const std::string& key : keys) {
        std::vector<double> values = table.numbers(key.c_str());
        if (!table.has(key.c_str())) continue;
        for (const std::string& name : names) check_values(table, name, key, values, is_default);
        parameters.emplace_back(key, std::move(values));
    }
    table.finish();
    return parameters;
}

void read_policies(TableReader table, bool is_default, std::vector<PolicyGrid>& grids) {
    const std::vector<std::string> names = table.texts("names");
    if (names.empty()) table.error("names", "[[policy]] needs \"names\", a list of policies");
    for (const std::string& name : names) {
        if (name.find(':') != std::string::npos) {
            table.error("names", "\"" + name + "\": options belong into [policy.parameters]");
        } else if (Status ok = check_policy(name, is_default); !ok) {
            table.error("names", ok.error().message);
        }
    }
    std::vector<std::pair<std::string, std::vector<double>>> parameters;
    if (auto sub_table = table.table("parameters"); sub_table && !names.empty()) {
        parameters = read_parameters(*sub_table, names, is_default);
    }
    table.finish();
    for (const std::string& name : names) grids.push_back({name, parameters});
}

std::vector<std::uint64_t> read_seeds(TableReader& root) {
    const std::vector<double> values = root.numbers("seeds");
    if (!root.has("seeds")) return {1};
    std::vector<std::uint64_t> seeds;
    for (const double value : values) {
        if (!(value >= 0.0) || value > 1e15 || value != std::floor(value)) {
            root.error("seeds", "\"seeds\" must be whole numbers from 0 to 1e15");
            break;
        }
        seeds.push_back(static_cast<std::uint64_t>(value));
    }
    if (seeds.empty()) root.error("seeds", "\"seeds\" must not be empty");
    return seeds;
}

Result<ExperimentFile> read_experiment(const Document& document) {
    TableReader root = document.root();
    ExperimentFile file;
    file.experiment.name = root.required_text("name");
    file.preset = file.experiment.preset = root.text("preset", "default");
    file.hosts = root.text("hosts");
    for (std::string& name : root.texts("traces")) file.experiment.traces.push_back({std::move(name), ""});
    if (file.experiment.traces.empty()) root.error("traces", "the experiment needs \"traces\", a list of recordings");
    file.experiment.seeds = read_seeds(root);
    for (TableReader& table : root.tables("policy")) {
        read_policies(table, file.preset == "default", file.experiment.policies);
    }
    if (!root.has("policy")) root.error("policy", "the experiment has no [[policy]]");
    root.finish();
    if (document.error()) return tl::unexpected(*document.error());
    return file;
}

}  // namespace

Result<ExperimentFile> load_experiment(const std::string& path) {
    const Result<Document> document = Document::load(path);
    if (!document) return tl::unexpected(document.error());
    return read_experiment(*document);
}

Result<ExperimentFile> parse_experiment(std::string_view text, const std::string& name) {
    const Result<Document> document = Document::parse(text, name);
    if (!document) return tl::unexpected(document.error());
    return read_experiment(*document);
}

}  // namespace ballast
