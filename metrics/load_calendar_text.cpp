// SPDX-License-Identifier: Apache-2.0
#include "metrics/load_calendar_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <utility>

namespace ballast {

namespace {

constexpr std::string_view header = "ballast-weeks 1\n";
constexpr std::string_view unknown = "-";
constexpr double mhz_limit = 1e12;
constexpr std::int64_t hour_limit = 70'000'000;  // the year 9955

// FNV-1a, 64 bits: against a file that is cut or damaged, not against malice.
std::uint64_t checksum(std::string_view text) {
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325U;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100'0000'01b3U;
    return hash;
}

template <typename Number>
void append(std::string& text, Number number) {
    std::array<char, 40> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    text.append(1, ' ').append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

std::string hex(std::uint64_t number) {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
    return {digits.data(), static_cast<std::size_t>(end - digits.data())};
}

void append(std::string& text, const std::string& uuid, const WeekOfLoad::Memory& memory) {
    text.append("vm ").append(uuid);
    append(text, memory.hour);
    append(text, memory.sum_mhz);
    append(text, memory.samples);
    append(text, memory.last_hour);
    append(text, memory.last_mean_mhz);
    append(text, memory.deviation_mhz);
    append(text, memory.judged ? 1 : 0);
    for (const float mhz : memory.mean_mhz) {
        if (std::isnan(mhz)) {
            text.append(1, ' ').append(unknown);
        } else {
            append(text, mhz);
        }
    }
    text.append(1, '\n');
}

// The words of one line, one after the other. What is not as expected spoils all that follows.
class Words {
  public:
    explicit Words(std::string_view line) : rest_(line) {}

    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] bool at_end() const { return rest_.empty(); }

    std::string_view word() {
        const std::string_view word = rest_.substr(0, rest_.find(' '));
        const bool last = word.size() == rest_.size();
        rest_.remove_prefix(last ? word.size() : word.size() + 1);
        good_ = good_ && !word.empty() && (last || !rest_.empty());
        return word;
    }
    template <typename Number>
    Number number(Number min, Number max) {
        const std::string_view digits = word();
        Number value{};
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        good_ = good_ && error == std::errc() && end == digits.data() + digits.size() && value >= min && value <= max;
        return value;
    }
    // NaN for a mean that is not known.
    float mean_mhz() {
        if (rest_.substr(0, rest_.find(' ')) != unknown) return number(0.0F, static_cast<float>(mhz_limit));
        word();
        return std::numeric_limits<float>::quiet_NaN();
    }

  private:
    std::string_view rest_;
    bool good_ = true;
};

std::optional<std::pair<std::string, WeekOfLoad>> read_line(std::string_view line) {
    Words words(line);
    const bool is_vm = words.word() == "vm";
    std::string uuid(words.word());
    WeekOfLoad::Memory memory;
    memory.hour = words.number<std::int64_t>(-1, hour_limit);
    memory.sum_mhz = words.number(0.0, std::numeric_limits<double>::max());
    memory.samples = words.number(0.0, std::numeric_limits<double>::max());
    memory.last_hour = words.number<std::int64_t>(-1, hour_limit);
    memory.last_mean_mhz = words.number(0.0, mhz_limit);
    memory.deviation_mhz = words.number(0.0F, static_cast<float>(mhz_limit));
    memory.judged = words.number(0, 1) == 1;
    while (words.good() && !words.at_end() && memory.mean_mhz.size() <= WeekOfLoad::hours) {
        memory.mean_mhz.push_back(words.mean_mhz());
    }
    const bool whole = memory.mean_mhz.empty() || memory.mean_mhz.size() == WeekOfLoad::hours;
    if (!is_vm || !words.good() || !words.at_end() || !whole) return std::nullopt;
    return std::pair(std::move(uuid), WeekOfLoad(std::move(memory)));
}

// One word of a line: neither empty nor with anything in it that ends one.
bool is_word(const std::string& uuid) {
    return !uuid.empty() && std::all_of(uuid.begin(), uuid.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

std::string to_text(const LoadCalendar& calendar) {
    std::string text(header);
    for (const auto& [uuid, week] : calendar.weeks()) {
        if (is_word(uuid)) append(text, uuid, week.memory());
    }
    return text + "end " + hex(checksum(text)) + "\n";
}

Result<LoadCalendar> load_calendar_from_text(std::string_view text) {
    if (!text.starts_with(header)) return fail(ErrorKind::usage, "line 1: \"ballast-weeks 1\" is expected");
    const std::size_t end = text.rfind("end ");
    if (end == std::string_view::npos || text.substr(end) != "end " + hex(checksum(text.substr(0, end))) + "\n") {
        return fail(ErrorKind::usage, "the checksum at its end is missing or wrong: it is cut or damaged");
    }
    std::map<std::string, WeekOfLoad> weeks;
    std::string_view lines = text.substr(header.size(), end - header.size());
    for (std::size_t number = 2; !lines.empty(); ++number) {
        const std::size_t length = lines.find('\n');
        auto week = length == std::string_view::npos ? std::nullopt : read_line(lines.substr(0, length));
        if (!week || !weeks.insert(std::move(*week)).second) {
            return fail(ErrorKind::usage, "line " + std::to_string(number) + ": not the week of one more VM");
        }
        lines.remove_prefix(length + 1);
    }
    return LoadCalendar(std::move(weeks));
}

}  // namespace ballast
