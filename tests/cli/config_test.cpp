// SPDX-License-Identifier: Apache-2.0
#include "cli/toml/config.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "tests/clusters.hpp"

namespace ballast {
namespace {

constexpr const char* good = R"([[host]]
name = "h1"
uri = "qemu+tcp://10.0.0.1/system"
cpu_mhz = 1000
memory_mib = 2048
power_table = "dell-r640"

[[host]]
name = "h2"
uri = "qemu+tcp://10.0.0.2/system"

[[rule]]
name = "apart"
kind = "anti-affinity"
vms = ["a", "b"]

[telemetry]
interval_s = 2
host_cpu = "guests"

[policy]
spread = "spread:enter=0.9"

[executor]
journal = "/tmp/j.db"
parallel_max = 4
)";

TEST(Config, ReadsWhatIsWritten) {
    const Config config = test::value(parse_config(good, "c.toml"));
    ASSERT_EQ(config.collector.hosts.size(), 2U);
    EXPECT_EQ(config.collector.hosts[0].capacity.cpu_mhz(), 1000.0);
    EXPECT_EQ(config.collector.hosts[0].capacity.memory_bytes(), 2048.0 * bytes_per_mib);
    EXPECT_EQ(config.collector.hosts[0].power->curve.idle_watts(), 55.0);
    EXPECT_FALSE(config.collector.hosts[1].power);
    EXPECT_EQ(config.collector.rules.at(0).kind, RuleKind::anti_affinity);
    EXPECT_EQ(config.collector.interval_s, 2.0);
    EXPECT_EQ(config.collector.host_cpu, HostCpuSource::guests);
    EXPECT_EQ(config.policies.at("spread"), "spread:enter=0.9");
    EXPECT_EQ(config.policies.at("consolidate"), "consolidate");
    EXPECT_EQ(config.journal, "/tmp/j.db");
    EXPECT_EQ(config.run.parallel_max, 4);
}

TEST(Config, TheLoopOnlyAdvisesAndHasNoLimitsUnlessToldOtherwise) {
    const LoopSettings untold = test::value(parse_config(good, "c.toml")).loop;
    EXPECT_EQ(untold.goal, "");
    EXPECT_EQ(untold.mode, "advise");
    EXPECT_EQ(untold.limits.moves_per_hour_max, 0U);
    EXPECT_TRUE(untold.limits.windows.empty());
    const std::string text = std::string(good) + R"(
hold = "/run/elsewhere/hold"

[run]
goal = "consolidate"
mode = "auto"
moves_per_hour_max = 10
moves_per_day_max = 50
windows = [{ days = ["Sat", "Sun"] }, { between = ["22:00", "06:00"], utc_offset = "-05:30" }]
)";
    const Config told = test::value(parse_config(text, "c.toml"));
    EXPECT_EQ(told.hold, "/run/elsewhere/hold");
    EXPECT_EQ(told.loop.goal, "consolidate");
    EXPECT_EQ(told.loop.mode, "auto");
    EXPECT_EQ(told.loop.limits.moves_per_hour_max, 10U);
    EXPECT_EQ(told.loop.limits.moves_per_day_max, 50U);
    ASSERT_EQ(told.loop.limits.windows.size(), 2U);
    EXPECT_EQ(told.loop.limits.windows[0], (WeeklyWindow{0x60, 0, 0, 0}));
    EXPECT_EQ(told.loop.limits.windows[1], (WeeklyWindow{0x7F, 22 * 60, 6 * 60, -330}));
}

TEST(Config, WhatTheLoopCannotBeToldIsAnError) {
    for (const char* wrong : {"[run]\nmode = \"confirm\"", "[run]\nwindows = [{ day = \"Sat\" }]",
                              "[run]\nmoves_per_hour_max = -1", "[run]\ngaol = \"spread\"", "hold = \"hold\""}) {
        const auto config = parse_config(std::string(good) + "\n" + wrong + "\n", "c.toml");
        ASSERT_FALSE(config) << wrong;
        EXPECT_TRUE(config.error().message.starts_with("c.toml:")) << config.error().message;
    }
}

