// SPDX-License-Identifier: Apache-2.0
#include "metrics/prometheus/client.hpp"

#include <curl/curl.h>

#include <array>
#include <memory>
#include <mutex>

namespace ballast {

namespace {

struct CurlFree {
    void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
    void operator()(char* text) const { curl_free(text); }
};

std::size_t append(char* data, std::size_t size, std::size_t count, void* text) {
    auto& answer = *static_cast<std::string*>(text);
    if (answer.size() + size * count > PrometheusClient::answer_bytes_max) return 0;  // ends it with an error
    answer.append(data, size * count);
    return size * count;
}

}  // namespace

PrometheusClient::PrometheusClient(PrometheusOptions options) : options_(std::move(options)) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

Result<std::vector<PrometheusSample>> PrometheusClient::query(std::string_view expression) const {
    const auto error = [&](ErrorKind kind, const std::string& what) { return fail(kind, options_.url + ": " + what); };
    const std::unique_ptr<CURL, CurlFree> curl(curl_easy_init());
    if (!curl) return error(ErrorKind::failed, "no memory");
    const std::unique_ptr<char, CurlFree> escaped(
        curl_easy_escape(curl.get(), expression.data(), static_cast<int>(expression.size())));
    if (!escaped) return error(ErrorKind::failed, "no memory");
    const std::string body = std::string("query=") + escaped.get();
    const std::string url = options_.url + "/api/v1/query";
    std::string answer;
    std::array<char, CURL_ERROR_SIZE> trouble{};
    curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, body.c_str());
    if (!options_.user.empty()) {
        curl_easy_setopt(curl.get(), CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(curl.get(), CURLOPT_USERNAME, options_.user.c_str());
        curl_easy_setopt(curl.get(), CURLOPT_PASSWORD, options_.password.c_str());
    }
    if (!options_.ca_file.empty()) curl_easy_setopt(curl.get(), CURLOPT_CAINFO, options_.ca_file.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout_s * 1000.0));
    curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, trouble.data());
    curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, append);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer);
    const CURLcode done = curl_easy_perform(curl.get());
    if (done == CURLE_WRITE_ERROR) {
        return error(ErrorKind::failed, "the answer is longer than " + std::to_string(answer_bytes_max) + " bytes");
    }
    if (done != CURLE_OK) {
        return error(ErrorKind::unreachable, trouble[0] != '\0' ? trouble.data() : curl_easy_strerror(done));
    }
    long status = 0;
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status == 401 || status == 403)
        return error(ErrorKind::failed, "it does not let us in; look at user and password_file");
    Result<std::vector<PrometheusSample>> samples = parse_vector_answer(answer);
    if (samples) return samples;
    // Prometheus explains a wrong query in an answer with status 400 or 422; of others' pages the status says enough.
    if (status == 200 || status == 400 || status == 422) return error(ErrorKind::failed, samples.error().message);
    return error(ErrorKind::failed, "answered with HTTP status " + std::to_string(status));
}

}  // namespace ballast
