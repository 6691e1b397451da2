// SPDX-License-Identifier: Apache-2.0
// IPMI through ipmitool, against OpenIPMI's simulator of a management controller: real packets, real authentication.
// A little script is the chassis.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <thread>

#include "executor/power/ipmi.hpp"
#include "tests/clusters.hpp"
#include "tests/executor/power/background.hpp"
#include "tests/folder.hpp"

namespace ballast::power {
namespace {

using test::value;
using testing::HasSubstr;
using testing::Not;

int free_udp_port() {
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    socklen_t size = sizeof address;
    getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    close(fd);
    return ntohs(address.sin_port);
}

class Ipmi : public testing::Test {
  protected:
    void SetUp() override {
        if (std::system("command -v ipmi_sim ipmitool >/dev/null") != 0) {
            GTEST_SKIP() << "ipmi_sim or ipmitool is missing: scripts/install-packages --test";
        }
        // DEVICE get|set|check NAME [VALUE]; the answer of get is "NAME:VALUE".
        const std::string state = folder.file("power");
        folder.write("power", "1\n");
        folder.script("chassis", "case \"$2 $3\" in\n\"get power\") echo \"power:$(cat " + state +
                                     ")\";;\n\"set power\") echo \"$4\" >" + state + ";;\n\"set shutdown\") echo 0 >" +
                                     state + ";;\nesac");
        folder.write("lan.conf", "name \"host\"\nset_working_mc 0x20\nstartlan 1\naddr 127.0.0.1 " +
                                     std::to_string(port) +
                                     "\npriv_limit admin\nallowed_auths_admin none md2 md5 straight\n"
                                     "guid a123456789abcdefa123456789abcdef\nendlan\nchassis_control \"" +
                                     folder.file("chassis") +
                                     " 0x20\"\nuser 2 true \"ballast\" \"right\" admin 10 none md2 md5 straight\n");
        folder.write("bmc.emu",
                     "mc_setbmc 0x20\nmc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02\nmc_enable 0x20\n");
        folder.write("password", "right\n");
        chmod(folder.file("password").c_str(), 0600);
        mkdir(folder.file("state").c_str(), 0700);
        start();
    }
    void start() {
        ASSERT_TRUE(simulator.start({"ipmi_sim", "-c", folder.file("lan.conf"), "-f", folder.file("bmc.emu"), "-s",
                                     folder.file("state"), "-n"}));
    }
    PowerOptions options() {
        PowerOptions options;
        options.method = "ipmi";
        options.address = "127.0.0.1";
        options.port = port;
        options.cipher_suite = 3;  // the simulator does not say which it knows
        options.user = "ballast";
        options.password_file = folder.file("password");
        options.timeout_s = 10.0;
        return options;
    }
    // The simulator takes a moment to listen.
    void wait_until_it_answers() {
        IpmiSwitch bmc(options());
        for (int i = 0; i < 10 && !bmc.look(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }

    test::Folder folder;
    int port = free_udp_port();
    test::Background simulator;
};

TEST_F(Ipmi, SeesSleepsAndWakes) {
    wait_until_it_answers();
    IpmiSwitch bmc(options());
    EXPECT_EQ(bmc.text(), "ipmi at 127.0.0.1");
    EXPECT_EQ(value(bmc.look()), PowerSight::on);
    EXPECT_TRUE(bmc.sleep());
    EXPECT_EQ(value(bmc.look()), PowerSight::asleep);
    EXPECT_TRUE(bmc.wake());
    EXPECT_EQ(value(bmc.look()), PowerSight::on);
}

TEST_F(Ipmi, AWrongPasswordIsAnErrorThatDoesNotSayIt) {
    wait_until_it_answers();
    folder.write("password", "hunter2\n");
    IpmiSwitch bmc(options());
    const Status woken = bmc.wake();
    ASSERT_FALSE(woken);
    EXPECT_THAT(woken.error().message, HasSubstr("ipmi at 127.0.0.1: ipmitool ended with exit code 1"));
    EXPECT_THAT(woken.error().message, Not(HasSubstr("hunter2")));
}

TEST_F(Ipmi, AControllerThatIsGoneIsGivenUpInTime) {
    simulator.stop();
    PowerOptions short_of_time = options();
    short_of_time.timeout_s = 2.0;
    IpmiSwitch bmc(short_of_time);
    const auto start = std::chrono::steady_clock::now();
    EXPECT_FALSE(bmc.look());
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(8));
}

TEST_F(Ipmi, APasswordThatEverybodyCanReadIsNotUsed) {
    chmod(folder.file("password").c_str(), 0644);
    IpmiSwitch bmc(options());
    EXPECT_THAT(bmc.look().error().message, HasSubstr("chmod 600"));
}

}  // namespace
}  // namespace ballast::power