TEST(Config, ReadsLabelsAndNeeds) {
    const std::string text = std::string(good) + R"(
[[vm]]
name = "db1"
labels = ["db"]
needs = ["network:br0"]

[[rule]]
name = "fast-disks"
kind = "pin"
vm_labels = ["db"]
host_labels = ["ssd", "nvme"]
)";
    const Config config = test::value(parse_config(text, "c.toml"));
    ASSERT_EQ(config.collector.vms.size(), 1U);
    EXPECT_EQ(config.collector.vms[0].name, "db1");
    EXPECT_EQ(config.collector.vms[0].labels, std::vector<std::string>{"db"});
    EXPECT_EQ(config.collector.vms[0].needs, std::vector<std::string>{"network:br0"});
    EXPECT_EQ(config.collector.rules.at(1).vm_labels, std::vector<std::string>{"db"});
    EXPECT_EQ(config.collector.rules.at(1).host_labels, (std::vector<std::string>{"ssd", "nvme"}));
}

TEST(Config, ReadsPriorities) {
    const std::string text = std::string(good) + R"(
[[priority]]
class = "high"
vms = ["db1"]

[[priority]]
class = "low"
vm_labels = ["batch", "test"]
)";
    const std::vector<PriorityOptions> priorities = test::value(parse_config(text, "c.toml")).collector.priorities;
    ASSERT_EQ(priorities.size(), 2U);
    EXPECT_EQ(priorities[0].priority, Priority::high);
    EXPECT_EQ(priorities[0].vms, std::vector<std::string>{"db1"});
    EXPECT_EQ(priorities[1].priority, Priority::low);
    EXPECT_EQ(priorities[1].vm_labels, (std::vector<std::string>{"batch", "test"}));
    const auto message = [&](const std::string& table) {
        return parse_config(std::string(good) + "\n[[priority]]\n" + table, "c.toml").error().message;
    };
    EXPECT_NE(message("class = \"top\"\nvms = [\"a\"]\n").find("unknown class \"top\"; known: low, normal, high"),
              std::string::npos);
    EXPECT_NE(message("class = \"low\"\n").find("this priority selects no VM"), std::string::npos);
    EXPECT_NE(message("vms = [\"a\"]\n").find("\"class\""), std::string::npos);
}

TEST(Config, ReadsRacksAndHowManyPerRack) {
    std::string text = good;
    text.replace(text.find("memory_mib"), 0, "rack = \"r1\"\nzone = \"z1\"\n");
    text.replace(text.find("kind = "), 0, "at_most = 2\nper = \"rack\"\n");
    const Config config = test::value(parse_config(text, "c.toml"));
    EXPECT_EQ(config.collector.hosts[0].rack, "r1");
    EXPECT_EQ(config.collector.hosts[0].zone, "z1");
    EXPECT_EQ(config.collector.rules[0].at_most, 2U);
    EXPECT_EQ(config.collector.rules[0].per, FaultDomain::rack);
    text.replace(text.find("\"rack\""), 6, "\"room\"");
    EXPECT_NE(parse_config(text, "c.toml").error().message.find("unknown per \"room\"; known: host, rack, zone"),
              std::string::npos);
}

