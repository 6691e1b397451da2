// SPDX-License-Identifier: Apache-2.0
#include "cli/trace_import_prometheus.hpp"

#include <chrono>
#include <filesystem>

#include "cli/output.hpp"
#include "cli/prometheus_access.hpp"
#include "cli/prometheus_import.hpp"
#include "cli/toml/load_queries.hpp"

namespace ballast {

namespace {

constexpr double day_s = 86'400.0;

double unix_now_s() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

Result<PrometheusClient> client_of(LoadQueriesFile& file, const std::string& url) {
    file.access.client.url = url;
    while (file.access.client.url.ends_with('/')) file.access.client.url.pop_back();
    if (!url.starts_with("http://") && !url.starts_with("https://")) {
        return fail(
            ErrorKind::usage,
            "the input of --format prometheus is its address, such as http://127.0.0.1:9090; \"" + url + "\" is none");
    }
    return prometheus_client(file.access);
}

Result<TraceBuilder> builder_for(const ImportSpan& span, std::size_t hold_intervals_max, const std::string& output) {
    TraceBuilderOptions options;
    options.interval_s = span.interval_s;
    options.hold_intervals_max = hold_intervals_max;
    const std::string folder = std::filesystem::path(output).parent_path().string();
    if (!folder.empty()) options.temporary_folder = folder;
    return TraceBuilder::create(options);
}

}  // namespace

Result<TraceBuilderSummary> import_prometheus_trace(const PrometheusImportArguments& arguments) {
    Result<LoadQueriesFile> file =
        arguments.queries.empty() ? parse_load_queries("", "") : load_load_queries(arguments.queries);
    if (!file) return tl::unexpected(file.error());
    const Result<PrometheusClient> client = client_of(*file, arguments.url);
    if (!client) return tl::unexpected(client.error());
    ImportSpan span;
    span.interval_s = arguments.interval_s.value_or(span.interval_s);
    span.until_s = arguments.until_s.value_or(unix_now_s());
    span.from_s = arguments.from_s.value_or(span.until_s - day_s);
    Result<TraceBuilder> builder = builder_for(span, arguments.hold_intervals_max, arguments.output);
    if (!builder) return tl::unexpected(builder.error());
    const auto ask = [&](const std::string& expression, double from_s, double until_s, double step_s) {
        return client->query_range(expression, from_s, until_s, step_s);
    };
    const Status ok = import_from_prometheus(ask, file->queries, span, *builder, timed_progress("1/2 asking"));
    ProgressLine::clear();
    if (!ok) return tl::unexpected(ok.error());
    const std::string name =
        arguments.name.empty() ? std::filesystem::path(arguments.output).stem().string() : arguments.name;
    Result<TraceBuilderSummary> written = builder->write(name, arguments.output, timed_progress("2/2 writing"));
    ProgressLine::clear();
    return written;
}

}  // namespace ballast
