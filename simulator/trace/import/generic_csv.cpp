// SPDX-License-Identifier: Apache-2.0
#include "simulator/trace/import/generic_csv.hpp"

#include <limits>
#include <optional>
#include <utility>

#include "simulator/trace/import/rows.hpp"

namespace ballast {

namespace {

constexpr std::size_t absent = std::numeric_limits<std::size_t>::max();

class Table {
  public:
    Table(const CsvMap& map, std::string_view file_vm_name, TraceBuilder& builder)
        : map_(map), file_vm_name_(file_vm_name), builder_(builder) {}

    Status read(const CsvFields& fields) {
        if (width_ == 0) {
            width_ = fields.size();
            if (Status ok = find_columns(fields); !ok) return ok;
            if (map_.header) return {};
        }
        if (fields.size() != width_) {
            return bad_row(std::to_string(fields.size()) + " fields; the first line has " + std::to_string(width_));
        }
        return read_row(fields);
    }

  private:
    Status find(const CsvColumn& column, const CsvFields& first_line, std::size_t& position) {
        if (!column.given()) return {};
        if (column.number > 0) {
            position = column.number - 1;
            if (position >= first_line.size()) {
                return bad_row("no column " + std::to_string(column.number) + "; the first line has " +
                               std::to_string(first_line.size()));
            }
            return {};
        }
        const auto found = first_line.find(column.name);
        if (!found) return bad_row("the header has no column " + in_quotes(column.name));
        position = *found;
        return {};
    }

    Status find_columns(const CsvFields& first_line) {
        const std::pair<const CsvColumn*, std::size_t*> wanted[] = {{&map_.vm, &vm_},
                                                                    {&map_.time, &time_},
                                                                    {&map_.cpu, &cpu_},
                                                                    {&map_.vcpus, &vcpus_},
                                                                    {&map_.cpu_mhz, &cpu_mhz_},
                                                                    {&map_.memory, &memory_},
                                                                    {&map_.memory_used, &memory_used_},
                                                                    {&map_.network, &network_},
                                                                    {&map_.network_sent, &network_sent_},
                                                                    {&map_.disk, &disk_},
                                                                    {&map_.disk_written, &disk_written_}};
        for (const auto& [column, position] : wanted) {
            if (Status ok = find(*column, first_line, *position); !ok) return ok;
        }
        return {};
    }

    [[nodiscard]] std::optional<double> time_of(std::string_view field) const {
        if (map_.time_unit == CsvTimeUnit::date) return to_date(field);
        const auto value = to_number(field, map_.decimal_comma);
        const double per_second = map_.time_unit == CsvTimeUnit::seconds        ? 1.0
                                  : map_.time_unit == CsvTimeUnit::milliseconds ? 1e3
                                                                                : 1e6;
        return value ? std::optional(*value / per_second) : std::nullopt;
    }

    // 0 if there is no such column; nothing if the field is not a size.
    [[nodiscard]] std::optional<double> size_of(const CsvFields& fields, std::size_t column, double max) const {
        if (column == absent) return 0.0;
        const auto value = to_number(fields[column], map_.decimal_comma);
        return value && *value >= 0.0 && *value <= max ? value : std::nullopt;
    }

    // The sum of both columns; nothing if a field is empty or there is no column at all. Errors: not a rate.
    [[nodiscard]] Result<std::optional<double>> rate_of(const CsvFields& fields, std::size_t one, std::size_t other,
                                                        double unit_bytes_per_s) const {
        if (one == absent || fields[one].empty()) return std::nullopt;
        if (other != absent && fields[other].empty()) return std::nullopt;
        const auto a = size_of(fields, one, 1e18);
        const auto b = size_of(fields, other, 1e18);
        if (!a || !b) return bad_row("network or disk is not a rate");
        return std::optional((*a + *b) * unit_bytes_per_s);
    }

    // `memory`: of the VM, in the column's unit.
    [[nodiscard]] Result<OtherUse> other_use_of(const CsvFields& fields, double memory) const {
        OtherUse use;
        if (memory_used_ != absent && !fields[memory_used_].empty()) {
            const auto used = size_of(fields, memory_used_, 1e18);
            if (!used) return bad_row(in_quotes(fields[memory_used_]) + " is not a use of memory");
            const bool size = map_.memory_used_unit == CsvMemoryUsedUnit::size;
            const double whole = size ? memory : map_.memory_used_unit == CsvMemoryUsedUnit::percent ? 100.0 : 1.0;
            if (whole > 0.0) use[TraceColumn::memory] = *used / whole * 100.0;
        }
        const auto network = rate_of(fields, network_, network_sent_, map_.network_unit_bytes_per_s);
        if (!network) return tl::unexpected(network.error());
        const auto disk = rate_of(fields, disk_, disk_written_, map_.disk_unit_bytes_per_s);
        if (!disk) return tl::unexpected(disk.error());
        use[TraceColumn::network] = *network;
        use[TraceColumn::disk_io] = *disk;
        return use;
    }

    Status read_row(const CsvFields& fields) {
        const Result<TraceBuilder::VmIndex> vm = builder_.vm(vm_ == absent ? file_vm_name_ : fields[vm_]);
        if (!vm) return tl::unexpected(vm.error());
        const auto time = time_of(fields[time_]);
        if (!time) return bad_row(in_quotes(fields[time_]) + " is not a time");
        const auto cpu = to_number(fields[cpu_], map_.decimal_comma);
        if (!cpu) return bad_row(in_quotes(fields[cpu_]) + " is not a CPU use");
        const auto vcpus = size_of(fields, vcpus_, 65'536.0);
        const auto mhz = size_of(fields, cpu_mhz_, 1e12);
        const auto memory = size_of(fields, memory_, 1e18 / map_.memory_unit_bytes);
        if (!vcpus || !mhz || !memory) return bad_row("vCPUs, MHz or memory is not a size");
        if (map_.cpu_unit == CsvCpuUnit::mhz && *mhz == 0.0) return bad_row("a CPU use in MHz of a VM with 0 MHz");
        builder_.set_size(*vm, static_cast<std::uint32_t>(*vcpus), *mhz, *memory * map_.memory_unit_bytes);
        const double percent = map_.cpu_unit == CsvCpuUnit::percent    ? *cpu
                               : map_.cpu_unit == CsvCpuUnit::fraction ? *cpu * 100.0
                                                                       : *cpu / *mhz * 100.0;
        const Result<OtherUse> others = other_use_of(fields, *memory);
        if (!others) return tl::unexpected(others.error());
        return builder_.add(*vm, *time, 0.0, percent, *others);
    }

    const CsvMap& map_;
    std::string_view file_vm_name_;
    TraceBuilder& builder_;
    std::size_t width_ = 0;  // fields of the first line, once it is known
    std::size_t vm_ = absent;
    std::size_t time_ = absent;
    std::size_t cpu_ = absent;
    std::size_t vcpus_ = absent;
    std::size_t cpu_mhz_ = absent;
    std::size_t memory_ = absent;
    std::size_t memory_used_ = absent;
    std::size_t network_ = absent;
    std::size_t network_sent_ = absent;
    std::size_t disk_ = absent;
    std::size_t disk_written_ = absent;
};

}  // namespace

Status read_generic_csv(LineReader& lines, const CsvMap& map, std::string_view file_vm_name, TraceBuilder& builder) {
    Table table(map, file_vm_name, builder);
    return for_each_row(lines, map.separator, [&](const CsvFields& fields) { return table.read(fields); });
}

}  // namespace ballast