TEST(Config, ReadsTimesAndWindows) {
    const std::string text = std::string(good) + R"(
[[rule]]
name = "nights"
kind = "freeze"
from = 1970-01-01T01:00:00+01:00
until = 1970-01-02T00:00:30Z
except = [{ vm = "x", until = 1970-01-01T00:00:10Z, because = "moves house" }]
days = ["Mon", "Sun"]
between = ["22:00", "06:30"]
utc_offset = "-01:30"
)";
    const RuleSpec rule = test::value(parse_config(text, "c.toml")).collector.rules.at(1);
    EXPECT_EQ(rule.kind, RuleKind::freeze);
    EXPECT_EQ(rule.from_s, 0.0);
    EXPECT_EQ(rule.until_s, 86'430.0);
    ASSERT_EQ(rule.except.size(), 1U);
    EXPECT_EQ(rule.except[0].vm, "x");
    EXPECT_EQ(rule.except[0].until_s, 10.0);
    EXPECT_EQ(rule.except[0].because, "moves house");
    EXPECT_EQ(rule.window, (WeeklyWindow{0b100'0001, 1320, 390, -90}));
    const std::vector<std::array<std::string, 3>> damages = {
        {"1970-01-02T00:00:30Z", "\"tomorrow\"", "\"until\" must be a date and time with its offset from UTC"},
        {"1970-01-02T00:00:30Z", "1970-01-02T00:00:30", "\"until\" must be a date and time with its offset from UTC"},
        {"\"Sun\"", "\"Sunday\"", "\"Sunday\" is none of Mon"},
        {"22:00", "24:00", "\"between\" must be two times"},
        {"\"22:00\", ", "", "\"between\" must be two times"},
        {"-01:30", "01:30", "\"utc_offset\" must be such as"},
    };
    for (const auto& [what, with, message] : damages) {
        std::string damaged = text;
        damaged.replace(damaged.find(what), what.size(), with);
        const auto config = parse_config(damaged, "c.toml");
        ASSERT_FALSE(config) << with;
        EXPECT_NE(config.error().message.find(message), std::string::npos) << config.error().message;
    }
}

TEST(Config, AClassSaysWhatATimeoutDoesAndHowMemoryTravels) {
    const auto read = [](const std::string& more) { return parse_config(std::string(good) + more, "c.toml"); };
    const std::string in_class = "[[migration_class]]\nname = \"db\"\nvms = [\"a\"]\n";

    const Config config = test::value(read(in_class + "on_timeout = \"post-copy\"\npost_copy = true\ntls = true\n"));
    EXPECT_EQ(config.run.classes.at(0).settings.control.on_timeout, TimeoutAction::post_copy);
    EXPECT_TRUE(config.run.classes.at(0).settings.control.tls);
    EXPECT_EQ(config.run.migration.control.on_timeout, TimeoutAction::abort);
    EXPECT_EQ(test::value(read("on_timeout = \"pause\"\n")).run.migration.control.on_timeout, TimeoutAction::pause);
    EXPECT_TRUE(test::value(read("tunnelled = true\n")).run.migration.control.tunnelled);

    // What a class takes over from [executor] it need not allow again, and may turn off.
    const std::string everywhere = "on_timeout = \"post-copy\"\npost_copy = true\n";
    EXPECT_EQ(test::value(read(everywhere + in_class)).run.classes.at(0).settings.control.on_timeout,
              TimeoutAction::post_copy);
    EXPECT_EQ(test::value(read(everywhere + in_class + "on_timeout = \"abort\"\n"))
                  .run.classes.at(0)
                  .settings.control.on_timeout,
              TimeoutAction::abort);

    const std::vector<std::array<std::string, 2>> wrong = {
        {"on_timeout = \"wait\"\n", "must be \"abort\", \"force\", \"pause\" or \"post-copy\""},
        {"on_timeout = \"post-copy\"\n", "the VM is lost; to allow that, add post_copy = true"},
        {"post_copy = true\n", "needs on_timeout = \"post-copy\""},
        {everywhere + "parallel_connections = 2\n", "\"on_timeout\" and \"parallel_connections\" do not go together"},
        {everywhere + "tunnelled = true\n", "\"tunnelled\" and \"on_timeout\" do not go together"},
        {"compress = true\nparallel_connections = 2\n", "\"compress\" and \"parallel_connections\" do not go"},
        {"tunnelled = true\ntls = true\n", "\"tunnelled\" and \"tls\" do not go together"},
        {"tunnelled = true\nparallel_connections = 2\n", "\"tunnelled\" and \"parallel_connections\" do not go"},
    };
    for (const auto& [text, message] : wrong) {
        const auto config_or = read(text);
        ASSERT_FALSE(config_or) << text;
        EXPECT_NE(config_or.error().message.find(message), std::string::npos) << config_or.error().message;
    }
}

TEST(Config, AVetoIsAProgramByItsPath) {
    const auto read = [](const std::string& more) { return parse_config(std::string(good) + more, "c.toml"); };
    EXPECT_FALSE(test::value(read("")).run.veto);
    EXPECT_TRUE(test::value(read("veto_command = \"/etc/ballast/may-move\"\n")).run.veto);
    const auto relative = read("veto_command = \"may-move\"\n");
    ASSERT_FALSE(relative);
    EXPECT_NE(relative.error().message.find("\"veto_command\" must be a path from the root"), std::string::npos);
}

TEST(Config, FencingIsAProgramByItsPathAndBySpecialWishForGuestsThatRun) {
    const auto read = [](const std::string& more) { return parse_config(std::string(good) + more, "c.toml"); };
    const std::string command = "fence_command = [\"/etc/ballast/fence\", \"--off\"]\n";
    EXPECT_FALSE(test::value(read("")).run.settle.fence.ask);
    const FenceOptions fence = test::value(read(command)).run.settle.fence;
    EXPECT_TRUE(fence.ask);
    EXPECT_EQ(fence.use, FenceUse::guest_stopped);
    EXPECT_EQ(test::value(read(command + "fence_when = \"host-unknown\"\n")).run.settle.fence.use,
              FenceUse::host_unknown);
    const std::vector<std::array<std::string, 2>> wrong = {
        {"fence_command = [\"fence\"]\n", "\"fence_command\" must begin with a path from the root"},
        {command + "fence_when = \"always\"\n", "\"fence_when\" must be \"guest-stopped\" or \"host-unknown\""},
        {"fence_when = \"host-unknown\"\n", "\"fence_when\" needs \"fence_command\""},
    };
    for (const auto& [text, message] : wrong) {
        const auto config_or = read(text);
        ASSERT_FALSE(config_or) << text;
        EXPECT_NE(config_or.error().message.find(message), std::string::npos) << config_or.error().message;
    }
}

TEST(Config, SaysFileLineAndColumn) {
    const std::vector<std::array<std::string, 3>> damages = {
        {"cpu_mhz = 1000", "cpu_mzh = 1000", "c.toml:4:1: unknown key \"cpu_mzh\" in [[host]]; known: boot_s"},
        {"cpu_mhz = 1000", "cpu_mhz = 0", "c.toml:4:11: host \"h1\" has zero capacity"},
        {"cpu_mhz = 1000", "cpu_mhz = \"much\"", "c.toml:4:11: \"cpu_mhz\" must be a number"},
        {"cpu_mhz = 1000", "cpu_mhz = nan", "c.toml:4:11: \"cpu_mhz\" must be 0 to 1e+18"},
        {"cpu_mhz = 1000", "cpu_mhz = -5", "c.toml:4:11: \"cpu_mhz\" must be 0 to 1e+18"},
        {"\"h2\"", "\"h1\"", "the host name \"h1\" is used twice"},
        {"10.0.0.2", "10.0.0.1", "two hosts have the uri"},
        {"name = \"h2\"\n", "", "c.toml:8:1: the key \"name\" is missing"},
        {"dell-r640", "dell-r999", "c.toml:6:15: unknown power table \"dell-r999\"; known: dell-r620"},
        {"anti-affinity", "antiaffinity", "unknown kind \"antiaffinity\"; known: affinity, anti-affinity"},
        {"[telemetry]", "[telemetries]", "unknown key \"telemetries\"; known: energy, executor, host"},
        // Also those that are read only where they are there.
        {"[telemetry]", "[watts]\ncomand = [\"pdu\"]\n[telemetry]",
         "unknown key \"comand\" in [watts]; known: command, hwmon, powercap, rest_watts, timeout_s"},
        {"parallel_max = 4", "parallel_max = 0", "\"parallel_max\" must be a whole number from 1 to 64"},
        {"\"guests\"", "\"guest\"", "\"host_cpu\" must be \"node\" or \"guests\""},
        {"[executor]", "[executor", "c.toml:24:"},
    };
    for (const auto& [what, with, message] : damages) {
        std::string text = good;
        const auto at = text.find(what);
        ASSERT_NE(at, std::string::npos) << what;
        text.replace(at, what.size(), with);
        const auto config = parse_config(text, "c.toml");
        ASSERT_FALSE(config) << with;
        EXPECT_EQ(config.error().kind, ErrorKind::usage);
        EXPECT_NE(config.error().message.find(message), std::string::npos) << config.error().message;
        EXPECT_EQ(config.error().message.find('\n'), std::string::npos);
    }
    EXPECT_FALSE(parse_config("", "c.toml"));
    EXPECT_FALSE(load_config("/nonexistent/ballast.toml"));
}

// --- power
// ------------------------------------------------------------------------------------------------------------

constexpr const char* powered = R"([power]
method = "ipmi"
address = "{host}-bmc"
user = "ballast"
password_file = "/etc/ballast/bmc"
timeout_s = 20

[[host]]
name = "h1"
uri = "qemu+tcp://10.0.0.1/system"
power_table = "dell-r640"

[[host]]
name = "h2"
uri = "qemu+tcp://10.0.0.2/system"
power_table = "dell-r640"
[host.power]
method = "ssh"
mac = "52:54:00:12:34:56"
sleep = ["systemctl", "poweroff"]
wake_tested = true

[[host]]
name = "h3"
uri = "qemu+tcp://10.0.0.3/system"
[host.power]
method = "none"

[[host]]
name = "h4"
uri = "qemu+tcp://10.0.0.4/system"
power_table = "dell-r640"
power_control = false
[host.power]
address = "10.1.0.4"
)";

TEST(ConfigWatts, AHostTakesWhatIsSaidForAllAndSaysItsOwn) {
    const std::string text = std::string(good) + R"(
[[host]]
name = "h3"
uri = "qemu+tcp://10.0.0.3/system"
[host.watts]
powercap = ""
rest_watts = 5

[watts]
powercap = "/srv/{host}/powercap"
command = ["pdu", "{host}", "port-{host}"]
timeout_s = 3

[energy]
price_per_kwh = 0.32
currency = "EUR"
co2e_grams_per_kwh = 380

[metrics]
listen = "127.0.0.1:0"
per_vm = true
)";
    const Config config = test::value(parse_config(text, "c.toml"));
    ASSERT_EQ(config.energy.meters.size(), 3U);
    const WattsOptions& h1 = config.energy.meters.at("h1");
    EXPECT_EQ(h1.powercap, "/srv/h1/powercap");
    EXPECT_EQ(h1.command, (std::vector<std::string>{"pdu", "h1", "port-h1"}));
    EXPECT_EQ(h1.timeout_s, 3.0);
    const WattsOptions& h3 = config.energy.meters.at("h3");
    EXPECT_EQ(h3.powercap, "");
    EXPECT_EQ(h3.command.at(1), "h3");
    EXPECT_EQ(h3.rest_watts, 5.0);
    EXPECT_EQ(config.energy.interval_s, 2.0) << "telemetry.interval_s";
    EXPECT_EQ(config.energy.factors.price_per_kwh, 0.32);
    EXPECT_EQ(config.energy.factors.currency, "EUR");
    EXPECT_EQ(config.energy.factors.co2e_grams_per_kwh, 380.0);
    EXPECT_TRUE(config.metrics_per_vm);
    EXPECT_TRUE(test::value(parse_config(good, "c.toml")).energy.meters.empty());
    EXPECT_FALSE(test::value(parse_config(good, "c.toml")).metrics_per_vm);
}

TEST(ConfigWatts, WhatIsWrongIsSaidWithItsPlace) {
    const auto error = [](const std::string& text) {
        const auto config = parse_config("[[host]]\nname = \"h1\"\nuri = \"qemu:///system\"\n" + text, "c.toml");
        return config ? std::string("none") : config.error().message;
    };
    EXPECT_EQ(error("[watts]\nhwmon = \"/x\"\n"), "none");
    EXPECT_NE(error("[watts]\nrapl = \"/x\"\n").find("c.toml:5:"), std::string::npos);
    EXPECT_NE(error("[watts]\ncommand = [\"\"]\n").find("must begin with a program"), std::string::npos);
    EXPECT_NE(error("[watts]\nrest_watts = -1\n").find("c.toml:5:14"), std::string::npos);
    EXPECT_EQ(error("[prometheus]\nurl = \"http://h:9090/\"\n"), "none");
    EXPECT_NE(error("[prometheus]\nurl = \"h:9090\"\n").find("c.toml:5:7"), std::string::npos);
    EXPECT_NE(error("[prometheus]\nurl = \"http://h\"\nuser = \"u\"\n").find("go together"), std::string::npos);
    EXPECT_NE(error("[prometheus]\nuser = \"u\"\n").find("url"), std::string::npos);
    EXPECT_NE(error("[energy]\nprice_per_kwh = 1\n").find("needs a \"currency\""), std::string::npos);
}

TEST(ConfigMetrics, SaysWhereAndHowToListen) {
    EXPECT_EQ(test::value(parse_config(good, "c.toml")).metrics_listener, ListenerOptions());
    const std::string text = std::string(good) + R"(
[metrics]
listen = "0.0.0.0:9177"
tls_certificate = "/etc/ballast/cert.pem"
tls_key = "/etc/ballast/key.pem"
user = "prometheus"
password_file = "/etc/ballast/password"
)";
    EXPECT_EQ(test::value(parse_config(text, "c.toml")).metrics_listener,
              (ListenerOptions{"0.0.0.0:9177", "/etc/ballast/cert.pem", "/etc/ballast/key.pem", "prometheus",
                               "/etc/ballast/password"}));
}

