// SPDX-License-Identifier: Apache-2.0
#include "metrics/listener_options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "metrics/listen_address.hpp"
#include "tests/clusters.hpp"

namespace ballast {
namespace {

using test::value;
using testing::HasSubstr;

TEST(ListenAddress, IsAnIpAndAPort) {
    EXPECT_EQ(value(parse_listen_address("127.0.0.1:9177")), (ListenAddress{"127.0.0.1", false, 9177, true}));
    EXPECT_EQ(value(parse_listen_address("127.1.2.3:65535")), (ListenAddress{"127.1.2.3", false, 65535, true}));
    EXPECT_EQ(value(parse_listen_address("localhost:0")), (ListenAddress{"127.0.0.1", false, 0, true}));
    EXPECT_EQ(value(parse_listen_address("[::1]:80")), (ListenAddress{"::1", true, 80, true}));
    EXPECT_EQ(value(parse_listen_address("0.0.0.0:80")), (ListenAddress{"0.0.0.0", false, 80, false}));
    EXPECT_EQ(value(parse_listen_address("192.0.2.1:80")), (ListenAddress{"192.0.2.1", false, 80, false}));
    EXPECT_EQ(value(parse_listen_address("[::]:80")), (ListenAddress{"::", true, 80, false}));
    EXPECT_EQ(value(parse_listen_address("[::ffff:127.0.0.1]:80")),
              (ListenAddress{"::ffff:127.0.0.1", true, 80, false}));
}

TEST(ListenAddress, NothingElseIsOne) {
    for (const char* wrong :
         {"", "9177", ":9177", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1",
          "127.0.0.1:80s", "127.0.0:80", "127.0.0.256:80", "127.0.0.1.example.org:80", "example.org:80", "::1:80",
          "[127.0.0.1]:80", "[::1:80", "[]:80", "127.0.0.1,0.0.0.0:9177"}) {
        const auto address = parse_listen_address(wrong);
        ASSERT_FALSE(address) << wrong;
        EXPECT_EQ(address.error().kind, ErrorKind::usage);
        EXPECT_THAT(address.error().message, HasSubstr("write IP:PORT")) << wrong;
    }
}

TEST(ListenerOptions, OnLoopbackTlsAndPasswordAreOptional) {
    EXPECT_TRUE(check_listener_options({"127.0.0.1:0", "", "", "", ""}));
    EXPECT_TRUE(check_listener_options({"[::1]:0", "cert", "key", "", ""}));
    EXPECT_TRUE(check_listener_options({"localhost:0", "", "", "user", "password"}));
}

TEST(ListenerOptions, WhatOthersReachNeedsBoth) {
    const auto complaint = [](const ListenerOptions& options) {
        const Status ok = check_listener_options(options);
        EXPECT_TRUE(ok || ok.error().kind == ErrorKind::usage);
        return ok ? std::string("none") : ok.error().message;
    };
    for (const char* address : {"0.0.0.0:0", "192.0.2.1:0", "[::]:0", "[2001:db8::1]:0", "[::ffff:127.0.0.1]:0"}) {
        EXPECT_EQ(complaint({address, "cert", "key", "user", "password"}), "none");
        EXPECT_THAT(complaint({address, "", "", "", ""}),
                    HasSubstr("add tls_certificate and tls_key, user and password_file, or"));
        EXPECT_THAT(complaint({address, "cert", "key", "", ""}), HasSubstr("add user and password_file, or"));
        EXPECT_THAT(complaint({address, "", "", "user", "password"}), HasSubstr("add tls_certificate and tls_key, or"));
    }
}

TEST(ListenerOptions, HalfOfAPairIsAnError) {
    EXPECT_THAT(check_listener_options({"127.0.0.1:0", "cert", "", "", ""}).error().message, HasSubstr("go together"));
    EXPECT_THAT(check_listener_options({"127.0.0.1:0", "", "key", "", ""}).error().message, HasSubstr("go together"));
    EXPECT_THAT(check_listener_options({"127.0.0.1:0", "", "", "user", ""}).error().message, HasSubstr("go together"));
    EXPECT_THAT(check_listener_options({"127.0.0.1:0", "", "", "", "password"}).error().message,
                HasSubstr("go together"));
    EXPECT_THAT(check_listener_options({"127.0.0.1:0", "", "", "a:b", "password"}).error().message,
                HasSubstr("cannot have a \":\""));
}

}  // namespace
}  // namespace ballast
