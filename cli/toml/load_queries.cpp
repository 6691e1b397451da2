// SPDX-License-Identifier: Apache-2.0
#include "cli/toml/load_queries.hpp"

#include "cli/toml/prometheus_access_reader.hpp"
#include "cli/toml/table_reader.hpp"

namespace ballast {

namespace {

using toml_io::Document;
using toml_io::TableReader;

constexpr double timeout_s = 60.0;  // ranges take longer than a value now

Result<LoadQueriesFile> read_file_of(const Document& document) {
    TableReader root = document.root();
    LoadQueriesFile file;
    file.access.client.timeout_s = timeout_s;
    toml_io::read_prometheus_access(root, file.access);
    VmLoadQueries& queries = file.queries;
    queries.vm_label = root.text("vm_label", queries.vm_label);
    queries.cpu_percent = root.text("cpu_percent", queries.cpu_percent);
    queries.memory_percent = root.text("memory_percent", queries.memory_percent);
    queries.network_bytes_per_s = root.text("network_bytes_per_s", queries.network_bytes_per_s);
    queries.disk_bytes_per_s = root.text("disk_bytes_per_s", queries.disk_bytes_per_s);
    queries.vcpus = root.text("vcpus", queries.vcpus);
    queries.memory_bytes = root.text("memory_bytes", queries.memory_bytes);
    queries.cpu_mhz = root.text("cpu_mhz", queries.cpu_mhz);
    if (queries.cpu_percent.empty()) root.error("cpu_percent", "\"cpu_percent\" is what a trace is made of");
    root.finish();
    if (document.error()) return tl::unexpected(*document.error());
    return file;
}

}  // namespace

Result<LoadQueriesFile> load_load_queries(const std::string& path) {
    const Result<Document> document = Document::load(path);
    if (!document) return tl::unexpected(document.error());
    return read_file_of(*document);
}

Result<LoadQueriesFile> parse_load_queries(std::string_view text, const std::string& name) {
    const Result<Document> document = Document::parse(text, name);
    if (!document) return tl::unexpected(document.error());
    return read_file_of(*document);
}

}  // namespace ballast