TEST(ConfigMetrics, WhatOthersReachWithoutTlsAndPasswordIsAnErrorWithItsPlace) {
    const auto error = [](const std::string& metrics) {
        const auto config =
            parse_config("[[host]]\nname = \"h1\"\nuri = \"qemu:///system\"\n[metrics]\n" + metrics, "c.toml");
        return config ? std::string("none") : config.error().message;
    };
    EXPECT_EQ(error("listen = \"127.0.0.1:9177\""), "none");
    EXPECT_EQ(
        error("listen = \"0.0.0.0:9177\"").rfind("c.toml:5:10: other machines can reach \"0.0.0.0:9177\": add ", 0), 0U)
        << error("listen = \"0.0.0.0:9177\"");
    EXPECT_NE(error("listen = \"9177\"").find("write IP:PORT"), std::string::npos);
    EXPECT_NE(error("listen = \"127.0.0.1:0\"\nuser = \"u\"").find("go together"), std::string::npos);
    EXPECT_NE(error("listen = \"127.0.0.1:0\"\npassword = \"p\"").find("c.toml:6:"), std::string::npos);
}

TEST(ConfigPower, AHostTakesWhatIsSaidForAllAndSaysItsOwn) {
    const Config config = test::value(parse_config(powered, "c.toml"));
    ASSERT_EQ(config.power.size(), 3U);
    EXPECT_EQ(config.power.at("h1").address, "h1-bmc");
    EXPECT_EQ(config.power.at("h1").timeout_s, 20.0);
    EXPECT_TRUE(config.collector.hosts[0].power->controllable);
    const power::PowerOptions& h2 = config.power.at("h2");
    EXPECT_EQ(h2.address, "h2") << "another method starts anew";
    EXPECT_EQ(h2.password_file, "");
    EXPECT_TRUE(h2.wake_tested);
    EXPECT_EQ(h2.sleep.at(1), "poweroff");
    EXPECT_EQ(config.power.at("h4").address, "10.1.0.4");
    EXPECT_EQ(config.power.at("h4").user, "ballast");
    EXPECT_FALSE(config.collector.hosts[3].power->controllable) << "by hand only";
}

