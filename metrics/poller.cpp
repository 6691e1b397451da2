// SPDX-License-Identifier: Apache-2.0
#include "metrics/poller.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace ballast {

namespace {

// How often the deadline is compared with the clock, which may be a virtual one and so cannot be waited on.
constexpr auto deadline_check = std::chrono::milliseconds(10);
constexpr auto goodbye = std::chrono::seconds(1);

std::string seconds_text(double seconds) { return std::to_string(std::llround(std::ceil(seconds))) + " s"; }

}  // namespace

// All members under State::mutex, except `reader`, which is its worker's.
struct Poller::Slot {
    std::unique_ptr<HostReader> reader;
    std::thread thread;
    std::condition_variable wake;
    bool asked = false;  // the worker shall read, or is reading
    bool stop = false;
    bool finished = false;  // the worker has closed its reader and touches nothing any more
    std::optional<Result<HostReading>> answer;
    double asked_at_s = 0.0;
    int failures = 0;
    double retry_at_s = 0.0;  // not asked before, after a failure
    Error last_error;
};

struct Poller::State {
    std::mutex mutex;
    std::condition_variable answered;
    std::vector<std::unique_ptr<Slot>> slots;
};

Poller::Poller(std::vector<std::unique_ptr<HostReader>> readers, const PollOptions& options, Clock& clock)
    : options_(options), clock_(clock), state_(std::make_shared<State>()) {
    for (std::unique_ptr<HostReader>& reader : readers) {
        state_->slots.push_back(std::make_unique<Slot>());
        state_->slots.back()->reader = std::move(reader);
    }
    for (const std::unique_ptr<Slot>& slot : state_->slots) {
        // The copy of state_ keeps the slot alive for a worker that hangs for longer than the Poller lives.
        slot->thread = std::thread([state = state_, &slot = *slot] { work(state, slot); });
    }
}

Poller::~Poller() {
    std::vector<std::thread> threads;
    {
        std::unique_lock lock(state_->mutex);
        for (const auto& slot : state_->slots) {
            slot->stop = true;
            slot->wake.notify_one();
        }
        // Idle workers close their connections; one that is reading may never end and is not waited for.
        const auto gone = [](const auto& slot) { return slot->finished || slot->asked; };
        state_->answered.wait_for(lock, goodbye,
                                  [&] { return std::all_of(state_->slots.begin(), state_->slots.end(), gone); });
        for (const auto& slot : state_->slots) {
            if (slot->finished) {
                threads.push_back(std::move(slot->thread));
            } else {
                slot->thread.detach();
            }
        }
    }
    for (std::thread& thread : threads) thread.join();
}

void Poller::work(const std::shared_ptr<State>& state, Slot& slot) {
    std::unique_lock lock(state->mutex);
    for (;;) {
        slot.wake.wait(lock, [&] { return slot.asked || slot.stop; });
        if (slot.stop) break;
        lock.unlock();
        Result<HostReading> answer = slot.reader->read();
        lock.lock();
        slot.answer = std::move(answer);
        slot.asked = false;
        state->answered.notify_all();
    }
    std::unique_ptr<HostReader> reader = std::move(slot.reader);
    lock.unlock();
    reader.reset();  // closing a connection may block as well: outside of the lock, in this thread
    lock.lock();
    slot.finished = true;
    state->answered.notify_all();
}

// Takes an answer that is there into account for the next question.
void Poller::settle(Slot& slot, double now_s) const {
    if (slot.answer->has_value()) {
        slot.failures = 0;
        slot.retry_at_s = now_s;
        return;
    }
    slot.last_error = slot.answer->error();
    const double pause = options_.backoff_first_s * std::exp2(std::min(slot.failures, 30));
    slot.retry_at_s = now_s + std::min(pause, options_.backoff_max_s);
    ++slot.failures;
}

void Poller::forget_failures() {
    const std::scoped_lock lock(state_->mutex);
    for (const auto& slot : state_->slots) slot->failures = 0;
}

std::vector<Result<HostReading>> Poller::poll() {
    std::unique_lock lock(state_->mutex);
    const double start_s = clock_.monotonic_s();
    std::vector<Slot*> waiting;
    for (const auto& slot : state_->slots) {
        if (slot->asked) continue;  // still at an earlier question
        if (slot->answer) {         // it came too late to be used, but it says how the host is
            settle(*slot, start_s);
            slot->answer.reset();
        }
        if (slot->failures > 0 && start_s < slot->retry_at_s) continue;
        slot->asked = true;
        slot->asked_at_s = start_s;
        slot->wake.notify_one();
        waiting.push_back(slot.get());
    }

    const auto is_answered = [](const Slot* slot) { return !slot->asked; };
    while (!std::all_of(waiting.begin(), waiting.end(), is_answered) &&
           clock_.monotonic_s() - start_s < options_.deadline_s) {
        state_->answered.wait_for(lock, deadline_check);
    }

    const double now_s = clock_.monotonic_s();
    std::vector<Result<HostReading>> results;
    results.reserve(state_->slots.size());
    for (const auto& slot : state_->slots) {
        const bool asked_now = std::find(waiting.begin(), waiting.end(), slot.get()) != waiting.end();
        if (slot->asked) {
            results.push_back(fail(ErrorKind::unreachable, "no answer for " + seconds_text(now_s - slot->asked_at_s)));
        } else if (asked_now) {
            settle(*slot, now_s);
            results.push_back(std::move(*slot->answer));
            slot->answer.reset();
        } else if (slot->answer) {
            results.push_back(fail(ErrorKind::unreachable, "its answer came too late"));
        } else {
            const double wait_s = std::max(0.0, slot->retry_at_s - now_s);  // it may be over, since the others answered
            const std::string next = "; next try in " + seconds_text(wait_s);
            results.push_back(fail(slot->last_error.kind, slot->last_error.message + next));
        }
    }
    return results;
}

}  // namespace ballast
