// SPDX-License-Identifier: Apache-2.0
#include "metrics/energy/watts_meter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>

#include "metrics/energy/watts_poller.hpp"
#include "tests/clusters.hpp"

namespace ballast {
namespace {

using test::value;
using testing::HasSubstr;

class WattsFiles : public testing::Test {
  protected:
    void SetUp() override { std::filesystem::create_directories(path()); }
    void TearDown() override { std::filesystem::remove_all(path()); }
    static std::filesystem::path path() {
        return std::filesystem::temp_directory_path() / ("ballast_watts_" + std::to_string(getpid()));
    }
    static void write(const std::string& file, const std::string& text) {
        std::filesystem::create_directories((path() / file).parent_path());
        std::ofstream(path() / file) << text << "\n";
    }
    static void zone(const std::string& name, const std::string& is, std::uint64_t microjoules) {
        write(name + "/name", is);
        write(name + "/energy_uj", std::to_string(microjoules));
        write(name + "/max_energy_range_uj", "100000000");  // 100 J
    }
};

RunForOutput says(const std::string& text) {
    return [text](const std::vector<std::string>&, double) -> Result<std::string> { return text; };
}
RunForOutput fails() {
    return [](const std::vector<std::string>&, double) -> Result<std::string> {
        return fail(ErrorKind::failed, "ipmitool ended with exit code 1");
    };
}

TEST_F(WattsFiles, RaplAddsPackagesAndMemoryAndNothingWithin) {
    zone("intel-rapl:0", "package-0", 10'000'000);
    zone("intel-rapl:0:0", "core", 9'000'000);  // part of the package
    zone("intel-rapl:0:1", "dram", 1'000'000);
    zone("intel-rapl:1", "package-1", 20'000'000);
    RaplMeter meter(path());
    EXPECT_EQ(value(meter.watts(100)), std::nullopt);
    zone("intel-rapl:0", "package-0", 40'000'000);  // 30 J
    zone("intel-rapl:0:0", "core", 39'000'000);
    zone("intel-rapl:0:1", "dram", 6'000'000);               // 5 J
    zone("intel-rapl:1", "package-1", 35'000'000);           // 15 J
    EXPECT_DOUBLE_EQ(value(meter.watts(110)).value(), 5.0);  // 50 J in 10 s
}

TEST_F(WattsFiles, RaplTakesThePlatformAloneIfItIsThere) {
    zone("intel-rapl:0", "package-0", 0);
    zone("intel-rapl:1", "psys", 0);
    RaplMeter meter(path());
    static_cast<void>(meter.watts(0));
    zone("intel-rapl:0", "package-0", 10'000'000);
    zone("intel-rapl:1", "psys", 40'000'000);
    EXPECT_DOUBLE_EQ(value(meter.watts(10)).value(), 4.0);
}

TEST_F(WattsFiles, RaplCountersWrap) {
    zone("intel-rapl:0", "package-0", 90'000'000);
    RaplMeter meter(path());
    static_cast<void>(meter.watts(0));
    zone("intel-rapl:0", "package-0", 20'000'000);  // 10 J to the end of the range, 20 J after it
    EXPECT_DOUBLE_EQ(value(meter.watts(10)).value(), 3.0);
}

TEST_F(WattsFiles, RaplBeginsAnewWhenTheZonesAreOthers) {
    zone("intel-rapl:0", "package-0", 0);
    RaplMeter meter(path());
    static_cast<void>(meter.watts(0));
    zone("intel-rapl:1", "package-1", 50'000'000);
    EXPECT_EQ(value(meter.watts(10)), std::nullopt);
}

TEST_F(WattsFiles, RaplSaysWhatIsMissing) {
    EXPECT_THAT(RaplMeter(path() / "none").watts(0).error().message, HasSubstr("none: No such file"));
    EXPECT_THAT(RaplMeter(path()).watts(0).error().message, HasSubstr("no RAPL package"));
}

TEST_F(WattsFiles, AMeterTakesTheBestWayThatWorks) {
    WattsOptions options;
    options.command = {"ipmitool"};
    options.hwmon = path() / "power1_input";
    write("power1_input", "85000000");
    EXPECT_EQ(value(WattsMeter(options, says("120")).read(0)), (HostWatts{120.0, WattsSource::command}));
    EXPECT_EQ(value(WattsMeter(options, fails()).read(0)), (HostWatts{85.0, WattsSource::hwmon}));
    write("power1_input", "-5");
    EXPECT_EQ(WattsMeter(options, fails()).read(0).error().message, "ipmitool ended with exit code 1");
}

TEST_F(WattsFiles, AMeterAddsToRaplWhatItDoesNotSee) {
    WattsOptions options;
    options.powercap = path();
    options.rest_watts = 60.0;
    zone("intel-rapl:0", "package-0", 0);
    WattsMeter meter(options, fails());
    EXPECT_EQ(value(meter.read(0)), std::nullopt);
    zone("intel-rapl:0", "package-0", 50'000'000);
    EXPECT_EQ(value(meter.read(10)), (HostWatts{65.0, WattsSource::rapl}));
}

TEST(ParseWatts, ReadsADcmiAnswerAndABareNumber) {
    EXPECT_DOUBLE_EQ(value(parse_watts("\n    Instantaneous power reading:                   220 Watts\n"
                                       "    Minimum during sampling period:                 18 Watts\n")),
                     220.0);
    EXPECT_DOUBLE_EQ(value(parse_watts(" 93.5\n")), 93.5);
}

TEST(ParseWatts, RefusesEverythingElse) {
    for (const char* text : {"", "watts", "12 13", "nan", "inf", "-3", "1e9", "0x10",
                             "Instantaneous power reading:", "Instantaneous power reading:  N/A"}) {
        EXPECT_FALSE(parse_watts(text)) << text;
    }
}

class ManualClock final : public Clock {
  public:
    double unix_time_s() override { return now_s; }
    double monotonic_s() override { return now_s; }
    void sleep(double) override {}
    std::atomic<double> now_s = 1000.0;
};

TEST(WattsPoller, HasTheNewestReadingUntilItIsStale) {
    ManualClock clock;
    WattsOptions command;
    command.command = {"pdu"};
    const WattsPoller poller({{"h1", command}, {"h2", {}}}, 3600.0, says("77"), nullptr, clock);
    for (int i = 0; i < 500 && !poller.fresh("h1"); ++i) usleep(10'000);
    EXPECT_EQ(poller.fresh("h1"), (HostWatts{77.0, WattsSource::command}));
    EXPECT_EQ(poller.fresh("h2"), std::nullopt);
    clock.now_s = 1000.0 + 3.0 * 3600.0 + 1.0;
    EXPECT_EQ(poller.fresh("h1"), std::nullopt);
}

TEST(WattsPoller, SaysWhichHostsCannotBeMeasured) {
    ManualClock clock;
    WattsOptions command;
    command.command = {"pdu"};
    const WattsPoller poller({{"h1", command}}, 3600.0, fails(), nullptr, clock);
    for (int i = 0; i < 500 && poller.problems().empty(); ++i) usleep(10'000);
    EXPECT_THAT(poller.problems().at("h1"), HasSubstr("exit code 1"));
}

TEST(WattsPoller, AHostsOwnMeterGoesBeforeTheOneWhoMeasuresThemAll) {
    ManualClock clock;
    WattsOptions command;
    command.command = {"pdu"};
    const WattsOfMany many = []() -> Result<std::map<std::string, double>> {
        return std::map<std::string, double>{{"h1", 50.0}, {"h2", 60.0}, {"h3", -1.0}};
    };
    const WattsPoller poller({{"h1", command}}, 3600.0, says("77"), many, clock);
    for (int i = 0; i < 500 && poller.fresh("h1") != HostWatts{77.0, WattsSource::command}; ++i) usleep(10'000);
    EXPECT_EQ(poller.fresh("h1"), (HostWatts{77.0, WattsSource::command}));
    EXPECT_EQ(poller.fresh("h2"), (HostWatts{60.0, WattsSource::prometheus}));
    EXPECT_EQ(poller.fresh("h3"), std::nullopt);
    EXPECT_TRUE(poller.measures("h2"));
    EXPECT_FALSE(poller.measures("h4"));
}

TEST(WattsPoller, AHostWhoseMeterFailsHasWhatTheOtherSays) {
    ManualClock clock;
    WattsOptions command;
    command.command = {"pdu"};
    const WattsOfMany many = []() -> Result<std::map<std::string, double>> {
        return std::map<std::string, double>{{"h1", 50.0}};
    };
    const WattsPoller poller({{"h1", command}}, 3600.0, fails(), many, clock);
    for (int i = 0; i < 500 && poller.problems().empty(); ++i) usleep(10'000);
    EXPECT_EQ(poller.fresh("h1"), (HostWatts{50.0, WattsSource::prometheus}));
    EXPECT_TRUE(poller.measures("h1"));
}

}  // namespace
}  // namespace ballast
