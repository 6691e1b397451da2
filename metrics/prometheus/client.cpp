// SPDX-License-Identifier: Apache-2.0
#include "metrics/prometheus/client.hpp"

#include <curl/curl.h>

#include <array>
#include <memory>
#include <mutex>
#include <optional>

namespace ballast {

namespace {

struct CurlFree {
    void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
    void operator()(char* text) const { curl_free(text); }
};

struct Body {
    std::string text;
    std::size_t bytes_max = 0;

    static std::size_t append(char* data, std::size_t size, std::size_t count, void* to) {
        auto& body = *static_cast<Body*>(to);
        if (body.text.size() + size * count > body.bytes_max) return 0;  // ends it with an error
        body.text.append(data, size * count);
        return size * count;
    }
};

// "query=sum%28x%29&step=60"; nothing if there is no memory for it.
std::optional<std::string> form(CURL* curl, const std::vector<std::pair<std::string, std::string>>& parameters) {
    std::string body;
    for (const auto& [name, value] : parameters) {
        const std::unique_ptr<char, CurlFree> escaped(
            curl_easy_escape(curl, value.data(), static_cast<int>(value.size())));
        if (!escaped) return std::nullopt;
        body += (body.empty() ? "" : "&") + name + "=" + escaped.get();
    }
    return body;
}

}  // namespace

PrometheusClient::PrometheusClient(PrometheusOptions options) : options_(std::move(options)) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

tl::unexpected<Error> PrometheusClient::error(ErrorKind kind, const std::string& what) const {
    return fail(kind, options_.url + ": " + what);
}

Result<PrometheusClient::Answer> PrometheusClient::post(const std::string& endpoint, const Parameters& parameters,
                                                        std::size_t bytes_max) const {
    const std::unique_ptr<CURL, CurlFree> curl(curl_easy_init());
    if (!curl) return error(ErrorKind::failed, "no memory");
    const std::optional<std::string> asked = form(curl.get(), parameters);
    if (!asked) return error(ErrorKind::failed, "no memory");
    const std::string url = options_.url + endpoint;
    Answer answer;
    Body body{{}, bytes_max};
    std::array<char, CURL_ERROR_SIZE> trouble{};
    curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, asked->c_str());
    if (!options_.user.empty()) {
        curl_easy_setopt(curl.get(), CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(curl.get(), CURLOPT_USERNAME, options_.user.c_str());
        curl_easy_setopt(curl.get(), CURLOPT_PASSWORD, options_.password.c_str());
    }
    if (!options_.ca_file.empty()) curl_easy_setopt(curl.get(), CURLOPT_CAINFO, options_.ca_file.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout_s * 1000.0));
    curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, trouble.data());
    curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, Body::append);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &body);
    const CURLcode done = curl_easy_perform(curl.get());
    if (done == CURLE_WRITE_ERROR) {
        return error(ErrorKind::failed, "the answer is longer than " + std::to_string(bytes_max) + " bytes");
    }
    if (done != CURLE_OK) {
        // Of these two curl tells how many milliseconds it took, which is another text every time.
        const bool plain = done == CURLE_COULDNT_CONNECT || done == CURLE_OPERATION_TIMEDOUT || trouble[0] == '\0';
        return error(ErrorKind::unreachable, plain ? curl_easy_strerror(done) : trouble.data());
    }
    answer.body = std::move(body.text);
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &answer.status);
    if (answer.status == 401 || answer.status == 403) {
        return error(ErrorKind::failed, "it does not let us in; look at user and password_file");
    }
    return answer;
}

tl::unexpected<Error> PrometheusClient::no_values(const Answer& answer, const Error& unread) const {
    // Prometheus explains a wrong query in an answer with status 400 or 422; of others' pages the status says enough.
    const bool explains = answer.status == 200 || answer.status == 400 || answer.status == 422;
    return error(ErrorKind::failed,
                 explains ? unread.message : "answered with HTTP status " + std::to_string(answer.status));
}

Result<std::vector<PrometheusSample>> PrometheusClient::query(std::string_view expression) const {
    const Result<Answer> answer = post("/api/v1/query", {{"query", std::string(expression)}}, vector_bytes_max);
    if (!answer) return tl::unexpected(answer.error());
    Result<std::vector<PrometheusSample>> samples = parse_vector_answer(answer->body);
    if (!samples) return no_values(*answer, samples.error());
    return samples;
}

Result<std::vector<PrometheusSeries>> PrometheusClient::query_range(std::string_view expression, double from_s,
                                                                    double until_s, double step_s) const {
    const Result<Answer> answer = post("/api/v1/query_range",
                                       {{"query", std::string(expression)},
                                        {"start", std::to_string(from_s)},
                                        {"end", std::to_string(until_s)},
                                        {"step", std::to_string(step_s)}},
                                       matrix_bytes_max);
    if (!answer) return tl::unexpected(answer.error());
    Result<std::vector<PrometheusSeries>> series = parse_matrix_answer(answer->body);
    if (!series) return no_values(*answer, series.error());
    return series;
}

}  // namespace ballast
