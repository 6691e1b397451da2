// SPDX-License-Identifier: Apache-2.0
// The loop that all tables without a header share.
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"
#include "simulator/trace/import/csv_fields.hpp"
#include "simulator/trace/import/line_reader.hpp"

namespace ballast {

// Calls `use(fields)`, which returns a Status with the reason alone, for every line. Errors: "FILE:LINE: reason".
template <typename Use>
[[nodiscard]] Status for_each_row(LineReader& lines, char separator, const Use& use) {
    std::string_view line;
    CsvFields fields;
    for (;;) {
        const Result<bool> more = lines.next(line);
        if (!more) return tl::unexpected(more.error());
        if (!*more) return {};
        Status ok = fields.split(line, separator);
        if (ok) ok = use(static_cast<const CsvFields&>(fields));
        if (!ok && ok.error().kind == ErrorKind::usage) return lines.bad(ok.error().message);
        if (!ok) return ok;
    }
}

[[nodiscard]] inline tl::unexpected<Error> bad_row(std::string reason) {
    return fail(ErrorKind::usage, std::move(reason));
}

[[nodiscard]] inline tl::unexpected<Error> wrong_width(std::size_t found, const char* expected) {
    return bad_row(std::to_string(found) + " fields; expected " + expected);
}

}  // namespace ballast
