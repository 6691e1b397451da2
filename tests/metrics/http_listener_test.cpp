// SPDX-License-Identifier: Apache-2.0
// The listener through real sockets, plain and with TLS.
#include "metrics/http_listener.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "metrics/exporter.hpp"
#include "tests/clusters.hpp"
#include "tests/folder.hpp"
#include "tests/metrics/curl_client.hpp"
#include "tests/metrics/scrape.hpp"

namespace ballast {
namespace {

using test::ask;
using test::HttpAnswer;
using test::listening_on;
using test::value;
using testing::HasSubstr;
using testing::Not;

HttpPage page() {
    return {"/metrics", "text/plain; version=0.0.4", [] { return std::string("vms 2\n"); }};
}

std::string url(const HttpListener& listener, const std::string& path = "/metrics") {
    return "http://127.0.0.1:" + std::to_string(listener.port()) + path;
}

// Connects and says nothing, or not all.
class SilentClient {
  public:
    explicit SilentClient(int port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    }
    void say(const std::string& text) const {
        EXPECT_EQ(send(fd_, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
    }
    // To the end.
    [[nodiscard]] std::string hears() const {
        std::string heard;
        std::array<char, 4096> part{};
        for (ssize_t n = read(fd_, part.data(), part.size()); n > 0; n = read(fd_, part.data(), part.size())) {
            heard.append(part.data(), static_cast<std::size_t>(n));
        }
        return heard;
    }
    SilentClient(const SilentClient&) = delete;
    SilentClient& operator=(const SilentClient&) = delete;
    ~SilentClient() { close(fd_); }

  private:
    int fd_;
};

TEST(HttpListener, ServesItsPage) {
    const auto listener = value(HttpListener::open(listening_on("localhost:0"), page()));
    const HttpAnswer got = ask({.url = url(*listener)});
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, "vms 2\n");
    EXPECT_THAT(got.header, HasSubstr("Content-Type: text/plain; version=0.0.4\r\n"));
    EXPECT_EQ(ask({.url = url(*listener, "/metrics?name=x")}).status, 200);
    const HttpAnswer head = ask({.url = url(*listener), .method = "HEAD"});
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.body, "");
    EXPECT_THAT(head.header, HasSubstr("Content-Length: 6\r\n"));
}

TEST(HttpListener, ServesNothingElse) {
    const auto listener = value(HttpListener::open(listening_on("127.0.0.1:0"), page()));
    for (const char* path : {"/", "/metrics/", "/metric", "/metrics/../etc/passwd", "/favicon.ico"}) {
        EXPECT_EQ(ask({.url = url(*listener, path)}).status, 404) << path;
    }
    for (const char* method : {"POST", "DELETE"}) {
        const HttpAnswer answer = ask({.url = url(*listener), .method = method});
        EXPECT_EQ(answer.status, 405) << method;
        EXPECT_THAT(answer.header, HasSubstr("Allow: GET, HEAD\r\n"));
    }
}

TEST(HttpListener, ListensOnIpv6) {
    const auto listener = HttpListener::open(listening_on("[::1]:0"), page());
    if (!listener) GTEST_SKIP() << "no IPv6 here: " << listener.error().message;
    EXPECT_EQ(ask({.url = "http://[::1]:" + std::to_string((*listener)->port()) + "/metrics"}).status, 200);
}

TEST(HttpListener, ALongHeaderIsRefusedAndHarmsNobody) {
    const auto listener = value(HttpListener::open(listening_on("127.0.0.1:0"), page()));
    EXPECT_NE(ask({.url = url(*listener), .header = "X: " + std::string(100000, 'x')}).status, 200);
    EXPECT_EQ(ask({.url = url(*listener)}).status, 200);
}

TEST(HttpListener, WhoSaysNothingKeepsNeitherOthersNorTheEndWaiting) {
    auto listener = value(HttpListener::open(listening_on("127.0.0.1:0"), page()));
    std::vector<std::unique_ptr<SilentClient>> silent;
    for (int i = 0; i < 6; ++i) silent.push_back(std::make_unique<SilentClient>(listener->port()));
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(ask({.url = url(*listener)}).status, 200);
    listener.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(HttpListener, OneAddressCannotTakeAllConnections) {
    const auto listener = value(HttpListener::open(listening_on("127.0.0.1:0"), page()));
    std::vector<std::unique_ptr<SilentClient>> silent;
    for (int i = 0; i < 16; ++i) silent.push_back(std::make_unique<SilentClient>(listener->port()));
    EXPECT_NE(ask({.url = url(*listener)}).code, CURLE_OK);
    silent.clear();
    bool served = false;  // as soon as their ends are seen
    for (int i = 0; i < 500 && !served; ++i) {
        served = ask({.url = url(*listener)}).status == 200;
        if (!served) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_TRUE(served);
}

class PasswordTest : public testing::Test {
  protected:
    void SetUp() override {
        folder.secret("password", "correct horse\n");
        options = listening_on("127.0.0.1:0");
        options.user = "prometheus";
        options.password_file = folder.file("password");
    }
    test::Folder folder;
    ListenerOptions options;
};

TEST_F(PasswordTest, LetsInWhoKnowsIt) {
    const auto listener = value(HttpListener::open(options, page()));
    EXPECT_EQ(ask({.url = url(*listener), .login = "prometheus:correct horse"}).body, "vms 2\n");
}

TEST_F(PasswordTest, NobodyElse) {
    const auto listener = value(HttpListener::open(options, page()));
    for (const char* login : {"", "prometheus:", ":", ":correct horse", "prometheus:correct hors",
                              "prometheus:correct horses", "prometheus:correct horsf",
                              "prometheus:correct horsecorrect horse", "root:correct horse", "p:correct horse"}) {
        const HttpAnswer answer = ask({.url = url(*listener), .login = login});
        EXPECT_EQ(answer.status, 401) << login;
        EXPECT_THAT(answer.header, HasSubstr("WWW-Authenticate: Basic realm=\"Ballast\""));
        EXPECT_THAT(answer.body, Not(HasSubstr("vms")));
    }
    EXPECT_EQ(ask({.url = url(*listener, "/other")}).status, 401) << "it is not even said what there is";
    EXPECT_EQ(ask({.url = url(*listener), .header = "Authorization: Basic !!!"}).status, 401);
    EXPECT_EQ(ask({.url = url(*listener), .header = "Authorization: Bearer x"}).status, 401);
}

TEST_F(PasswordTest, AnotherPasswordCountsOnceItIsRenewed) {
    const auto listener = value(HttpListener::open(options, page()));
    const int port = listener->port();
    folder.secret("password", "battery staple\n");
    EXPECT_EQ(ask({.url = url(*listener), .login = "prometheus:correct horse"}).status, 200) << "not before";
    ASSERT_TRUE(listener->renew(value(ListenerSecrets::read(options))));
    EXPECT_EQ(listener->port(), port);
    EXPECT_EQ(ask({.url = url(*listener), .login = "prometheus:correct horse"}).status, 401);
    EXPECT_EQ(ask({.url = url(*listener), .login = "prometheus:battery staple"}).body, "vms 2\n");
}

TEST_F(PasswordTest, WhatIsUnderWayIsFinishedWithTheOldOne) {
    const auto listener = value(HttpListener::open(options, page()));
    SilentClient client(listener->port());
    client.say("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
    folder.secret("password", "battery staple\n");
    std::this_thread::sleep_for(std::chrono::milliseconds(200));  // until its beginning is read
    ASSERT_TRUE(listener->renew(value(ListenerSecrets::read(options))));
    client.say("Authorization: Basic cHJvbWV0aGV1czpjb3JyZWN0IGhvcnNl\r\n\r\n");  // prometheus:correct horse
    EXPECT_THAT(client.hears(), HasSubstr("vms 2\n"));
}

// So nobody goes on with a password of before on a connection of before.
TEST_F(PasswordTest, EveryAnswerEndsItsConnection) {
    const auto listener = value(HttpListener::open(options, page()));
    SilentClient client(listener->port());
    for (int i = 0; i < 2; ++i) {
        client.say(
            "GET /metrics HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic "
            "cHJvbWV0aGV1czpjb3JyZWN0IGhvcnNl\r\n\r\n");
    }
    const std::string heard = client.hears();
    EXPECT_THAT(heard, HasSubstr("HTTP/1.1 200 OK\r\n"));
    EXPECT_EQ(heard.find("HTTP/1.1 200"), heard.rfind("HTTP/1.1 200")) << heard;
}

TEST_F(PasswordTest, NobodyIsTurnedAwayWhileItIsRenewed) {
    const auto listener = value(HttpListener::open(options, page()));
    std::atomic<bool> ended = false;
    std::atomic<int> bad = 0;
    std::thread client([&] {
        while (!ended) bad += ask({.url = url(*listener), .login = "prometheus:correct horse"}).status == 200 ? 0 : 1;
    });
    for (int i = 0; i < 30; ++i) EXPECT_TRUE(listener->renew(value(ListenerSecrets::read(options))));
    ended = true;
    client.join();
    EXPECT_EQ(bad, 0);
}

TEST_F(PasswordTest, AFileThatEverybodyCanReadIsRefused) {
    chmod(options.password_file.c_str(), 0644);
    const auto listener = HttpListener::open(options, page());
    ASSERT_FALSE(listener);
    EXPECT_EQ(listener.error().kind, ErrorKind::refused);
    EXPECT_THAT(listener.error().message, HasSubstr("can be read by everybody"));
    EXPECT_THAT(listener.error().message, Not(HasSubstr("horse")));
}

class TlsTest : public PasswordTest {
  protected:
    void SetUp() override {
        PasswordTest::SetUp();
        if (std::system("command -v openssl >/dev/null") != 0) {
            GTEST_SKIP() << "openssl is missing: scripts/install-packages --test";
        }
        make_certificate("ours");
        options.tls_certificate = folder.file("ours.crt");
        options.tls_key = folder.file("ours.key");
    }
    void make_certificate(const std::string& name) {
        const std::string command =
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=ballast "
            "-addext subjectAltName=IP:127.0.0.1 -keyout " +
            folder.file(name + ".key") + " -out " + folder.file(name + ".crt") + " 2>/dev/null";
        ASSERT_EQ(std::system(command.c_str()), 0);
    }
    test::HttpRequest request(int port) const {
        return {.url = "https://127.0.0.1:" + std::to_string(port) + "/metrics",
                .login = "prometheus:correct horse",
                .ca_file = options.tls_certificate};
    }
    // Why it does not open: one line.
    std::string complaint(ErrorKind kind) const {
        const auto listener = HttpListener::open(options, page());
        if (listener) return "none";
        EXPECT_EQ(listener.error().kind, kind);
        EXPECT_THAT(listener.error().message, Not(HasSubstr("\n")));
        return listener.error().message;
    }
};

TEST_F(TlsTest, ServesWhoTrustsItsCertificateAndKnowsThePassword) {
    const auto listener = value(HttpListener::open(options, page()));
    EXPECT_EQ(ask(request(listener->port())).body, "vms 2\n");
    test::HttpRequest wrong = request(listener->port());
    wrong.login = "prometheus:wrong";
    EXPECT_EQ(ask(wrong).status, 401);
    test::HttpRequest suspicious = request(listener->port());
    suspicious.ca_file.clear();
    EXPECT_EQ(ask(suspicious).code, CURLE_PEER_FAILED_VERIFICATION);
}

TEST_F(TlsTest, SpeaksNeitherPlainHttpNorOldTls) {
    const auto listener = value(HttpListener::open(options, page()));
    EXPECT_NE(ask({.url = url(*listener), .login = "prometheus:correct horse"}).code, CURLE_OK);
    test::HttpRequest old = request(listener->port());
    old.tls_version_max = CURL_SSLVERSION_MAX_TLSv1_1;
    EXPECT_EQ(ask(old).code, CURLE_SSL_CONNECT_ERROR);
    test::HttpRequest still_good = request(listener->port());
    still_good.tls_version_max = CURL_SSLVERSION_MAX_TLSv1_2;
    EXPECT_EQ(ask(still_good).status, 200);
}

TEST_F(TlsTest, WhoDoesNotEvenShakeHandsKeepsNobodyWaiting) {
    auto listener = value(HttpListener::open(options, page()));
    std::vector<std::unique_ptr<SilentClient>> silent;
    for (int i = 0; i < 6; ++i) silent.push_back(std::make_unique<SilentClient>(listener->port()));
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(ask(request(listener->port())).status, 200);
    listener.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST_F(TlsTest, FilesThatAreNoCertificateAndItsKeyAreNamed) {
    folder.secret("junk", "junk\n");
    make_certificate("other");
    options.tls_certificate = folder.file("missing");
    EXPECT_EQ(complaint(ErrorKind::usage),
              "certificate file " + folder.file("missing") + ": No such file or directory");
    options.tls_certificate = folder.path();
    EXPECT_THAT(complaint(ErrorKind::usage), HasSubstr("has nothing in it to be read")) << "a folder";
    options.tls_certificate = folder.file("junk");
    EXPECT_THAT(complaint(ErrorKind::usage), HasSubstr("certificate " + folder.file("junk") + " with key "));
    options.tls_certificate = folder.file("other.crt");
    EXPECT_THAT(complaint(ErrorKind::usage), HasSubstr("cannot be used: "));
    options.tls_certificate = folder.file("ours.crt");
    options.tls_key = folder.file("junk");
    EXPECT_THAT(complaint(ErrorKind::usage), HasSubstr("both must be PEM"));
    options.tls_key = folder.file("ours.key");
    chmod(options.tls_key.c_str(), 0604);
    EXPECT_EQ(complaint(ErrorKind::refused), "key file " + options.tls_key + " can be read by everybody: chmod 600 it");
}

TEST_F(TlsTest, ARenewedCertificateIsShownToWhoComesNext) {
    const auto exporter = value(Exporter::listen(options));
    const test::HttpRequest old = request(exporter->port());
    EXPECT_EQ(ask(old).status, 200);
    make_certificate("next");
    options.tls_certificate = folder.file("next.crt");
    options.tls_key = folder.file("next.key");
    ASSERT_TRUE(exporter->renew(value(ListenerSecrets::read(options))));
    EXPECT_EQ(ask(old).code, CURLE_PEER_FAILED_VERIFICATION);
    EXPECT_EQ(ask(request(exporter->port())).status, 200);
}

TEST_F(TlsTest, AKeyThatIsNotTheCertificatesIsFoundOutBeforeAnythingChanges) {
    const auto listener = value(HttpListener::open(options, page()));
    make_certificate("other");
    ListenerOptions half = options;
    half.tls_certificate = folder.file("other.crt");
    const auto secrets = ListenerSecrets::read(half);
    ASSERT_FALSE(secrets);
    EXPECT_EQ(secrets.error().kind, ErrorKind::usage);
    EXPECT_THAT(secrets.error().message, HasSubstr("certificate " + half.tls_certificate + " with key "));
    EXPECT_EQ(ask(request(listener->port())).body, "vms 2\n");
}

TEST_F(TlsTest, TheExporterCanBeReachedFromOtherMachinesWithBothOnly) {
    options.address = "0.0.0.0:0";
    const auto exporter = value(Exporter::listen(options));
    EXPECT_THAT(ask(request(exporter->port())).body, HasSubstr("ballast_build_info{version="));
    const auto open = Exporter::listen(listening_on("0.0.0.0:0"));
    ASSERT_FALSE(open);
    EXPECT_THAT(open.error().message, HasSubstr("add tls_certificate and tls_key, user and password_file"));
}

}  // namespace
}  // namespace ballast
