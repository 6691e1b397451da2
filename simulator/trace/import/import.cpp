// SPDX-License-Identifier: Apache-2.0
#include "simulator/trace/import/import.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

namespace ballast {

namespace {

namespace fs = std::filesystem;

constexpr std::array<ImportFormatInfo, 7> formats = {{
    {ImportFormat::bitbrains, "bitbrains", "folders or files of Bitbrains (GWA-T-12) or Materna (GWA-T-13): one per VM",
     nullptr, false},
    {ImportFormat::azure2017, "azure2017", "vm_cpu_readings-*.csv of the Azure public dataset V1", "vmtable.csv", true},
    {ImportFormat::azure2019, "azure2019", "vm_cpu_readings-*.csv of the Azure public dataset V2", "vmtable.csv", true},
    {ImportFormat::azure_packing2020, "azure-packing2020",
     "the VM table of the Azure packing trace as CSV (docs/formats/trace.md has the query); give --load-percent",
     nullptr, false},
    {ImportFormat::google2011, "google2011", "task_usage of ClusterData 2011", "task_events, for the tasks' requests",
     false},
    {ImportFormat::alibaba2018, "alibaba2018", "machine_usage.csv or container_usage.csv of cluster-trace-v2018",
     "machine_meta.csv or container_meta.csv, for the cores", false},
    {ImportFormat::csv, "csv", "any table with one sample per line; --columns says which column is what", nullptr,
     false},
}};

struct InputFile {
    std::string path;
    std::uint64_t bytes = 0;
};

bool is_table(const std::string& name) { return name.ends_with(".csv") || name.ends_with(".csv.gz"); }

// "/data/rnd/12.csv.gz" -> "12"
std::string stem_of(const std::string& path) {
    std::string name = fs::path(path).filename().string();
    for (const std::string_view end : {".gz", ".csv"}) {
        if (name.size() > end.size() && name.ends_with(end)) name.resize(name.size() - end.size());
    }
    return name;
}

Status add_folder(const std::string& folder, std::vector<std::string>& paths) {
    std::vector<std::string> found;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        std::error_code ignored;
        if (is_table(it->path().filename().string()) && it->is_regular_file(ignored))
            found.push_back(it->path().string());
    }
    if (error) return fail(ErrorKind::usage, folder + ": cannot be listed: " + error.message());
    if (found.empty()) return fail(ErrorKind::usage, folder + ": holds no .csv or .csv.gz file");
    std::ranges::sort(found, [](const std::string& a, const std::string& b) {
        return a.size() != b.size() ? a.size() < b.size() : a < b;
    });
    paths.insert(paths.end(), found.begin(), found.end());
    return {};
}

Result<std::vector<InputFile>> list_files(const std::vector<std::string>& inputs) {
    std::vector<std::string> paths;
    for (const std::string& input : inputs) {
        std::error_code ignored;
        if (!fs::is_directory(input, ignored)) {
            paths.push_back(input);
        } else if (Status ok = add_folder(input, paths); !ok) {
            return tl::unexpected(ok.error());
        }
    }
    std::vector<InputFile> files;
    for (std::string& path : paths) {
        std::error_code error;
        const std::uintmax_t bytes = fs::file_size(path, error);
        if (error) return fail(ErrorKind::usage, path + ": cannot be read: " + error.message());
        files.push_back({std::move(path), bytes});
    }
    return files;
}

class Import {
  public:
    Import(const ImportOptions& options, TraceBuilder& builder,
           const std::function<void(const ImportProgress&)>& progress)
        : options_(options), builder_(builder), progress_(progress) {}

    Status run() {
        const Result<std::vector<InputFile>> tables = list_files(options_.vm_tables);
        if (!tables) return tl::unexpected(tables.error());
        const Result<std::vector<InputFile>> files = list_files(options_.inputs);
        if (!files) return tl::unexpected(files.error());
        for (const auto& list : {*tables, *files}) {
            for (const InputFile& file : list) all_bytes_ += file.bytes;
        }
        for (const InputFile& file : *tables) {
            if (Status ok = read(file, &Import::read_vm_table); !ok) return ok;
        }
        for (const InputFile& file : *files) {
            if (Status ok = read(file, &Import::read_samples); !ok) return ok;
        }
        summary.files = tables->size() + files->size();
        return {};
    }

    ImportSummary summary;

  private:
    Status read(const InputFile& file, Status (Import::*use)(LineReader&, const std::string&)) {
        Result<LineReader> lines = LineReader::open(file.path);
        if (!lines) return tl::unexpected(lines.error());
        if (progress_) {
            lines->report_to([this](std::uint64_t used) { progress_({false, done_bytes_ + used, all_bytes_}); });
        }
        if (Status ok = (this->*use)(*lines, file.path); !ok) return ok;
        done_bytes_ += file.bytes;
        return {};
    }

