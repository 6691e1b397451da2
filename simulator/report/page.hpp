// SPDX-License-Identifier: Apache-2.0
// The files of the page, embedded at build time (cmake/embed.cmake).
#pragma once

#include <string_view>

namespace ballast::page {

extern const std::string_view skeleton;  // page.html; {{name}} is filled in
extern const std::string_view style;
extern const std::string_view charts_script;
extern const std::string_view heat_map_script;
extern const std::string_view main_script;
extern const std::string_view uplot_script;  // third_party/uplot
extern const std::string_view uplot_style;
extern const std::string_view uplot_licence;  // goes with every copy

}  // namespace ballast::page
