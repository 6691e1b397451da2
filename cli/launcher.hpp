// SPDX-License-Identifier: Apache-2.0
// Which shard of a sweep this process is, as its launcher says in the environment. No MPI library is needed: the
// processes exchange nothing but the files of the sweep's folder.
//
//   OpenMPI (mpirun)   OMPI_COMM_WORLD_RANK, _SIZE                        mpirun(1) of Open MPI 4.1
//   srun               SLURM_PROCID, SLURM_STEP_NUM_TASKS                 srun(1) of Slurm 22.05
//   Slurm job array    SLURM_ARRAY_TASK_ID, _MIN, _MAX, _COUNT            sbatch(1)
//
// 1. mpirun goes before srun: inside a Slurm job it starts its own helpers as tasks of a step, one per node, and their
//    variables reach the ranks.
// 2. SLURM_PROCID and SLURM_NTASKS alone mean nothing: they also stand in the one process of a batch script that has
//    not called srun yet. Only a step has SLURM_STEP_NUM_TASKS.
// 3. An array whose jobs start several tasks is split twice: task t of T of array job a of A is shard (a - 1) T + t
//    of A T.
// 4. An array must be 1-N or 0-N. From any other one (2-5, 0-12:4, 1,3,7, a single 3 sent again) it cannot be told
//    what the other parts of the grid are.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/result.hpp"
#include "simulator/experiment/grid.hpp"

namespace ballast {

// The value of a variable, or null. The process's own: getenv.
using Environment = std::function<const char*(const char* name)>;

struct LaunchedShard {
    Shard shard;
    std::string origin;  // for people: "OpenMPI rank 0 of 3", with "Slurm array task 2 of 1-8, " before it in an array

    // "shard 2/3", which begins every line that this process writes among those of the others.
    [[nodiscard]] std::string label() const;
};

// None if no launcher is at work. Errors: usage, one line, for a variable that is missing beside its partner or is not
// a number, a rank out of range, an array other than 1-N or 0-N, and more than shards_max shards.
[[nodiscard]] Result<std::optional<LaunchedShard>> shard_of_launcher(const Environment& environment);

}  // namespace ballast
