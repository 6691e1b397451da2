// SPDX-License-Identifier: Apache-2.0
#include "cli/launcher.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace ballast {
namespace {

using Variables = std::map<std::string, std::string>;

Result<std::optional<LaunchedShard>> launched(const Variables& variables) {
    return shard_of_launcher([&](const char* name) -> const char* {
        const auto found = variables.find(name);
        return found == variables.end() ? nullptr : found->second.c_str();
    });
}

// "shard I/N: origin", "none", or the error.
std::string outcome(const Variables& variables) {
    const auto shard = launched(variables);
    if (!shard) {
        EXPECT_EQ(shard.error().kind, ErrorKind::usage);
        EXPECT_EQ(shard.error().message.find('\n'), std::string::npos);
        return shard.error().message;
    }
    return *shard ? (*shard)->label() + ": " + (*shard)->origin : "none";
}

Variables mpi(const std::string& rank, const std::string& size) {
    return {{"OMPI_COMM_WORLD_RANK", rank}, {"OMPI_COMM_WORLD_SIZE", size}};
}

// What srun gives its tasks.
Variables step(const std::string& task, const std::string& tasks) {
    return {{"SLURM_JOB_ID", "7"},
            {"SLURM_STEP_ID", "0"},
            {"SLURM_PROCID", task},
            {"SLURM_NTASKS", tasks},
            {"SLURM_STEP_NUM_TASKS", tasks}};
}

// What the batch script of an array task of a job with two tasks has before it calls srun.
Variables array(const std::string& id, const std::string& min, const std::string& max, const std::string& count) {
    return {{"SLURM_JOB_ID", "7"},          {"SLURM_PROCID", "0"},
            {"SLURM_NTASKS", "2"},          {"SLURM_ARRAY_TASK_ID", id},
            {"SLURM_ARRAY_TASK_MIN", min},  {"SLURM_ARRAY_TASK_MAX", max},
            {"SLURM_ARRAY_TASK_STEP", "1"}, {"SLURM_ARRAY_TASK_COUNT", count}};
}

Variables operator+(Variables a, const Variables& b) {
    for (const auto& [name, value] : b) a[name] = value;
    return a;
}

TEST(Launcher, NoneWithoutOne) {
    EXPECT_EQ(outcome({}), "none");
    // A batch script, or a shell in an allocation, of a job with three tasks: one process, the whole grid.
    EXPECT_EQ(outcome({{"SLURM_JOB_ID", "7"}, {"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "3"}}), "none");
}

TEST(Launcher, RanksAndTasksCountFromZeroShardsFromOne) {
    EXPECT_EQ(outcome(mpi("0", "3")), "shard 1/3: OpenMPI rank 0 of 3");
    EXPECT_EQ(outcome(mpi("2", "3")), "shard 3/3: OpenMPI rank 2 of 3");
    EXPECT_EQ(outcome(step("1", "3")), "shard 2/3: srun task 1 of 3");
    EXPECT_EQ(outcome(step("0", "1")), "shard 1/1: srun task 0 of 1");
}

TEST(Launcher, AnArrayMayBeginAtZeroOrOne) {
    EXPECT_EQ(outcome(array("1", "1", "8", "8")), "shard 1/8: Slurm array task 1 of 1-8");
    EXPECT_EQ(outcome(array("8", "1", "8", "8")), "shard 8/8: Slurm array task 8 of 1-8");
    EXPECT_EQ(outcome(array("0", "0", "7", "8")), "shard 1/8: Slurm array task 0 of 0-7");
    EXPECT_EQ(outcome(array("7", "0", "7", "8")), "shard 8/8: Slurm array task 7 of 0-7");
}

TEST(Launcher, OtherArraysAreRefused) {
    const std::string why = " does not say how the grid is split; use --array=1-N, or give --shard I/N";
    EXPECT_EQ(outcome(array("2", "2", "5", "4")), "the Slurm array 2-5 with a count of 4" + why);
    EXPECT_EQ(outcome(array("4", "0", "12", "4")), "the Slurm array 0-12 with a count of 4" + why);  // 0-12:4
    EXPECT_EQ(outcome(array("3", "1", "7", "3")), "the Slurm array 1-7 with a count of 3" + why);    // 1,3,7
    EXPECT_EQ(outcome(array("3", "3", "3", "1")), "the Slurm array 3-3 with a count of 1" + why);  // task 3 sent again
    EXPECT_EQ(outcome(array("1", "1", "0", "0")), "the Slurm array 1-0 with a count of 0" + why);
    // 2^64 numbers: a count of 0 to a computer that adds without looking.
    EXPECT_EQ(outcome(array("0", "0", "18446744073709551615", "0")),
              "the Slurm array 0-18446744073709551615 with a count of 0" + why);
}

TEST(Launcher, MpirunGoesBeforeTheStepThatStartedItsHelpers) {
    EXPECT_EQ(outcome(step("1", "2") + mpi("5", "8")), "shard 6/8: OpenMPI rank 5 of 8");
}

TEST(Launcher, AnArrayOfSeveralTasksIsSplitTwice) {
    std::set<std::size_t> numbers;
    for (const char* job : {"1", "2", "3"}) {
        for (const char* task : {"0", "1"}) {
            for (const Variables& tasks : {step(task, "2"), mpi(task, "2")}) {
                const auto shard = launched(array(job, "1", "3", "3") + tasks);
                ASSERT_TRUE(shard.has_value() && shard->has_value());
                EXPECT_EQ((*shard)->shard.count, 6U);
                numbers.insert((*shard)->shard.number);
            }
        }
    }
    EXPECT_EQ(numbers, (std::set<std::size_t>{1, 2, 3, 4, 5, 6}));
    // The second of two tasks of the third of three jobs: 2 x 2 + 2.
    EXPECT_EQ(outcome(array("3", "1", "3", "3") + step("1", "2")),
              "shard 6/6: Slurm array task 3 of 1-3, srun task 1 of 2");
}

TEST(Launcher, SaysWhatIsWrongInOneLine) {
    EXPECT_EQ(outcome(mpi("x", "3")), "OMPI_COMM_WORLD_RANK=x: not a whole number; give --shard I/N");
    EXPECT_EQ(outcome(mpi("1", "")), "OMPI_COMM_WORLD_SIZE=: not a whole number; give --shard I/N");
    EXPECT_EQ(outcome(mpi("3", "3")), "OMPI_COMM_WORLD_RANK=3 is not below OMPI_COMM_WORLD_SIZE=3; give --shard I/N");
    EXPECT_EQ(outcome({{"OMPI_COMM_WORLD_RANK", "0"}}),
              "the launcher has not set OMPI_COMM_WORLD_SIZE; give --shard I/N");
    EXPECT_EQ(outcome({{"OMPI_COMM_WORLD_SIZE", "3"}}),
              "the launcher has not set OMPI_COMM_WORLD_RANK; give --shard I/N");
    EXPECT_EQ(outcome({{"SLURM_STEP_NUM_TASKS", "3"}}), "the launcher has not set SLURM_PROCID; give --shard I/N");
    EXPECT_EQ(outcome({{"SLURM_ARRAY_TASK_ID", "3"}}),
              "the launcher has not set SLURM_ARRAY_TASK_MIN; give --shard I/N");
    EXPECT_EQ(outcome(array("9", "1", "8", "8")), "SLURM_ARRAY_TASK_ID=9 is not in 1-8; give --shard I/N");
    for (const char* number : {"-1", "+1", " 1", "1 ", "1.0", "0x1", "99999999999999999999999"}) {
        EXPECT_FALSE(launched(mpi(number, "3")).has_value()) << number;
        EXPECT_FALSE(launched(array("1", "1", number, "8")).has_value()) << number;
    }
    EXPECT_EQ(outcome(mpi("0", "1000001")), "the launcher started more than 1000000 processes; give --shard I/N");
    EXPECT_EQ(outcome(array("1", "1", "1000", "1000") + step("0", "1001")),
              "the launcher started more than 1000000 processes; give --shard I/N");
}

}  // namespace
}  // namespace ballast
