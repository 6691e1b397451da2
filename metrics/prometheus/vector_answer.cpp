// SPDX-License-Identifier: Apache-2.0
#include "metrics/prometheus/vector_answer.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <utility>

namespace ballast {

namespace {

using Json = nlohmann::json;

constexpr std::size_t message_bytes_max = 200;

tl::unexpected<Error> no_answer(const std::string& why) {
    return fail(ErrorKind::failed, "the answer is none of Prometheus's /api/v1/query: " + why);
}

// Null if `json` is no object or has no such key.
const Json* find(const Json* json, const char* key) {
    if (json == nullptr || !json->is_object()) return nullptr;
    const auto it = json->find(key);
    return it == json->end() ? nullptr : &*it;
}

std::string text(const Json* json) { return json != nullptr && json->is_string() ? json->get<std::string>() : ""; }

// What another program says, as part of our one line.
std::string one_line(std::string said) {
    said = said.substr(0, message_bytes_max);
    std::replace_if(
        said.begin(), said.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
    return said;
}

// "3.5", "NaN", "+Inf". Nothing if it is no number or not finite.
std::optional<double> finite_number(const std::string& written) {
    double value = 0.0;
    const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), value);
    if (error != std::errc() || end != written.data() + written.size() || !std::isfinite(value)) return std::nullopt;
    return value;
}

// {"metric": {"name": "value", …}, "value": [1700000000.123, "3.5"]}. Nothing if the value is not finite.
Result<std::optional<PrometheusSample>> sample(const Json& json) {
    const Json* metric = find(&json, "metric");
    const Json* value = find(&json, "value");
    if (metric == nullptr || !metric->is_object()) return no_answer("a sample has no labels");
    if (value == nullptr || !value->is_array() || value->size() != 2 || !(*value)[0].is_number() ||
        !(*value)[1].is_string()) {
        return no_answer("a sample has no time and value");
    }
    PrometheusSample result;
    result.unix_time_s = (*value)[0].get<double>();
    if (!std::isfinite(result.unix_time_s)) return no_answer("a sample has no time and value");
    const std::optional<double> number = finite_number((*value)[1].get<std::string>());
    if (!number) return std::nullopt;
    result.value = *number;
    for (const auto& [name, label] : metric->items()) {
        if (!label.is_string()) return no_answer("a label is no text");
        result.labels.emplace(name, label.get<std::string>());
    }
    return result;
}

}  // namespace

Result<std::vector<PrometheusSample>> parse_vector_answer(std::string_view json) {
    const Json document = Json::parse(json.begin(), json.end(), nullptr, false);
    const std::string status = text(find(&document, "status"));
    if (status == "error") {
        return fail(ErrorKind::failed, "Prometheus says: " + one_line(text(find(&document, "error"))));
    }
    if (status != "success") return no_answer("it has no status");
    const Json* data = find(&document, "data");
    if (text(find(data, "resultType")) != "vector") {
        return fail(ErrorKind::failed, "the query gives no instant vector (one value per series)");
    }
    const Json* list = find(data, "result");
    if (list == nullptr || !list->is_array()) return no_answer("it has no result");
    if (list->size() > prometheus_samples_max) {
        return fail(ErrorKind::failed, "the query gives " + std::to_string(list->size()) + " series, more than " +
                                           std::to_string(prometheus_samples_max));
    }
    std::vector<PrometheusSample> samples;
    for (const Json& item : *list) {
        Result<std::optional<PrometheusSample>> one = sample(item);
        if (!one) return tl::unexpected(one.error());
        if (*one) samples.push_back(std::move(**one));
    }
    return samples;
}

}  // namespace ballast
