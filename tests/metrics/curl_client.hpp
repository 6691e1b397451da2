// SPDX-License-Identifier: Apache-2.0
// Asks a server over HTTP or HTTPS, as Prometheus would.
#pragma once

#include <curl/curl.h>

#include <cstddef>
#include <string>

namespace ballast::test {

struct HttpRequest {
    std::string url;
    std::string method = "GET";
    std::string login{};    // "user:password"; empty = none
    std::string ca_file{};  // whom to trust; empty = the system's
    std::string header{};   // one more; empty = none
    long tls_version_max = CURL_SSLVERSION_MAX_DEFAULT;
};

struct HttpAnswer {
    CURLcode code = CURLE_OK;
    long status = 0;
    std::string header;
    std::string body;
};

inline std::size_t append_to(char* data, std::size_t size, std::size_t count, void* text) {
    static_cast<std::string*>(text)->append(data, size * count);
    return size * count;
}

inline HttpAnswer ask(const HttpRequest& request) {
    HttpAnswer answer;
    CURL* const curl = curl_easy_init();
    curl_slist* const headers = request.header.empty() ? nullptr : curl_slist_append(nullptr, request.header.c_str());
    curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 20L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    if (request.method == "POST") curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "body");
    if (request.method == "HEAD") curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    if (request.method == "DELETE") curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "DELETE");
    if (!request.login.empty()) curl_easy_setopt(curl, CURLOPT_USERPWD, request.login.c_str());
    if (!request.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, request.ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, request.tls_version_max);
    curl_easy_setopt(curl, CURLOPT_SSL_CIPHER_LIST, "DEFAULT:@SECLEVEL=0");  // so that it would speak old versions
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append_to);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, append_to);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer.header);
    answer.code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return answer;
}

}  // namespace ballast::test
