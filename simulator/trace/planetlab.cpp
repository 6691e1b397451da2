// SPDX-License-Identifier: Apache-2.0
#include "simulator/trace/planetlab.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>

#include "simulator/trace/archive.hpp"

namespace ballast {

namespace {

std::string quoted(std::string_view token) {
    constexpr std::size_t shown_max = 20;
    std::string text(token.substr(0, shown_max));
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c >= 0x7F; }, '?');
    return "\"" + text + (token.size() > shown_max ? "…\"" : "\"");
}

tl::unexpected<Error> bad_line(std::string_view where, std::size_t line, const std::string& reason) {
    return fail(ErrorKind::usage, std::string(where) + ":" + std::to_string(line) + ": " + reason);
}

Result<std::uint8_t> parse_sample(std::string_view token, std::string_view where, std::size_t line) {
    std::int64_t value = 0;
    const char* end = token.data() + token.size();
    const auto [stop, error] = std::from_chars(token.data(), end, value);
    if (token.empty()) return bad_line(where, line, "empty line; expected a whole number from 0 to 100 (CPU %)");
    if (error == std::errc::invalid_argument || stop != end) {
        return bad_line(where, line, quoted(token) + " is not a whole number from 0 to 100 (CPU %)");
    }
    const bool out_of_range = error != std::errc();  // of 64 bits
    if (value < 0 || (out_of_range && token.front() == '-')) {
        return bad_line(where, line, quoted(token) + " is a negative CPU use");
    }
    if (value > 100 || out_of_range) return bad_line(where, line, quoted(token) + " is above 100 % CPU");
    return static_cast<std::uint8_t>(value);
}

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool before(const std::string& a, const std::string& b) {
    const auto less = [](char x, char y) {
        return static_cast<unsigned char>(upper(x)) < static_cast<unsigned char>(upper(y));
    };
    if (std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), less)) return true;
    if (std::lexicographical_compare(b.begin(), b.end(), a.begin(), a.end(), less)) return false;
    return a < b;
}

// "days/planetlab-20110303.tar.xz" -> "planetlab-20110303"; the name of a folder stays whole.
std::string trace_name(const std::string& path) {
    std::filesystem::path p(path);
    if (!p.has_filename()) p = p.parent_path();
    std::string name = p.filename().string();
    if (const std::size_t tar = name.find(".tar"); tar != std::string::npos && tar > 0) name.resize(tar);
    return name;
}

}  // namespace

Result<std::vector<std::uint8_t>> parse_planetlab_file(std::string_view bytes, std::string_view where) {
    std::vector<std::uint8_t> samples;
    samples.reserve(planetlab_samples);
    while (!bytes.empty()) {
        const std::size_t line = samples.size() + 1;
        if (samples.size() == planetlab_samples) {
            return bad_line(where, line, "more than the 288 lines of a day");
        }
        const std::size_t newline = bytes.find('\n');
        std::string_view token = bytes.substr(0, newline);
        bytes.remove_prefix(newline == std::string_view::npos ? bytes.size() : newline + 1);
        if (token.ends_with('\r')) token.remove_suffix(1);
        const Result<std::uint8_t> sample = parse_sample(token, where, line);
        if (!sample) return tl::unexpected(sample.error());
        samples.push_back(*sample);
    }
    if (samples.size() < planetlab_samples) {
        return bad_line(where, samples.size() + 1,
                        "ends after " + std::to_string(samples.size()) + " of the 288 lines of a day; truncated?");
    }
    return samples;
}

Result<Trace> read_planetlab_day(const std::string& path) {
    Result<std::vector<NamedBytes>> files = read_files(path);
    if (!files) return tl::unexpected(files.error());
    if (files->empty()) return fail(ErrorKind::usage, path + ": holds no files; a day has one file per VM");
    std::sort(files->begin(), files->end(),
              [](const NamedBytes& a, const NamedBytes& b) { return before(a.name, b.name); });

    Trace trace;
    trace.name = trace_name(path);
    trace.interval_s = planetlab_interval_s;
    trace.vm_names.reserve(files->size());
    trace.cpu_percent.resize(files->size() * planetlab_samples);
    for (std::size_t v = 0; v < files->size(); ++v) {
        NamedBytes& file = (*files)[v];
        if (v > 0 && file.name == trace.vm_names.back()) {
            return fail(ErrorKind::usage, file.where + ": the archive holds this file twice");
        }
        const Result<std::vector<std::uint8_t>> samples = parse_planetlab_file(file.bytes, file.where);
        if (!samples) return tl::unexpected(samples.error());
        for (std::size_t i = 0; i < planetlab_samples; ++i) {
            trace.cpu_percent[i * files->size() + v] = static_cast<float>((*samples)[i]);
        }
        trace.vm_names.push_back(std::move(file.name));
    }
    return trace;
}

}  // namespace ballast
