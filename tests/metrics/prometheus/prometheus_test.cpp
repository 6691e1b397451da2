// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "metrics/prometheus/client.hpp"
#include "metrics/prometheus/host_values.hpp"
#include "metrics/prometheus/vector_answer.hpp"
#include "tests/clusters.hpp"

namespace ballast {
namespace {

using test::value;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

std::string vector_of(const std::string& samples) {
    return R"({"status":"success","data":{"resultType":"vector","result":[)" + samples + "]}}";
}

TEST(PrometheusAnswer, ReadsLabelsValuesAndTimes) {
    const auto samples = value(
        parse_vector_answer(vector_of(R"({"metric":{"instance":"h1:9100","job":"node"},"value":[1700000000.5,"93.25"]},
                     {"metric":{},"value":[1700000000,"1e3"]})")));
    ASSERT_EQ(samples.size(), 2U);
    EXPECT_THAT(samples[0].labels, ElementsAre(Pair("instance", "h1:9100"), Pair("job", "node")));
    EXPECT_EQ(samples[0].value, 93.25);
    EXPECT_EQ(samples[0].unix_time_s, 1700000000.5);
    EXPECT_EQ(samples[1].value, 1000.0);
}

TEST(PrometheusAnswer, LeavesOutWhatIsNotFinite) {
    EXPECT_TRUE(value(parse_vector_answer(vector_of(R"({"metric":{},"value":[1,"NaN"]},
        {"metric":{},"value":[1,"+Inf"]},{"metric":{},"value":[1,"-Inf"]},{"metric":{},"value":[1,"1e999"]})")))
                    .empty());
}

TEST(PrometheusAnswer, SaysWhatPrometheusSays) {
    EXPECT_EQ(parse_vector_answer("{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"1:5: parse\\nerror\"}")
                  .error()
                  .message,
              "Prometheus says: 1:5: parse error");
    EXPECT_THAT(
        parse_vector_answer(R"({"status":"success","data":{"resultType":"matrix","result":[]}})").error().message,
        HasSubstr("no instant vector"));
}

TEST(PrometheusAnswer, RefusesEverythingElse) {
    for (const std::string& text :
         {std::string(), std::string("<html>"), std::string("[]"), std::string("{}"), std::string("{\"status\":1}"),
          std::string(R"({"status":"success"})"), std::string(R"({"status":"success","data":{"resultType":"vector"}})"),
          vector_of("1"), vector_of(R"({"metric":{}})"), vector_of(R"({"value":[1,"1"]})"),
          vector_of(R"({"metric":{},"value":["1","1"]})"), vector_of(R"({"metric":{},"value":[1,1]})"),
          vector_of(R"({"metric":{},"value":[1]})"), vector_of(R"({"metric":{"a":1},"value":[1,"1"]})")}) {
        EXPECT_FALSE(parse_vector_answer(text)) << text;
    }
}

PrometheusSample sample(const std::string& instance, double watts) { return {{{"instance", instance}}, watts, 1.0}; }

TEST(PrometheusHosts, AreFoundByNameWithAndWithoutPortAndDomain) {
    const HostValues values =
        values_by_host({sample("h1", 1), sample("h2:9100", 2), sample("h3.example.org:9100", 3), sample("h9:9100", 9),
                        sample("h4.example.org", 4), PrometheusSample{{{"job", "node"}}, 5, 1}},
                       "instance", {"h1", "h2", "h3", "h4.example.org", "h5"});
    EXPECT_THAT(values.by_host, ElementsAre(Pair("h1", 1), Pair("h2", 2), Pair("h3", 3), Pair("h4.example.org", 4)));
    EXPECT_TRUE(values.ambiguous.empty());
}

TEST(PrometheusHosts, WithSeveralSamplesHaveNone) {
    const HostValues values =
        values_by_host({sample("h1:1", 1), sample("h1:2", 2), sample("h2:1", 2)}, "instance", {"h1", "h2"});
    EXPECT_THAT(values.by_host, ElementsAre(Pair("h2", 2)));
    EXPECT_THAT(values.ambiguous, ElementsAre("h1"));
}

// Answers one request with `answer`, and keeps what was asked.
class OneAnswer {
  public:
    explicit OneAnswer(std::string answer) {
        fd_ = socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        EXPECT_EQ(listen(fd_, 1), 0);
        socklen_t size = sizeof address;
        getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this, answer = std::move(answer)] {
            const int client = accept(fd_, nullptr, nullptr);
            char buffer[4096];
            const ssize_t n = read(client, buffer, sizeof buffer);
            if (n > 0) request_.assign(buffer, static_cast<std::size_t>(n));
            EXPECT_EQ(write(client, answer.data(), answer.size()), static_cast<ssize_t>(answer.size()));
            close(client);
        });
    }
    ~OneAnswer() { close(fd_); }
    [[nodiscard]] PrometheusOptions options() const {
        PrometheusOptions options;
        options.url = "http://127.0.0.1:" + std::to_string(port_);
        return options;
    }
    const std::string& request() {
        thread_.join();
        return request_;
    }

  private:
    int fd_ = -1;
    int port_ = 0;
    std::string request_;
    std::thread thread_;
};

std::string http(const std::string& status, const std::string& body) {
    return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\nConnection: close\r\n\r\n" + body;
}

TEST(PrometheusClient, PostsTheExpressionAndReadsTheAnswer) {
    OneAnswer server(http("200 OK", vector_of(R"({"metric":{"instance":"h1"},"value":[1,"5"]})")));
    PrometheusOptions options = server.options();
    options.user = "ballast";
    options.password = "secret";
    const auto samples = value(PrometheusClient(options).query("sum by (instance) (rate(x[2m]))"));
    EXPECT_EQ(samples.at(0).value, 5.0);
    const std::string& request = server.request();
    EXPECT_THAT(request, HasSubstr("POST /api/v1/query HTTP/1.1"));
    EXPECT_THAT(request, HasSubstr("query=sum%20by%20%28instance%29%20%28rate%28x%5B2m%5D%29%29"));
    EXPECT_THAT(request, HasSubstr("Authorization: Basic YmFsbGFzdDpzZWNyZXQ="));
}

TEST(PrometheusClient, SaysInOneLineWhatIsWrong) {
    const auto error = [](const std::string& answer) {
        OneAnswer server(answer);
        const std::string message = PrometheusClient(server.options()).query("x").error().message;
        static_cast<void>(server.request());
        return message;
    };
    EXPECT_THAT(error(http("400 Bad Request", R"({"status":"error","error":"parse error"})")),
                HasSubstr("Prometheus says: parse error"));
    EXPECT_THAT(error(http("401 Unauthorized", "")), HasSubstr("does not let us in"));
    EXPECT_THAT(error(http("302 Found\r\nLocation: http://127.0.0.1:1/", "")), HasSubstr("HTTP status 302"));
    EXPECT_THAT(error(http("200 OK", "<html>")), HasSubstr("none of Prometheus's"));
    PrometheusOptions nobody;
    nobody.url = "http://127.0.0.1:1";
    const auto refused = PrometheusClient(nobody).query("x");
    EXPECT_EQ(refused.error().kind, ErrorKind::unreachable);
}

}  // namespace
}  // namespace ballast
