// SPDX-License-Identifier: Apache-2.0
// What the exporter counts: the counters, histograms and single gauges that live as long as the program. For
// exporter.cpp only.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <memory>

namespace ballast {

// A figure of migrations that were carried out: what was predicted, what was measured, and the one over the other.
struct Compared {
    prometheus::Counter& predicted;
    prometheus::Counter& measured;
    prometheus::Histogram& ratio;

    // Neither value counts unless both are finite and the prediction is positive.
    void observe(double predicted_value, double measured_value);
};

struct ExporterInstruments {
    // What can be counted from the beginning is there at zero, so that the first event is a step.
    explicit ExporterInstruments(prometheus::Registry& registry);

    prometheus::Family<prometheus::Gauge>& mode;
    prometheus::Gauge& hold;

    prometheus::Histogram& collect_s;
    prometheus::Histogram& decide_s;
    prometheus::Histogram& turn_s;
    prometheus::Counter& turns_failed;
    prometheus::Family<prometheus::Counter>& reloads;

    prometheus::Family<prometheus::Counter>& decisions;
    prometheus::Family<prometheus::Counter>& moves;
    prometheus::Family<prometheus::Counter>& refusals;
    prometheus::Counter& left_out;
    prometheus::Family<prometheus::Counter>& plans;

    prometheus::Family<prometheus::Counter>& migrations;
    prometheus::Histogram& duration_s;
    prometheus::Histogram& downtime_s;
    prometheus::Counter& transferred_bytes;
    Compared duration;
    Compared downtime;
    Compared transferred;
    prometheus::Family<prometheus::Counter>& switches;
    prometheus::Family<prometheus::Counter>& fences;

    prometheus::Gauge& migrations_open;
    prometheus::Gauge& needs_operator;
    prometheus::Gauge& switches_open;
    prometheus::Gauge& hosts_quarantined;
    prometheus::Gauge& journal_bytes;
    prometheus::Gauge& writing;
};

}  // namespace ballast
