// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "metrics/prometheus/answer.hpp"
#include "metrics/prometheus/client.hpp"
#include "metrics/prometheus/host_pressure.hpp"
#include "metrics/prometheus/host_values.hpp"
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

std::string matrix_of(const std::string& series) {
    return R"({"status":"success","data":{"resultType":"matrix","result":[)" + series + "]}}";
}

TEST(PrometheusMatrix, ReadsSeriesAndLeavesOutWhatIsNotFinite) {
    const auto all =
        value(parse_matrix_answer(matrix_of(R"({"metric":{"domain":"a"},"values":[[300,"1.5"],[600,"NaN"],[900,"2"]]},
                     {"metric":{},"values":[]})")));
    ASSERT_EQ(all.size(), 2U);
    EXPECT_THAT(all[0].labels, ElementsAre(Pair("domain", "a")));
    ASSERT_EQ(all[0].points.size(), 2U);
    EXPECT_EQ(all[0].points[1].unix_time_s, 900.0);
    EXPECT_EQ(all[0].points[1].value, 2.0);
    EXPECT_TRUE(all[1].points.empty());
}

TEST(PrometheusMatrix, RefusesEverythingElse) {
    EXPECT_EQ(parse_matrix_answer(R"({"status":"error","error":"no"})").error().message, "Prometheus says: no");
    EXPECT_THAT(parse_matrix_answer(vector_of("")).error().message, HasSubstr("no matrix"));
    for (const std::string& text :
         {std::string(), std::string("{}"), matrix_of("1"), matrix_of(R"({"metric":{}})"),
          matrix_of(R"({"metric":{},"values":[1]})"), matrix_of(R"({"metric":{},"values":[["1","1"]]})"),
          matrix_of(R"({"metric":{"a":1},"values":[]})")}) {
        EXPECT_FALSE(parse_matrix_answer(text)) << text;
    }
    std::string points = "[1,\"1\"]";
    for (std::size_t i = 0; i < prometheus_points_max; ++i) points += ",[1,\"1\"]";
    EXPECT_THAT(parse_matrix_answer(matrix_of(R"({"metric":{},"values":[)" + points + "]}")).error().message,
                HasSubstr("more than 1000000 points"));
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

// Answers requests with these answers, one each, and keeps what was asked.
class Answers {
  public:
    explicit Answers(const std::vector<std::string>& answers) {
        start([answers](std::size_t nth, const std::string& /*request*/) { return answers.at(nth); }, answers.size());
    }
    // As many as there are, in any order: to a request that contains this text, this answer.
    explicit Answers(const std::map<std::string, std::string>& answers) {
        start(
            [answers](std::size_t /*nth*/, const std::string& request) {
                for (const auto& [text, answer] : answers) {
                    if (request.find(text) != std::string::npos) return answer;
                }
                return std::string();
            },
            answers.size());
    }
    ~Answers() { close(fd_); }
    [[nodiscard]] PrometheusOptions options() const {
        PrometheusOptions options;
        options.url = "http://127.0.0.1:" + std::to_string(port_);
        return options;
    }
    // All of them, once all are answered.
    const std::string& requests() {
        thread_.join();
        return requests_;
    }

  private:
    void start(std::function<std::string(std::size_t nth, const std::string& request)> answer, std::size_t count) {
        fd_ = socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        EXPECT_EQ(listen(fd_, 8), 0);
        socklen_t size = sizeof address;
        getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this, answer = std::move(answer), count] {
            for (std::size_t i = 0; i < count; ++i) {
                const int client = accept(fd_, nullptr, nullptr);
                char buffer[4096];
                const ssize_t n = read(client, buffer, sizeof buffer);
                const std::string request(buffer, n > 0 ? static_cast<std::size_t>(n) : 0);
                requests_.append(request).append("\n");
                const std::string text = answer(i, request);
                EXPECT_EQ(write(client, text.data(), text.size()), static_cast<ssize_t>(text.size()));
                close(client);
            }
        });
    }

    int fd_ = -1;
    int port_ = 0;
    std::string requests_;
    std::thread thread_;
};

std::string http(const std::string& status, const std::string& body) {
    return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\nConnection: close\r\n\r\n" + body;
}

TEST(PrometheusClient, PostsTheExpressionAndReadsTheAnswer) {
    Answers server({http("200 OK", vector_of(R"({"metric":{"instance":"h1"},"value":[1,"5"]})"))});
    PrometheusOptions options = server.options();
    options.user = "ballast";
    options.password = "secret";
    const auto samples = value(PrometheusClient(options).query("sum by (instance) (rate(x[2m]))"));
    EXPECT_EQ(samples.at(0).value, 5.0);
    const std::string& request = server.requests();
    EXPECT_THAT(request, HasSubstr("POST /api/v1/query HTTP/1.1"));
    EXPECT_THAT(request, HasSubstr("query=sum%20by%20%28instance%29%20%28rate%28x%5B2m%5D%29%29"));
    EXPECT_THAT(request, HasSubstr("Authorization: Basic YmFsbGFzdDpzZWNyZXQ="));
}

TEST(PrometheusClient, AsksForARange) {
    Answers server({http("200 OK", matrix_of(R"({"metric":{"domain":"a"},"values":[[300,"5"]]})"))});
    const auto series = value(PrometheusClient(server.options()).query_range("x", 300.0, 900.5, 0.5));
    EXPECT_EQ(series.at(0).points.at(0).value, 5.0);
    const std::string& request = server.requests();
    EXPECT_THAT(request, HasSubstr("POST /api/v1/query_range HTTP/1.1"));
    EXPECT_THAT(request, HasSubstr("query=x&start=300.000000&end=900.500000&step=0.500000"));
}

std::string of_h1(const std::string& number) {
    return http("200 OK", vector_of(R"({"metric":{"instance":"h1:9100"},"value":[1,")" + number + "\"]}"));
}

