// SPDX-License-Identifier: Apache-2.0
// Where text goes: people's tables to stdout, or to stderr when stdout belongs to --json; progress to a terminal only.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace ballast {

// Writes to stdout and reports a full disk or a closed pipe as an error.
[[nodiscard]] Status print(std::string_view text);
// A note for people on stderr, ended by a newline. Ends a progress line that is being drawn.
void note(std::string_view text);
// An event of a program that runs for long, as one line on stderr: "ballast: TEXT". Where stderr is systemd's journal,
// which has the name and the time, it begins with the level instead ("<4>TEXT"), and so do notes (as info).
enum class LogLevel : std::uint8_t { error = 3, warning = 4, info = 6 };  // numbers as in syslog(3)
void log(LogLevel level, std::string_view text);
// For people: to stdout, unless `json` (then stdout carries the document), in which case to stderr.
[[nodiscard]] Status print_for_people(std::string_view text, bool json);

// Writes `text` to `path` so that a reader sees either the old file or the whole new one, also after a crash.
[[nodiscard]] Status write_file(const std::string& path, std::string_view text);
[[nodiscard]] Result<std::string> read_file(const std::string& path);

// One line that is drawn over and over on a terminal; nothing elsewhere. Thread-safe.
class ProgressLine {
  public:
    static void draw(std::string_view text);
    static void clear();
};

// "WHAT  12 %, 3 s left" on a terminal, a few times a second. To be called by one thread at a time.
[[nodiscard]] std::function<void(std::uint64_t done, std::uint64_t all)> timed_progress(std::string what);

}  // namespace ballast
