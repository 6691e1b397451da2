# SPDX-License-Identifier: Apache-2.0
"""The results: one line of JSON per step as they come, and a summary with a table at the end."""
import collections
import json
import os

from .verdicts import CLASSES


class StepLog:
    """steps.jsonl: every line is on disk before the next step begins, so that a killed campaign can go on."""

    def __init__(self, path):
        self.path, self.steps = path, []

    def load(self):
        kept = 0
        if self.path.exists():
            for line in self.path.read_bytes().split(b"\n")[:-1]:  # what has no end was being written
                self.steps.append(json.loads(line))
                kept += len(line) + 1
            os.truncate(self.path, kept)

    def add(self, result):
        self.steps.append(result)
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(result) + "\n")
            file.flush()
            os.fsync(file.fileno())


def summary(steps, settings):
    counts = collections.Counter(text.split(":")[0] for step in steps for text in step["violations"])
    rows = collections.OrderedDict()
    for step in sorted(steps, key=lambda one: (one["fault"], one["moment"])):
        rows.setdefault((step["fault"], step["moment"]), []).append(step)
    return {
        **settings,
        "steps": len(steps),
        "faults_hit": sum(step["hit"] for step in steps),
        "violations": {kind: counts.get(kind, 0) for kind in CLASSES},
        "outcomes": dict(collections.Counter(step["outcome"] for step in steps)),
        "guests_restarted_after_their_QEMU_was_killed": sum(len(step["restarted"]) for step in steps),
        "guests_ended_by_an_assertion_of_QEMU": [f"step {step['step']} {step['fault']} @ {step['moment']}: {step['guest']}: "
                                                 f"{step['assertion']}" for step in steps if step["assertion"]],
        "recovery_s_max": max((step["recovery_s"] for step in steps if step["outcome"] != "parked"), default=0.0),
        "status_s_max": max((step["status_s"] for step in steps), default=0.0),
        "seconds": round(sum(step["seconds"] for step in steps)),
        "violated": [f"step {step['step']} {step['fault']} @ {step['moment']}: {text}"
                     for step in steps for text in step["violations"]],
        "table": [{"fault": fault, "moment": moment, "count": len(group), "hit": sum(step["hit"] for step in group),
                   "outcomes": dict(collections.Counter(step["outcome"] for step in group)),
                   "recovery_s_max": max(step["recovery_s"] for step in group),
                   "violations": sum(len(step["violations"]) for step in group)}
                  for (fault, moment), group in rows.items()],
    }


def text(made):
    lines = [f"{'FAULT':30}{'MOMENT':16}{'N':>3}{'HIT':>5}  {'OUTCOMES':34}{'RECOVERY s':>10}{'VIOLATIONS':>12}"]
    for row in made["table"]:
        outcomes = ", ".join(f"{count} {name}" for name, count in sorted(row["outcomes"].items()))
        lines.append(f"{row['fault']:30}{row['moment']:16}{row['count']:3}{row['hit']:5}  {outcomes:34}"
                     f"{row['recovery_s_max']:10.1f}{row['violations']:12}")
    violations = ", ".join(f"{count} {name}" for name, count in made["violations"].items())
    outcomes = ", ".join(f"{count} {name}" for name, count in sorted(made["outcomes"].items()))
    lines += ["", f"seed {made['seed']}: {made['steps']} steps ({made['faults_hit']} faults struck at their moment) on "
              f"{made['hosts']} hosts with {made['guests']} guests: {outcomes}",
              f"violations: {violations}; longest recovery that waited for nobody: {made['recovery_s_max']:.1f} s; "
              f"`status` ended well after at most {made['status_s_max']:.1f} s; {made['seconds'] / 60:.0f} minutes",
              *(f"ended by QEMU itself, {line}" for line in made["guests_ended_by_an_assertion_of_QEMU"]),
              *made["violated"]]
    return "\n".join(lines)