// All are asked at once, so that any of them may be answered first: each has its own answer by what it asks for.
TEST(PrometheusPressure, EverySignIsAskedFor) {
    const std::map<std::string, std::string> answers = {
        {"cpu_waiting", of_h1("0.25")},
        {"memory_waiting", of_h1("1.5")},
        {"io_waiting", of_h1("-1")},
        {"query=swap", http("200 OK", vector_of(R"({"metric":{"instance":"h2"},"value":[1,"8192"]})"))}};
    Answers server(answers);
    PressureQueries queries;
    queries.swap_bytes_per_s = "swap";
    const auto pressure =
        value(ask_for_pressure(PrometheusClient(server.options()), queries, "instance", {"h1", "h2", "h3"}));
    static_cast<void>(server.requests());
    ASSERT_EQ(pressure.size(), 2U) << "nobody knows of h3";
    EXPECT_EQ(pressure.at("h1").cpu_some, 0.25);
    EXPECT_EQ(pressure.at("h1").memory_some, 1.0) << "a share";
    EXPECT_FALSE(pressure.at("h1").io_some) << "no time stands still for less than none";
    EXPECT_EQ(pressure.at("h2").swap_bytes_per_s, 8192.0);
}

TEST(PrometheusPressure, WhatIsEmptyIsNotAskedFor) {
    Answers server({http("400 Bad Request", R"({"status":"error","error":"parse error"})")});
    PressureQueries queries{"", "stall(", "", ""};
    EXPECT_TRUE(queries.any());
    EXPECT_THAT(ask_for_pressure(PrometheusClient(server.options()), queries, "instance", {"h1"}).error().message,
                HasSubstr("parse error"));
    static_cast<void>(server.requests());
    EXPECT_FALSE((PressureQueries{"", "", "", ""}.any()));
}

TEST(PrometheusClient, SaysInOneLineWhatIsWrong) {
    const auto error = [](const std::string& answer) {
        Answers server({answer});
        const std::string message = PrometheusClient(server.options()).query("x").error().message;
        static_cast<void>(server.requests());
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
