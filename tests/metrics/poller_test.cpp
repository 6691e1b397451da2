// SPDX-License-Identifier: Apache-2.0
// The poller with hosts that answer, refuse and hang. Virtual time: the clock moves when a test or a fake host moves
// it.
#include "metrics/poller.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <latch>

#include "tests/metrics/readings.hpp"

namespace ballast {
namespace {

using testing::HasSubstr;

class FakeHost final : public HostReader {
  public:
    using Script = std::function<Result<HostReading>(int call)>;  // call 0, 1, …
    explicit FakeHost(Script script) : script_(std::move(script)) {}
    Result<HostReading> read() override { return script_(calls_++); }

  private:
    Script script_;
    int calls_ = 0;
};

template <typename... Scripts>
std::vector<std::unique_ptr<HostReader>> hosts(Scripts... scripts) {
    std::vector<std::unique_ptr<HostReader>> readers;
    (readers.push_back(std::make_unique<FakeHost>(scripts)), ...);
    return readers;
}

Result<HostReading> answer(double value) {
    HostReading reading;
    reading.at_s = value;
    return reading;
}

Result<HostReading> refusal() { return fail(ErrorKind::unreachable, "connection refused"); }

TEST(Poller, ReturnsAnswersInTheOrderOfTheHosts) {
    test::ManualClock clock;
    Poller poller(hosts([](int) { return answer(1); }, [](int) { return answer(2); }, [](int) { return answer(3); }),
                  {}, clock);
    for (int round = 0; round < 3; ++round) {
        const auto results = poller.poll();
        ASSERT_EQ(results.size(), 3U);
        for (std::size_t i = 0; i < 3; ++i) {
            ASSERT_TRUE(results[i]);
            EXPECT_EQ(results[i]->at_s, static_cast<double>(i + 1));
        }
    }
}

TEST(Poller, ReadsAllHostsAtOnce) {
    test::ManualClock clock;  // stands still: were the hosts read one after the other, this would never end
    auto all_here = std::make_shared<std::latch>(3);
    const auto meet = [all_here](int) {
        all_here->arrive_and_wait();
        return answer(1);
    };
    Poller poller(hosts(meet, meet, meet), {}, clock);
    for (const auto& result : poller.poll()) EXPECT_TRUE(result);
}

TEST(Poller, AHostThatHangsCostsTheDeadlineAndNothingElse) {
    test::ManualClock clock;
    struct Shared {
        std::latch others_done{2};
        std::promise<void> release;
        std::shared_future<void> released{release.get_future()};
        std::promise<void> late;
    };
    auto shared = std::make_shared<Shared>();
    const auto healthy = [shared](int call) {
        if (call == 0) shared->others_done.count_down();
        return answer(call);
    };
    const auto hangs = [shared, &clock](int call) {
        if (call > 0) return answer(100 + call);
        shared->others_done.wait();  // the others have been read …
        clock.advance(5.0);          // … the deadline passes …
        shared->released.wait();     // … and this one still hangs
        return answer(99);
    };
    Poller poller(hosts(healthy, hangs, healthy), {.deadline_s = 5.0}, clock);

    auto results = poller.poll();
    ASSERT_FALSE(results[1]);
    EXPECT_EQ(results[1].error().kind, ErrorKind::unreachable);
    EXPECT_EQ(results[1].error().message, "no answer for 5 s");
    EXPECT_EQ(results[0]->at_s, 0.0);
    EXPECT_EQ(results[2]->at_s, 0.0);

    clock.advance(10.0);
    results = poller.poll();  // not asked again, not waited for
    EXPECT_EQ(results[1].error().message, "no answer for 15 s");
    EXPECT_EQ(results[0]->at_s, 1.0);

    shared->release.set_value();
    // Its late answer is thrown away at some later poll; then it is asked again and is as good as any other.
    do {
        clock.advance(1.0);
        results = poller.poll();
        if (results[1]) {
            EXPECT_NE(results[1]->at_s, 99.0) << "an old answer was given as a new one";
        }
    } while (!results[1]);
    EXPECT_EQ(results[1]->at_s, 101.0);
}

TEST(Poller, AHungHostDoesNotHoldUpTheEnd) {
    auto never = std::make_shared<std::promise<void>>();
    const std::shared_future<void> blocked = never->get_future();
    auto destroyed = std::make_shared<std::promise<void>>();
    test::ManualClock clock;
    {
        Poller poller(hosts([blocked, &clock](int) {
                          clock.advance(5.0);
                          blocked.wait();
                          return answer(1);
                      }),
                      {.deadline_s = 5.0}, clock);
        EXPECT_FALSE(poller.poll()[0]);
    }                    // would never be left if the destructor waited for the worker
    never->set_value();  // the worker left behind ends on its own, with all it needs
}

TEST(Poller, ReadersAreDestroyedByTheirWorkers) {
    struct Reader final : HostReader {
        explicit Reader(std::thread::id& id) : destroyed_by(id) {}
        ~Reader() override { destroyed_by = std::this_thread::get_id(); }
        Result<HostReading> read() override { return answer(1); }
        std::thread::id& destroyed_by;
    };
    std::thread::id by = std::this_thread::get_id();
    test::ManualClock clock;
    {
        std::vector<std::unique_ptr<HostReader>> readers;
        readers.push_back(std::make_unique<Reader>(by));
        Poller poller(std::move(readers), {}, clock);
        EXPECT_TRUE(poller.poll()[0]);
    }
    EXPECT_TRUE(by != std::this_thread::get_id());
}

TEST(Poller, APauseThatEndsWhileOthersAnswerIsNoNegativeTime) {
    test::ManualClock clock;
    const auto takes_3_s = [&clock](int) {
        clock.advance(3.0);
        return answer(1);
    };
    Poller poller(hosts([](int) { return refusal(); }, takes_3_s), {.deadline_s = 5.0, .backoff_first_s = 5.0}, clock);
    (void)poller.poll();  // ends at 3 s; the next try of the first host is due at 8 s
    EXPECT_THAT(poller.poll()[0].error().message, HasSubstr("next try in 2 s"));         // ends at 6 s
    EXPECT_EQ(poller.poll()[0].error().message, "connection refused; next try in 0 s");  // begins at 6 s, ends at 9 s
}

TEST(Poller, AHostThatRefusesIsLeftAloneForLongerAndLonger) {
    test::ManualClock clock;
    auto asked = std::make_shared<std::atomic<int>>(0);
    const auto refuses = [asked](int) {
        ++*asked;
        return refusal();
    };
    Poller poller(hosts(refuses), {.deadline_s = 5.0, .backoff_first_s = 2.0, .backoff_max_s = 6.0}, clock);
    EXPECT_EQ(poller.poll()[0].error().message, "connection refused");
    clock.advance(1.0);  // 1 s of a pause of 2 s
    EXPECT_EQ(poller.poll()[0].error().message, "connection refused; next try in 1 s");
    EXPECT_EQ(*asked, 1);
    clock.advance(1.0);
    EXPECT_EQ(poller.poll()[0].error().message, "connection refused");
    EXPECT_EQ(*asked, 2);
    clock.advance(3.5);  // of 4 s
    EXPECT_THAT(poller.poll()[0].error().message, HasSubstr("next try in 1 s"));
    clock.advance(0.5);
    EXPECT_FALSE(poller.poll()[0]);
    EXPECT_EQ(*asked, 3);
    clock.advance(6.0);  // 8 s would be next, but 6 s is the most
    EXPECT_FALSE(poller.poll()[0]);
    EXPECT_EQ(*asked, 4);
}

TEST(Poller, ASuccessEndsThePauses) {
    test::ManualClock clock;
    const auto flaky = [](int call) { return call == 1 ? answer(1) : refusal(); };
    Poller poller(hosts(flaky), {.backoff_first_s = 2.0}, clock);
    EXPECT_FALSE(poller.poll()[0]);
    clock.advance(2.0);
    EXPECT_TRUE(poller.poll()[0]);
    EXPECT_FALSE(poller.poll()[0]);  // asked at once, refused again
    clock.advance(2.0);              // the first pause again, not the second
    EXPECT_EQ(poller.poll()[0].error().message, "connection refused");
}

TEST(Poller, WhatIsKnownToBeBackIsAskedAtOnce) {
    test::ManualClock clock;
    const auto wakes = [](int call) { return call == 1 ? answer(1) : refusal(); };
    Poller poller(hosts(wakes), {.backoff_first_s = 60.0}, clock);
    EXPECT_FALSE(poller.poll()[0]);
    EXPECT_FALSE(poller.poll()[0]);  // left alone
    poller.forget_failures();
    EXPECT_TRUE(poller.poll()[0]);
}

TEST(Poller, NoHostIsNoWait) {
    test::ManualClock clock;
    EXPECT_TRUE(Poller({}, {}, clock).poll().empty());
}

}  // namespace
}  // namespace ballast
