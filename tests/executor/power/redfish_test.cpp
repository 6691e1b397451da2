// SPDX-License-Identifier: Apache-2.0
// Redfish through libcurl, against a little service with TLS of its own (redfish_server).
#include "executor/power/redfish.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "tests/clusters.hpp"
#include "tests/executor/power/background.hpp"
#include "tests/folder.hpp"

namespace ballast::power {
namespace {

using test::value;
using testing::HasSubstr;
using testing::Not;

class Redfish : public testing::Test {
  protected:
    void SetUp() override {
        if (std::system("command -v python3 openssl >/dev/null") != 0) {
            GTEST_SKIP() << "python3 or openssl is missing: scripts/install-packages --test";
        }
        const std::string make_certificate =
            "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=bmc -addext subjectAltName=IP:127.0.0.1 "
            "-keyout " +
            folder.file("key") + " -out " + folder.file("certificate") + " 2>/dev/null";
        ASSERT_EQ(std::system(make_certificate.c_str()), 0);
        folder.write("password", "right\n");
        chmod(folder.file("password").c_str(), 0600);
        ASSERT_TRUE(server.start(
            {BALLAST_REDFISH_SERVER, folder.file("certificate"), folder.file("key"), folder.file("port")}));
        for (int i = 0; i < 500 && !std::filesystem::exists(folder.file("port")); ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    }
    PowerOptions options() const {
        PowerOptions options;
        options.method = "redfish";
        options.address = "127.0.0.1";
        options.port = std::atoi(folder.read("port").c_str());
        options.user = "ballast";
        options.password_file = folder.file("password");
        options.ca_file = folder.file("certificate");
        options.timeout_s = 10.0;
        return options;
    }

    test::Folder folder;
    test::Background server;
};

TEST_F(Redfish, SeesSleepsAndWakes) {
    RedfishSwitch bmc(options());
    EXPECT_EQ(bmc.text(), "redfish at 127.0.0.1");
    EXPECT_EQ(value(bmc.look()), PowerSight::on);
    EXPECT_TRUE(bmc.sleep());
    EXPECT_EQ(value(bmc.look()), PowerSight::asleep);
    EXPECT_THAT(bmc.sleep().error().message, HasSubstr("was answered with HTTP status 409"));
    EXPECT_TRUE(bmc.wake());
    EXPECT_EQ(value(bmc.look()), PowerSight::on);
}

TEST_F(Redfish, ACertificateThatNobodyVouchesForIsNotTrusted) {
    PowerOptions trusting = options();
    trusting.ca_file.clear();
    RedfishSwitch bmc(trusting);
    const auto seen = bmc.look();
    ASSERT_FALSE(seen);
    EXPECT_EQ(seen.error().kind, ErrorKind::unreachable);
    EXPECT_THAT(seen.error().message, HasSubstr("certificate"));
}

TEST_F(Redfish, AWrongPasswordIsAnErrorThatDoesNotSayIt) {
    folder.write("password", "hunter2\n");
    RedfishSwitch bmc(options());
    const Status woken = bmc.wake();
    ASSERT_FALSE(woken);
    EXPECT_THAT(woken.error().message, HasSubstr("does not let user \"ballast\" in"));
    EXPECT_THAT(woken.error().message, Not(HasSubstr("hunter2")));
}

TEST_F(Redfish, AControllerThatIsGoneIsUnreachable) {
    server.stop();
    RedfishSwitch bmc(options());
    EXPECT_EQ(bmc.look().error().kind, ErrorKind::unreachable);
}

}  // namespace
}  // namespace ballast::power
