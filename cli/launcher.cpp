// SPDX-License-Identifier: Apache-2.0
#include "cli/launcher.hpp"

#include <charconv>
#include <string_view>

namespace ballast {

namespace {

// One of `count` equal processes, from 0.
struct Part {
    std::size_t index = 0;
    std::size_t count = 1;
    std::string origin;
};

tl::unexpected<Error> bad(const std::string& problem) { return fail(ErrorKind::usage, problem + "; give --shard I/N"); }

Result<std::size_t> number_of(const Environment& environment, const char* name) {
    const char* value = environment(name);
    if (value == nullptr) return bad(std::string("the launcher has not set ") + name);
    const std::string_view text = value;
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
        return bad(std::string(name) + "=" + value + ": not a whole number");
    }
    return number;
}

Result<Part> ranks(const Environment& environment, const char* rank_name, const char* size_name, const char* what) {
    const Result<std::size_t> rank = number_of(environment, rank_name);
    if (!rank) return tl::unexpected(rank.error());
    const Result<std::size_t> size = number_of(environment, size_name);
    if (!size) return tl::unexpected(size.error());
    if (*rank >= *size) {
        return bad(std::string(rank_name) + "=" + std::to_string(*rank) + " is not below " + size_name + "=" +
                   std::to_string(*size));
    }
    return Part{*rank, *size, what + std::to_string(*rank) + " of " + std::to_string(*size)};
}

// The processes that one mpirun or one srun started; one process if neither did.
Result<Part> part_of_tasks(const Environment& environment) {
    if (environment("OMPI_COMM_WORLD_RANK") != nullptr || environment("OMPI_COMM_WORLD_SIZE") != nullptr) {
        return ranks(environment, "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OpenMPI rank ");
    }
    if (environment("SLURM_STEP_NUM_TASKS") != nullptr) {
        return ranks(environment, "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "srun task ");
    }
    return Part{};
}

Result<Part> part_of_array(const Environment& environment) {
    if (environment("SLURM_ARRAY_TASK_ID") == nullptr) return Part{};
    std::size_t values[4] = {};
    std::size_t* value = values;
    for (const char* name :
         {"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_MAX", "SLURM_ARRAY_TASK_COUNT"}) {
        const Result<std::size_t> number = number_of(environment, name);
        if (!number) return tl::unexpected(number.error());
        *value++ = *number;
    }
    const auto [id, min, max, count] = values;
    const std::string range = std::to_string(min) + "-" + std::to_string(max);
    // Without a gap, `count` numbers from `min` on end at `max`.
    if (min > 1 || max < min || count == 0 || max - min != count - 1) {
        return fail(ErrorKind::usage, "the Slurm array " + range + " with a count of " + std::to_string(count) +
                                          " does not say how the grid is split; use --array=1-N, or give --shard I/N");
    }
    if (id < min || id > max) return bad("SLURM_ARRAY_TASK_ID=" + std::to_string(id) + " is not in " + range);
    return Part{id - min, count, "Slurm array task " + std::to_string(id) + " of " + range};
}

}  // namespace

std::string LaunchedShard::label() const {
    return "shard " + std::to_string(shard.number) + "/" + std::to_string(shard.count);
}

Result<std::optional<LaunchedShard>> shard_of_launcher(const Environment& environment) {
    const Result<Part> array = part_of_array(environment);
    if (!array) return tl::unexpected(array.error());
    const Result<Part> tasks = part_of_tasks(environment);
    if (!tasks) return tl::unexpected(tasks.error());
    if (array->origin.empty() && tasks->origin.empty()) return std::nullopt;
    if (array->count > shards_max || tasks->count > shards_max / array->count) {
        return bad("the launcher started more than " + std::to_string(shards_max) + " processes");
    }
    const std::string between = array->origin.empty() || tasks->origin.empty() ? "" : ", ";
    return LaunchedShard{{array->index * tasks->count + tasks->index + 1, array->count * tasks->count},
                         array->origin + between + tasks->origin};
}

}  // namespace ballast
