// SPDX-License-Identifier: Apache-2.0
#include "simulator/report/report.hpp"

#include <initializer_list>
#include <string_view>
#include <utility>

#include "core/check.hpp"
#include "simulator/report/comparison.hpp"
#include "simulator/report/data.hpp"
#include "simulator/report/page.hpp"

namespace ballast {

namespace {

struct Part {
    std::string_view name;
    std::string text;
};

// Replaces every {{name}} once, from the front: what has been filled in is not looked at again.
std::string fill_in(std::string_view skeleton, std::initializer_list<Part> parts) {
    std::string page;
    while (true) {
        const std::size_t begin = skeleton.find("{{");
        page += skeleton.substr(0, begin);
        if (begin == std::string_view::npos) return page;
        const std::size_t end = skeleton.find("}}", begin);
        BALLAST_CHECK(end != std::string_view::npos, "page.html is well formed");
        const std::string_view name = skeleton.substr(begin + 2, end - begin - 2);
        bool known = false;
        for (const Part& part : parts) {
            if (part.name != name) continue;
            page += part.text;
            known = true;
        }
        BALLAST_CHECK(known, "page.html names a part that exists");
        skeleton.remove_prefix(end + 2);
    }
}

}  // namespace

std::string html_report(std::span<const ReportRun> runs, const std::optional<Tariff>& tariff) {
    return fill_in(page::skeleton, {{"uplot_style", std::string(page::uplot_style)},
                                    {"style", std::string(page::style)},
                                    {"facts", facts_html(runs, tariff)},
                                    {"finding", finding_html(runs, tariff)},
                                    {"comparison", comparison_html(runs, tariff)},
                                    {"glossary", glossary_html(runs, tariff)},
                                    {"data", report_data_json(runs)},
                                    {"uplot_licence", std::string(page::uplot_licence)},
                                    {"uplot_script", std::string(page::uplot_script)},
                                    {"charts_script", std::string(page::charts_script)},
                                    {"heat_map_script", std::string(page::heat_map_script)},
                                    {"main_script", std::string(page::main_script)}});
}

}  // namespace ballast
