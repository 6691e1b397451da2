// SPDX-License-Identifier: Apache-2.0
#include "metrics/prometheus/answer.hpp"

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
    return fail(ErrorKind::failed, "the answer is none of Prometheus's HTTP API: " + why);
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

// {"name": "value", …} under "metric".
Result<PrometheusLabels> labels_of(const Json& json) {
    const Json* metric = find(&json, "metric");
    if (metric == nullptr || !metric->is_object()) return no_answer("a series has no labels");
    PrometheusLabels labels;
    for (const auto& [name, label] : metric->items()) {
        if (!label.is_string()) return no_answer("a label is no text");
        labels.emplace(name, label.get<std::string>());
    }
    return labels;
}

// [1700000000.123, "3.5"]. Nothing if the value is not finite.
Result<std::optional<PrometheusPoint>> point_of(const Json* json) {
    if (json == nullptr || !json->is_array() || json->size() != 2 || !(*json)[0].is_number() ||
        !(*json)[1].is_string()) {
        return no_answer("a sample has no time and value");
    }
    const auto unix_time_s = (*json)[0].get<double>();
    if (!std::isfinite(unix_time_s)) return no_answer("a sample has no time and value");
    const std::optional<double> number = finite_number((*json)[1].get<std::string>());
    if (!number) return std::nullopt;
    return PrometheusPoint{unix_time_s, *number};
}

// {"metric": {…}, "values": [[1700000000, "3.5"], …]}, of which `points_left` may come.
Result<PrometheusSeries> series_of(const Json& json, std::size_t points_left) {
    Result<PrometheusLabels> labels = labels_of(json);
    if (!labels) return tl::unexpected(labels.error());
    const Json* values = find(&json, "values");
    if (values == nullptr || !values->is_array()) return no_answer("a series has no values");
    if (values->size() > points_left) {
        return fail(ErrorKind::failed, "the answer has more than " + std::to_string(prometheus_points_max) + " points");
    }
    PrometheusSeries series{std::move(*labels), {}};
    for (const Json& item : *values) {
        const Result<std::optional<PrometheusPoint>> point = point_of(&item);
        if (!point) return tl::unexpected(point.error());
        if (*point) series.points.push_back(**point);
    }
    return series;
}

// The list of results, which lives in `document`, if the answer is of this type. `wanted` is said if it is another.
Result<const Json*> results_in(const Json& document, const std::string& type, const std::string& wanted) {
    const std::string status = text(find(&document, "status"));
    if (status == "error") {
        return fail(ErrorKind::failed, "Prometheus says: " + one_line(text(find(&document, "error"))));
    }
    if (status != "success") return no_answer("it has no status");
    const Json* data = find(&document, "data");
    if (text(find(data, "resultType")) != type) return fail(ErrorKind::failed, "the query gives no " + wanted);
    const Json* list = find(data, "result");
    if (list == nullptr || !list->is_array()) return no_answer("it has no result");
    return list;
}

Json parse(std::string_view json) { return Json::parse(json.begin(), json.end(), nullptr, false); }

}  // namespace

Result<std::vector<PrometheusSample>> parse_vector_answer(std::string_view json) {
    const Json document = parse(json);
    const Result<const Json*> list = results_in(document, "vector", "instant vector (one value per series)");
    if (!list) return tl::unexpected(list.error());
    if ((*list)->size() > prometheus_samples_max) {
        return fail(ErrorKind::failed, "the query gives " + std::to_string((*list)->size()) + " series, more than " +
                                           std::to_string(prometheus_samples_max));
    }
    std::vector<PrometheusSample> samples;
    for (const Json& item : **list) {
        Result<PrometheusLabels> labels = labels_of(item);
        if (!labels) return tl::unexpected(labels.error());
        const Result<std::optional<PrometheusPoint>> point = point_of(find(&item, "value"));
        if (!point) return tl::unexpected(point.error());
        if (*point) samples.push_back({std::move(*labels), (*point)->value, (*point)->unix_time_s});
    }
    return samples;
}

Result<std::vector<PrometheusSeries>> parse_matrix_answer(std::string_view json) {
    const Json document = parse(json);
    const Result<const Json*> list = results_in(document, "matrix", "matrix (series of values over time)");
    if (!list) return tl::unexpected(list.error());
    std::vector<PrometheusSeries> all;
    std::size_t points_left = prometheus_points_max;
    for (const Json& item : **list) {
        Result<PrometheusSeries> one = series_of(item, points_left);
        if (!one) return tl::unexpected(one.error());
        points_left -= one->points.size();
        all.push_back(std::move(*one));
    }
    return all;
}

}  // namespace ballast
