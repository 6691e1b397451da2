// SPDX-License-Identifier: Apache-2.0
#include "cli/policy_run.hpp"

#include <memory>

#include "cli/output.hpp"
#include "cli/rule_warnings.hpp"
#include "cli/toml/hosts_file.hpp"
#include "cli/toml/preset_file.hpp"
#include "core/io/json.hpp"
#include "metrics/collector_options.hpp"
#include "simulator/cloudsim/simulate.hpp"

namespace ballast {

namespace {

Result<std::shared_ptr<const Snapshot>> load_snapshot(const std::string& path) {
    const Result<std::string> text = read_file(path);
    if (!text) return tl::unexpected(text.error());
    Result<Snapshot> snapshot = snapshot_from_json(*text);
    if (!snapshot) return fail(snapshot.error().kind, path + ": " + snapshot.error().message);
    return std::make_shared<const Snapshot>(std::move(*snapshot));
}

}  // namespace

Result<SimulationSetup> load_setup(const WorldOptions& world, std::uint64_t seed) {
    const auto& [preset, hosts, snapshot] = world;
    SimulationSetup setup;
    setup.options.seed = seed;
    if (preset != "default") {
        if (!snapshot.empty()) {
            return fail(ErrorKind::usage, "--snapshot is for Ballast's own world; take --preset out");
        }
        setup.reference = cloudsim::default_options();
        setup.reference->seed = seed;
        if (is_preset_file(preset)) {
            if (!preset.ends_with(".toml")) {
                return fail(ErrorKind::usage,
                            "unknown preset '" + preset + "'; there are default, cloudsim, and files ending in .toml");
            }
            if (Status ok = load_preset_file(preset, *setup.reference); !ok) return tl::unexpected(ok.error());
        }
        if (!hosts.empty()) {
            return fail(ErrorKind::usage, "--hosts and --preset " + preset +
                                              " do not go together: the preset brings its own hosts; to change "
                                              "them, change a copy of configs/presets/cloudsim.toml");
        }
        return setup;
    }
    if (!snapshot.empty()) {
        Result<std::shared_ptr<const Snapshot>> loaded = load_snapshot(snapshot);
        if (!loaded) return tl::unexpected(loaded.error());
        setup.options.cluster = std::move(*loaded);
        // As the loop sees, unless --hosts says otherwise.
        setup.options.history_samples = CollectorOptions{}.samples_max;
        RuleWarnings().report(setup.options.cluster->cluster);
    }
    if (!hosts.empty()) {
        if (Status ok = load_hosts_file(hosts, setup.options); !ok) return tl::unexpected(ok.error());
    }
    return setup;
}

namespace {

// The reference world takes the family's policies and all of Ballast's own.
Result<cloudsim::AnyPolicy> reference_policy(const std::string& specification) {
    if (is_registered(specification)) {
        Result<std::unique_ptr<Policy>> own = make_policy(specification);
        if (!own) return tl::unexpected(own.error());
        return cloudsim::AnyPolicy(std::shared_ptr<const Policy>(std::move(*own)));
    }
    const Result<cloudsim::FamilyPolicy> family = cloudsim::parse_family_policy(specification);
    if (!family) return tl::unexpected(family.error());
    return cloudsim::AnyPolicy(*family);
}

}  // namespace

Result<PolicyRun> prepare_policy(const SimulationSetup& setup, const std::string& specification) {
    if (setup.reference) {
        const Result<cloudsim::AnyPolicy> policy = reference_policy(specification);
        if (!policy) return tl::unexpected(policy.error());
        return [options = *setup.reference, policy = *policy](TraceSource& trace, const Keep& keep,
                                                              const Progress& progress) -> Result<ReportRun> {
            ReportRun run;
            Result<SimulationResult> result =
                cloudsim::simulate(trace, options, policy, progress, keep.timeline ? &run.timeline : nullptr);
            if (!result) return tl::unexpected(result.error());
            run.result = std::move(*result);
            return run;
        };
    }
    std::shared_ptr<const Policy> policy;
    if (specification != "none") {
        Result<std::unique_ptr<Policy>> made = make_policy(specification);
        if (!made && cloudsim::parse_family_policy(specification)) {
            return fail(ErrorKind::usage,
                        "policy \"" + specification + "\" is one of the reference world: add " + "--preset cloudsim");
        }
        if (!made) return tl::unexpected(made.error());
        policy = std::move(*made);
    }
    return [options = setup.options, policy](TraceSource& trace, const Keep& keep,
                                             const Progress& progress) -> Result<ReportRun> {
        ReportRun run;
        Result<SimulationResult> result =
            simulate(trace, options, policy.get(), progress, keep.timeline ? &run.timeline : nullptr,
                     keep.moves ? &run.moves : nullptr);
        if (!result) return tl::unexpected(result.error());
        run.result = std::move(*result);
        return run;
    };
}

}  // namespace ballast
