// SPDX-License-Identifier: Apache-2.0
// simulator/cloudsim against the plain implementation (plain/): every figure and every migration, bit for bit. What the
// first does to be fast must not show.
//
// BALLAST_PLANETLAB_DIR=FOLDER (of DAY.tar.xz) adds all policies on all its days; that takes minutes in a release
// build.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "core/random.hpp"
#include "plain/plain_cloudsim.hpp"
#include "simulator/cloudsim/replay.hpp"
#include "simulator/trace/memory_source.hpp"
#include "simulator/trace/open.hpp"

namespace ballast::cloudsim {
namespace {

// ---- comparison ---------------------------------------------------------------------------------------------------

void expect_same(double fast, double plain, const char* figure) {
    EXPECT_TRUE(fast == plain || (std::isnan(fast) && std::isnan(plain))) << figure << ": " << fast << " != " << plain;
}

void expect_same(const Figures& fast, const Figures& plain) {
    EXPECT_EQ(fast.migrations, plain.migrations);
    EXPECT_EQ(fast.shutdowns, plain.shutdowns);
    EXPECT_EQ(fast.starts, plain.starts);
    EXPECT_EQ(fast.vms_left, plain.vms_left);
    expect_same(fast.energy_kwh, plain.energy_kwh, "energy_kwh");
    expect_same(fast.sla, plain.sla, "sla");
    expect_same(fast.pdm, plain.pdm, "pdm");
    expect_same(fast.slatah, plain.slatah, "slatah");
    expect_same(fast.sla_overall, plain.sla_overall, "sla_overall");
    expect_same(fast.sla_average, plain.sla_average, "sla_average");
    expect_same(fast.mean_time_before_shutdown_s, plain.mean_time_before_shutdown_s, "mean_time_before_shutdown_s");
    expect_same(fast.stdev_time_before_shutdown_s, plain.stdev_time_before_shutdown_s, "stdev_time_before_shutdown_s");
    expect_same(fast.mean_migration_s, plain.mean_migration_s, "mean_migration_s");
    expect_same(fast.stdev_migration_s, plain.stdev_migration_s, "stdev_migration_s");
    expect_same(fast.migration_bytes, plain.migration_bytes, "migration_bytes");
    expect_same(fast.contention_vm_hours, plain.contention_vm_hours, "contention_vm_hours");
}

// Returns the number of migrations, so that a test can see that something moved.
std::size_t expect_same_run(TraceSource& trace, const Options& options, const std::string& specification) {
    SCOPED_TRACE(trace.info().name + " " + specification);
    const FamilyPolicy policy = *parse_family_policy(specification);
    const std::optional<plain::Run> expected = plain::plain_cloudsim(trace, options, policy);
    std::vector<plain::Migration> migrations;
    ReplayHooks hooks;
    hooks.migration = [&](double time_s, VmIndex vm, HostIndex from, HostIndex to) {
        migrations.push_back({time_s, vm, from, to});
    };
    const Result<Figures> figures = replay(trace, options, policy, hooks);
    EXPECT_EQ(figures.has_value(), expected.has_value());
    if (!figures || !expected) return 0;
    expect_same(*figures, expected->figures);
    const auto [fast, plain] =
        std::mismatch(migrations.begin(), migrations.end(), expected->migrations.begin(), expected->migrations.end());
    EXPECT_TRUE(fast == migrations.end() && plain == expected->migrations.end())
        << "the first migration that differs is number " << fast - migrations.begin();
    return migrations.size();
}

// ---- what to run --------------------------------------------------------------------------------------------------

// All 22 policies, with one of three parameters: a careful one, the published one, a daring one.
std::vector<std::string> family(std::size_t parameter) {
    const std::pair<const char*, std::vector<const char*>> detectors[] = {
        {"thr", {":threshold=0.5", ":threshold=0.8", ":threshold=1"}},
        {"iqr", {":safety=4", ":safety=1.5", ":safety=0.5"}},
        {"mad", {":safety=6", ":safety=2.5", ":safety=0.5"}},
        {"lr", {":safety=2", ":safety=1.2", ":safety=1"}},
        {"lrr", {":safety=2", ":safety=1.2", ":safety=1"}}};
    std::vector<std::string> all{"npa", "dvfs"};
    for (const auto& [detector, parameters] : detectors) {
        for (const char* selection : {"-mmt", "-mu", "-rs", "-mc"}) {
            all.push_back(std::string(detector) + selection + parameters[parameter % parameters.size()]);
        }
    }
    return all;
}

enum class Shape { uniform, mostly_zero, two_levels, full, steady, walk };

float sample(Shape shape, float before, Rng& rng) {
    const std::uint64_t draw = rng.below(101);
    switch (shape) {
        case Shape::uniform: return static_cast<float>(draw);
        case Shape::mostly_zero: return draw < 70 ? 0.0F : static_cast<float>(draw - 60);
        case Shape::two_levels: return draw < 50 ? 20.0F : 60.0F;
        case Shape::full: return draw < 5 ? 90.0F : 100.0F;
        case Shape::steady: return 50.0F;
        case Shape::walk: return std::clamp(before + static_cast<float>(draw % 21) - 10.0F, 0.0F, 100.0F);
    }
    return 0.0F;
}

constexpr std::pair<const char*, Shape> shapes[] = {{"uniform", Shape::uniform},       {"zeros", Shape::mostly_zero},
                                                    {"two-levels", Shape::two_levels}, {"full", Shape::full},
                                                    {"steady", Shape::steady},         {"walk", Shape::walk}};

MemoryTraceSource random_trace(const char* name, Shape shape, std::size_t vms, std::uint64_t seed) {
    constexpr std::size_t intervals = 40;  // histories fill up after 30
    Rng rng(seed);
    Trace trace;
    trace.name = name + std::string(" seed ") + std::to_string(seed);
    trace.interval_s = 300.0;
    for (std::size_t i = 0; i < vms; ++i) trace.vm_names.push_back("vm" + std::to_string(100 + i));
    std::vector<float> now(vms, 30.0F);
    for (std::size_t k = 0; k < intervals; ++k) {
        for (float& value : now) value = sample(shape, value, rng);
        trace.cpu_percent.insert(trace.cpu_percent.end(), now.begin(), now.end());
    }
    return MemoryTraceSource(std::move(trace));
}

MemoryTraceSource first_intervals(TraceSource& day, std::size_t intervals) {
    Trace trace;
    trace.name = day.info().name;
    trace.interval_s = day.info().interval_s;
    for (const TraceVm& vm : day.info().vms) trace.vm_names.push_back(vm.name);
    std::vector<float> percent(trace.vm_names.size());
    for (std::size_t k = 0; k < intervals; ++k) {
        EXPECT_TRUE(day.read_cpu_percent(k, percent));
        trace.cpu_percent.insert(trace.cpu_percent.end(), percent.begin(), percent.end());
    }
    return MemoryTraceSource(std::move(trace));
}

Options small_world(std::uint64_t seed) {
    Options options = default_options();
    options.hosts = 40;
    options.seed = seed;
    return options;
}

// ---- tests --------------------------------------------------------------------------------------------------------

TEST(CloudSimPlain, SameRunForEveryPolicyAndLoad) {
    std::size_t parameter = 0;
    for (const auto& [name, shape] : shapes) {
        std::size_t migrations = 0;
        for (std::uint64_t seed = 1; seed <= 2; ++seed, ++parameter) {
            MemoryTraceSource trace = random_trace(name, shape, seed == 1 ? 40 : 70, seed);
            for (const std::string& policy : family(parameter)) {
                migrations += expect_same_run(trace, small_world(seed), policy);
            }
        }
        EXPECT_GT(migrations, 0U) << name << ": nothing moved, so nothing was compared";
    }
}

TEST(CloudSimPlain, SameRunWithEachQuirkOff) {
    for (bool Quirks::*quirk :
         {&Quirks::idle_vms_vanish, &Quirks::memory_ignored_after_start, &Quirks::wake_up_interval_free,
          &Quirks::switching_is_free, &Quirks::empties_hosts_just_filled, &Quirks::sleeping_hosts_are_targets,
          &Quirks::last_interval_unaccounted, &Quirks::arrivals_count_as_violation, &Quirks::regression_unweighted}) {
        Options options = small_world(3);
        options.quirks.*quirk = false;
        for (const auto& [name, shape] : shapes) {
            MemoryTraceSource trace = random_trace(name, shape, 60, 3);
            for (const char* policy : {"npa", "dvfs", "thr-mmt", "iqr-mu", "mad-rs", "lr-mc", "lrr-mmt"}) {
                expect_same_run(trace, options, policy);
            }
        }
    }
}

TEST(CloudSimPlain, SameRunWithOtherConstants) {
    Options options = small_world(4);
    options.first_event_s = 0.01;
    options.history_samples = 14;
    options.fallback_threshold = 0.5;
    options.vm_order = VmOrder::shuffled;
    options.host_types.pop_back();
    for (const auto& [name, shape] : shapes) {
        MemoryTraceSource trace = random_trace(name, shape, 50, 4);
        for (const char* policy : {"thr-mu", "iqr-mmt", "mad-mc", "lr-rs"}) expect_same_run(trace, options, policy);
    }
}

// The first hours of the bundled day, in its own size: combinations that the reference's figures do not cover.
TEST(CloudSimPlain, SameRunOnARecordedDay) {
    const auto day = open_trace(BALLAST_SOURCE_DIR "/simulator/data/planetlab-20110303.tar.xz");
    ASSERT_TRUE(day) << day.error().message;
    MemoryTraceSource trace = first_intervals(**day, 30);
    for (const char* policy : {"iqr-mu", "mad-mc", "lrr-mc", "thr-rs"}) {
        EXPECT_GT(expect_same_run(trace, default_options(), policy), 0U);
    }
}

TEST(CloudSimPlain, SameRunOnAllDays) {
    const char* folder = std::getenv("BALLAST_PLANETLAB_DIR");
    if (folder == nullptr) GTEST_SKIP() << "set BALLAST_PLANETLAB_DIR to a folder of PlanetLab days (DAY.tar.xz)";
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        const auto day = open_trace(file.path().string());
        ASSERT_TRUE(day) << day.error().message;
        for (const std::size_t parameter : {1U, 0U, 2U}) {
            for (const std::string& policy : family(parameter)) expect_same_run(**day, default_options(), policy);
        }
    }
}

}  // namespace
}  // namespace ballast::cloudsim
