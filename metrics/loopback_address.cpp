// SPDX-License-Identifier: Apache-2.0
#include "metrics/loopback_address.hpp"

#include <charconv>
#include <cstdint>

namespace ballast {

namespace {

bool is_number(std::string_view text, unsigned max) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && value <= max;
}

// 127.a.b.c, all four written out.
bool is_loopback_ipv4(std::string_view text) {
    constexpr std::string_view first = "127.";
    if (!text.starts_with(first)) return false;
    text.remove_prefix(first.size());
    for (int part = 0; part < 2; ++part) {
        const std::size_t dot = text.find('.');
        if (dot == std::string_view::npos || !is_number(text.substr(0, dot), 255)) return false;
        text.remove_prefix(dot + 1);
    }
    return is_number(text, 255);
}

}  // namespace

Result<std::string> parse_loopback_address(std::string_view text) {
    const std::string who = "metrics address \"" + std::string(text) + "\": ";
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0 || !is_number(text.substr(colon + 1), 65535)) {
        return fail(ErrorKind::usage, who + "write it as ADDRESS:PORT, such as 127.0.0.1:9177");
    }
    const std::string_view address = text.substr(0, colon);
    if (address == "localhost") return "127.0.0.1" + std::string(text.substr(colon));
    if (address == "[::1]" || is_loopback_ipv4(address)) return std::string(text);
    return fail(ErrorKind::usage, who +
                                      "other machines could reach it, and there is no TLS and no authentication yet; "
                                      "use 127.0.0.1 and a proxy that has both");
}

}  // namespace ballast
