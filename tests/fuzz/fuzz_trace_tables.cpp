// SPDX-License-Identifier: Apache-2.0
// The first byte chooses the kind of table, the rest is the table.
#include <cstddef>
#include <cstdint>
#include <string>

#include "simulator/trace/import/formats.hpp"
#include "simulator/trace/import/generic_csv.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ballast;
    if (size == 0) return 0;
    LineReader lines = LineReader::over(std::string(reinterpret_cast<const char*>(data) + 1, size - 1), "fuzz");
    TraceBuilderOptions options;
    options.temporary_folder = "/tmp";
    auto builder = TraceBuilder::create(options);
    if (!builder) __builtin_trap();
    static_cast<void>(builder->vm("a"));
    ImportSkips skips;
    CsvMap map;
    map.vm.number = 1;
    map.time.number = 2;
    map.cpu.number = 3;
    map.memory.number = 4;
    if (size % 3 == 0) {
        map.memory_used.number = 5;
        map.memory_used_unit = CsvMemoryUsedUnit::size;
        map.network.number = 6;
        map.network_sent.number = 7;
        map.disk.number = 8;
    }
    map.decimal_comma = size % 2 == 0;
    GoogleRequests requests;
    Status status;
    switch (data[0]) {
        case 'b': status = read_bitbrains_file(lines, "vm", *builder); break;
        case 't': status = read_azure_vm_table(lines, AzureYear::y2019, *builder); break;
        case 'a': status = read_azure_readings(lines, *builder, skips); break;
        case 'p': status = read_azure_packing(lines, {50.0, 64.0, 1e12}, *builder); break;
        case 'e': status = requests.read(lines, *builder, {1000.0, 1e9}); break;
        case 'g': status = read_google_usage(lines, requests, *builder, skips); break;
        case 'm': status = read_alibaba_meta(lines, *builder); break;
        case 'u': status = read_alibaba_usage(lines, *builder, skips); break;
        case 'd': map.time_unit = CsvTimeUnit::date; [[fallthrough]];
        default: status = read_generic_csv(lines, map, "vm", *builder);
    }
    // An error is one line that begins with the place.
    if (!status &&
        (status.error().message.rfind("fuzz:", 0) != 0 || status.error().message.find('\n') != std::string::npos)) {
        __builtin_trap();
    }
    return 0;
}
