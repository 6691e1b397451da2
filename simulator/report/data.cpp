// SPDX-License-Identifier: Apache-2.0
#include "simulator/report/data.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "simulator/report/labels.hpp"

namespace ballast {

namespace {

using Json = nlohmann::ordered_json;

std::string base64(std::span<const std::uint8_t> bytes) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t b = 0; b < 3; ++b) group = group << 8U | (b < count ? bytes[i + b] : 0U);
        for (std::size_t d = 0; d < 4; ++d) text += d <= count ? digits[group >> (18 - 6 * d) & 63U] : '=';
    }
    return text;
}

Json rounded(std::span<const double> values, double steps_per_unit) {
    Json list = Json::array();
    for (const double value : values) list.push_back(std::round(value * steps_per_unit) / steps_per_unit);
    return list;
}

Json run_json(const ReportRun& run, const std::string& label) {
    const Timeline& t = run.timeline;
    return {{"label", label},
            {"point_s", t.point_s},
            {"hosts", run.result.hosts},
            {"power_w", rounded(t.power_w, 10)},
            {"hosts_on", t.hosts_on},
            {"migrations", t.migrations},
            {"sla_violation", rounded(t.sla_violation, 1e6)},
            {"contention_vm_hours", rounded(t.contention_vm_hours, 1e4)},
            {"heat",
             {{"rows", t.rows},
              {"hosts_per_row", t.hosts_per_row},
              {"names", t.row_names},
              {"base64", base64(t.host_percent)}}}};
}

// "</script>" or "<!--" in a name would end or change the element the data stands in.
std::string escape_for_script(const std::string& json) {
    std::string escaped;
    escaped.reserve(json.size());
    for (const char c : json) {
        switch (c) {
            case '<': escaped += "\\u003c"; break;
            case '>': escaped += "\\u003e"; break;
            case '&': escaped += "\\u0026"; break;
            default: escaped += c;
        }
    }
    return escaped;
}

}  // namespace

std::string report_data_json(std::span<const ReportRun> runs) {
    const std::vector<std::string> labels = run_labels(runs);
    Json list = Json::array();
    for (std::size_t r = 0; r < runs.size(); ++r) list.push_back(run_json(runs[r], labels[r]));
    Json document;
    document["runs"] = std::move(list);
    // Names come from outside: bytes that are not UTF-8 are replaced.
    return escape_for_script(document.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace ballast
