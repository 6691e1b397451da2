// SPDX-License-Identifier: Apache-2.0
#include "executor/power/redfish.hpp"

#include <curl/curl.h>

#include <array>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>

#include "core/io/secret_file.hpp"

namespace ballast::power {

namespace {

using Json = nlohmann::json;

constexpr int default_port = 443;
constexpr std::size_t answer_bytes_max = 1024 * 1024;

struct CurlFree {
    void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::size_t append(char* data, std::size_t size, std::size_t count, void* text) {
    auto& answer = *static_cast<std::string*>(text);
    if (answer.size() + size * count > answer_bytes_max) return 0;  // ends the transfer with an error
    answer.append(data, size * count);
    return size * count;
}

// A text in a JSON document by its key; empty if the document is none or has no such text.
std::string text_at(const Json& json, const char* key) {
    if (!json.is_object()) return {};
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

RedfishSwitch::RedfishSwitch(const PowerOptions& options) : options_(options) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    if (options_.port == 0) options_.port = default_port;
}

std::string RedfishSwitch::text() const { return "redfish at " + options_.address; }

tl::unexpected<Error> RedfishSwitch::error(ErrorKind kind, const std::string& what) const {
    return fail(kind, text() + ": " + what);
}

Result<std::string> RedfishSwitch::request(const std::string& path, const std::string& body) const {
    const Result<std::string> password = read_password(options_.password_file);
    if (!password) return tl::unexpected(password.error());
    const std::unique_ptr<CURL, CurlFree> curl(curl_easy_init());
    const std::unique_ptr<curl_slist, CurlFree> headers(curl_slist_append(nullptr, "Content-Type: application/json"));
    if (!curl || !headers) return error(ErrorKind::failed, "no memory");
    const std::string url = "https://" + options_.address + ":" + std::to_string(options_.port) + path;
    std::string answer;
    std::array<char, CURL_ERROR_SIZE> trouble{};
    curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");  // a controller is in our own network
    curl_easy_setopt(curl.get(), CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(curl.get(), CURLOPT_USERNAME, options_.user.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_PASSWORD, password->c_str());
    if (!options_.ca_file.empty()) curl_easy_setopt(curl.get(), CURLOPT_CAINFO, options_.ca_file.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout_s * 1000.0));
    curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, trouble.data());
    curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, append);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer);
    if (!body.empty()) {
        curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
        curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, body.c_str());
    }
    const CURLcode done = curl_easy_perform(curl.get());
    if (done != CURLE_OK) {
        return error(ErrorKind::unreachable, trouble[0] != '\0' ? trouble.data() : curl_easy_strerror(done));
    }
    long status = 0;
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status == 401 || status == 403) {
        return error(ErrorKind::failed, "it does not let user \"" + options_.user + "\" in; look at password_file");
    }
    if (status < 200 || status > 299) {
        return error(ErrorKind::failed, path + " was answered with HTTP status " + std::to_string(status));
    }
    return answer;
}

Result<std::string> RedfishSwitch::system() const {
    const Result<std::string> answer = request("/redfish/v1/Systems", "");
    if (!answer) return tl::unexpected(answer.error());
    const Json json = Json::parse(*answer, nullptr, false);
    if (!json.is_object() || !json.contains("Members") || !json["Members"].is_array()) {
        return error(ErrorKind::failed, "/redfish/v1/Systems is no list of systems");
    }
    if (json["Members"].size() != 1) {
        return error(ErrorKind::failed, "it manages " + std::to_string(json["Members"].size()) +
                                            " systems instead of one; use method \"command\" there");
    }
    const std::string path = text_at(json["Members"][0], "@odata.id");
    if (path.empty() || path.front() != '/') return error(ErrorKind::failed, "its one system has no path");
    return path;
}

Status RedfishSwitch::reset(const char* type) const {
    const Result<std::string> path = system();
    if (!path) return tl::unexpected(path.error());
    const auto answer = request(*path + "/Actions/ComputerSystem.Reset", Json{{"ResetType", type}}.dump());
    if (!answer) return tl::unexpected(answer.error());
    return {};
}

Result<PowerSight> RedfishSwitch::look() {
    const Result<std::string> path = system();
    if (!path) return tl::unexpected(path.error());
    const Result<std::string> answer = request(*path, "");
    if (!answer) return tl::unexpected(answer.error());
    const std::string state = text_at(Json::parse(*answer, nullptr, false), "PowerState");
    if (state == "Off") return PowerSight::asleep;
    // On its way up or down a host is not asleep yet, or any more.
    if (state == "On" || state == "PoweringOn" || state == "PoweringOff") return PowerSight::on;
    return error(ErrorKind::failed, "it says nothing of the power's state that is known here");
}

}  // namespace ballast::power
