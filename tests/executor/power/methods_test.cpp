// SPDX-License-Identifier: Apache-2.0
// The options, the switchboard, and the methods that run programs: with little scripts in their place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "executor/power/options.hpp"
#include "executor/power/switchboard.hpp"
#include "tests/clusters.hpp"
#include "tests/folder.hpp"

namespace ballast::power {
namespace {

using test::value;
using testing::HasSubstr;

PowerOptions command() {
    PowerOptions options;
    options.method = "command";
    options.sleep = {"true"};
    options.wake = {"true"};
    return options;
}

std::string complaint(const PowerOptions& options) {
    const Status ok = check_power_options(for_host(options, "h1"));
    return ok ? "" : ok.error().message;
}

TEST(PowerOptions, WhatIsMissingIsNamed) {
    EXPECT_EQ(complaint({}), "");
    EXPECT_EQ(complaint(command()), "");
    PowerOptions options;
    options.method = "ipmi";
    EXPECT_EQ(complaint(options), "method \"ipmi\" needs \"address\"");
    options.address = "10.0.0.7";
    EXPECT_EQ(complaint(options), "method \"ipmi\" needs \"user\"");
    options.user = "ballast";
    EXPECT_EQ(complaint(options), "method \"ipmi\" needs \"password_file\"");
    options.method = "ssh";
    EXPECT_THAT(complaint(options), HasSubstr("woken by Wake-on-LAN"));
    options.mac = "52:54:00:12:34";
    EXPECT_THAT(complaint(options), HasSubstr("\"mac\" is no address"));
    options.mac = "52:54:00:12:34:56";
    EXPECT_EQ(complaint(options), "");
    options.broadcast = "255.255.255.300";
    EXPECT_THAT(complaint(options), HasSubstr("\"broadcast\" is no IPv4 address"));
    options.address = "-oProxyCommand=x";
    EXPECT_THAT(complaint(options), HasSubstr("cannot begin with '-'"));
    options.method = "telepathy";
    EXPECT_THAT(complaint(options), HasSubstr("there is no power method \"telepathy\""));
}

TEST(PowerOptions, TheHostsNameIsFilledIn) {
    PowerOptions options = command();
    options.address = "{host}-bmc.{host}.example.org";
    options.wake = {"wake", "{host}", "now"};
    const PowerOptions filled = for_host(options, "h{host}7");
    EXPECT_EQ(filled.address, "h{host}7-bmc.h{host}7.example.org");
    EXPECT_EQ(filled.wake[1], "h{host}7");
    PowerOptions ssh;
    ssh.method = "ssh";
    EXPECT_EQ(for_host(ssh, "h1").address, "h1");
    EXPECT_EQ(for_host(ssh, "h1").sleep, (std::vector<std::string>{"systemctl", "suspend"}));
    ssh.method = "none";
    EXPECT_EQ(for_host(ssh, "h1").method, "");
}

TEST(Switchboard, KnowsHostsThatHaveAMethod) {
    PowerOptions vouched = command();
    vouched.wake_tested = true;
    const Switchboard board({{"h1", vouched}, {"h2", {}}});
    EXPECT_EQ(board.method("h1")->text, "command true");
    EXPECT_TRUE(board.method("h1")->wake_vouched);
    EXPECT_FALSE(board.method("h2"));
    EXPECT_FALSE(board.method("h3"));
}

class Scripts : public testing::Test {
  protected:
    PowerSight look(Switchboard& board) { return value(board.look("h1")); }
    test::Folder folder;
};

TEST_F(Scripts, ACommandIsRunAndItsExitCodeCounts) {
    PowerOptions options = command();
    options.sleep = {"touch", folder.file("asleep")};
    options.wake = {"rm", folder.file("asleep")};
    options.status = {"sh", "-c", "test ! -e " + folder.file("asleep")};
    Switchboard board({{"h1", options}});
    EXPECT_EQ(look(board), PowerSight::on);
    EXPECT_TRUE(board.sleep("h1"));
    EXPECT_EQ(look(board), PowerSight::asleep);
    EXPECT_TRUE(board.wake("h1"));
    EXPECT_EQ(look(board), PowerSight::on);
    const Status twice = board.wake("h1");
    ASSERT_FALSE(twice);
    EXPECT_THAT(twice.error().message, HasSubstr("rm ended with exit code 1"));
}

TEST_F(Scripts, AStatusThatCannotTellIsAnError) {
    PowerOptions options = command();
    options.status = {"sh", "-c", "echo pdu does not answer; exit 2"};
    Switchboard board({{"h1", options}});
    EXPECT_THAT(board.look("h1").error().message, HasSubstr("exit code 2: pdu does not answer"));
    options.status.clear();
    Switchboard blind({{"h1", options}});
    EXPECT_EQ(look(blind), PowerSight::unknown);
}

TEST_F(Scripts, SshIsRunInBatchModeAndItsSilenceIsNoSleep) {
    // An ssh of our own, first in the PATH: writes its arguments down and ends as the file says.
    folder.script("ssh",
                  "printf '%s\\n' \"$@\" >" + folder.file("arguments") + "; exit $(cat " + folder.file("code") + ")");
    const std::string before = std::getenv("PATH");
    setenv("PATH", (folder.path() + ":" + before).c_str(), 1);
    PowerOptions options;
    options.method = "ssh";
    options.address = "root@{host}";
    options.mac = "52:54:00:12:34:56";
    Switchboard board({{"h1", for_host(options, "h1")}});
    folder.write("code", "0");
    EXPECT_TRUE(board.sleep("h1"));
    EXPECT_EQ(folder.read("arguments"), "-o\nBatchMode=yes\n-o\nConnectTimeout=10\n--\nroot@h1\nsystemctl\nsuspend\n");
    EXPECT_EQ(look(board), PowerSight::on);
    folder.write("code", "255");
    EXPECT_EQ(look(board), PowerSight::unknown);
    EXPECT_FALSE(board.sleep("h1"));
    EXPECT_EQ(board.method("h1")->text, "ssh to root@h1, woken by Wake-on-LAN");
    setenv("PATH", before.c_str(), 1);
}

}  // namespace
}  // namespace ballast::power