TEST(ConfigPower, TwoHostsThatAreSwitchedAsOneAreRefused) {
    const auto error = [](const std::string& power) {
        std::string text = power;
        for (const char* name : {"h1", "h2"}) {
            text += "\n[[host]]\nname = \"" + std::string(name) + "\"\nuri = \"qemu+ssh://" + name +
                    "/system\"\npower_table = \"dell-r640\"\n";
        }
        const auto config = parse_config(text, "c.toml");
        return config ? std::string("none") : config.error().message;
    };
    const std::string ipmi = "[power]\nmethod = \"ipmi\"\nuser = \"u\"\npassword_file = \"/p\"\naddress = ";
    EXPECT_EQ(error(ipmi + "\"{host}-bmc\""), "none");
    EXPECT_NE(error(ipmi + "\"10.0.0.7\"").find("are both switched by address \"10.0.0.7:0\""), std::string::npos);
    const std::string command = "[power]\nmethod = \"command\"\nwake = [\"w\", \"{host}\"]\nsleep = ";
    EXPECT_EQ(error(command + "[\"s\", \"{host}\"]"), "none");
    EXPECT_NE(error(command + "[\"s\"]").find("are both switched by command \"s\""), std::string::npos);
}

TEST(ConfigPower, WhatIsWrongIsSaidWithItsPlace) {
    const auto error = [](const std::string& power, const std::string& host = "power_table = \"dell-r640\"") {
        const std::string text =
            "[[host]]\nname = \"h1\"\nuri = \"qemu:///system\"\n" + host + "\n[host.power]\n" + power;
        const auto config = parse_config(text, "c.toml");
        return config ? std::string("none") : config.error().message;
    };
    EXPECT_EQ(error("sleep = [\"a\"]").rfind("c.toml:5:", 0), 0U) << error("sleep = [\"a\"]");
    EXPECT_NE(error("method = \"ipmy\"").find("c.toml:6:10: there is no power method \"ipmy\""), std::string::npos)
        << error("method = \"ipmy\"");
    EXPECT_NE(error("method = \"ipmi\"").find("host \"h1\": method \"ipmi\" needs \"address\""), std::string::npos);
    const std::string foreign = error("method = \"command\"\nsleep = [\"a\"]\nwake = [\"b\"]\nuser = \"root\"");
    EXPECT_NE(foreign.find("c.toml:9:8: power method \"command\" has no \"user\""), std::string::npos) << foreign;
    const std::string unknown = error("method = \"command\"\nsleep = [\"a\"]\nwake = [\"b\"]\nwakeup = [\"c\"]");
    EXPECT_NE(unknown.find("c.toml:9:"), std::string::npos) << unknown;
    EXPECT_NE(unknown.find("wakeup"), std::string::npos) << unknown;
    const std::string no_table = error("method = \"command\"\nsleep = [\"a\"]\nwake = [\"b\"]", "");
    EXPECT_NE(no_table.find("neither power_table nor power_watts"), std::string::npos) << no_table;
}

}  // namespace
}  // namespace ballast