    Status read_vm_table(LineReader& lines, const std::string&) {
        switch (options_.format) {
            case ImportFormat::azure2017: return read_azure_vm_table(lines, AzureYear::y2017, builder_);
            case ImportFormat::azure2019: return read_azure_vm_table(lines, AzureYear::y2019, builder_);
            case ImportFormat::google2011: return requests_.read(lines, builder_, options_.google_machine);
            case ImportFormat::alibaba2018: return read_alibaba_meta(lines, builder_);
            case ImportFormat::bitbrains:
            case ImportFormat::azure_packing2020:
            case ImportFormat::csv: break;
        }
        return fail(ErrorKind::usage, "this format has no VM table");
    }

    Status read_samples(LineReader& lines, const std::string& path) {
        switch (options_.format) {
            case ImportFormat::bitbrains: return read_bitbrains_file(lines, stem_of(path), builder_);
            case ImportFormat::azure2017:
            case ImportFormat::azure2019: return read_azure_readings(lines, builder_, summary.skips);
            case ImportFormat::azure_packing2020: return read_azure_packing(lines, options_.azure_packing, builder_);
            case ImportFormat::google2011: return read_google_usage(lines, requests_, builder_, summary.skips);
            case ImportFormat::alibaba2018: return read_alibaba_usage(lines, builder_, summary.skips);
            case ImportFormat::csv: return read_generic_csv(lines, options_.csv, stem_of(path), builder_);
        }
        return {};
    }

    const ImportOptions& options_;
    TraceBuilder& builder_;
    const std::function<void(const ImportProgress&)>& progress_;
    GoogleRequests requests_;
    std::uint64_t all_bytes_ = 0;
    std::uint64_t done_bytes_ = 0;
};

Status check(const ImportOptions& options) {
    const auto info = std::ranges::find(formats, options.format, &ImportFormatInfo::format);
    const std::string name = info->name;
    if (options.inputs.empty()) return fail(ErrorKind::usage, "nothing to import; " + name + " wants " + info->inputs);
    if (info->vm_table_required && options.vm_tables.empty()) {
        return fail(ErrorKind::usage, name + " needs --vm-table: " + info->vm_table);
    }
    if (info->vm_table == nullptr && !options.vm_tables.empty()) {
        return fail(ErrorKind::usage, name + " has no VM table; leave out --vm-table");
    }
    if (options.from_s && options.until_s && *options.until_s <= *options.from_s) {
        return fail(ErrorKind::usage, "--until must be later than --from");
    }
    return {};
}

TraceBuilderOptions builder_options(const ImportOptions& options, const std::string& path) {
    TraceBuilderOptions builder;
    if (options.interval_s > 0.0) {
        builder.interval_s = options.interval_s;
    } else if (options.format == ImportFormat::csv) {
        builder.interval_s = options.csv.interval_s;
    }
    if (options.from_s) builder.from_s = *options.from_s;
    if (options.until_s) builder.until_s = *options.until_s;
    builder.hold_intervals_max = options.hold_intervals_max;
    const std::string folder = fs::path(path).parent_path().string();
    if (!folder.empty()) builder.temporary_folder = folder;
    return builder;
}

}  // namespace

std::span<const ImportFormatInfo> import_formats() { return formats; }

std::optional<ImportFormat> find_import_format(std::string_view name) {
    const auto found =
        std::ranges::find(formats, name, [](const ImportFormatInfo& f) { return std::string_view(f.name); });
    return found == formats.end() ? std::nullopt : std::optional(found->format);
}

Result<ImportSummary> import_trace(const ImportOptions& options, const std::string& path,
                                   const std::function<void(const ImportProgress&)>& progress) {
    if (Status ok = check(options); !ok) return tl::unexpected(ok.error());
    Result<TraceBuilder> builder = TraceBuilder::create(builder_options(options, path));
    if (!builder) return tl::unexpected(builder.error());
    Import import(options, *builder, progress);
    if (Status ok = import.run(); !ok) return tl::unexpected(ok.error());
    const std::string name = options.name.empty() ? fs::path(path).stem().string() : options.name;
    Result<TraceBuilderSummary> written = builder->write(name, path, [&](std::size_t done, std::size_t all) {
        if (progress) progress({true, done, all});
    });
    if (!written) return tl::unexpected(written.error());
    import.summary.trace = *written;
    return import.summary;
}

}  // namespace ballast
