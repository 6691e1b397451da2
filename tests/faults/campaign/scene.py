# SPDX-License-Identifier: Apache-2.0
"""One step of the campaign: a guest, its move, a fault at a moment; then what Ballast makes of it."""
import random
import re
import time

from . import moments, person, verdicts
from .ballast import FAST_MIB_PER_S, SLOW_MIB_PER_S
from .faults import BallastKilled

APPLY_WAIT_S = 240.0  # Ballast itself gives up on a silent host after 120 s
ROUNDS_MAX = 4        # of `recover`, with what it told the person to do between


class Scene:
    def __init__(self, seed, number, card, cluster, ballast, boots, patience=1.0):
        fault_class, target, self.moment = card
        self.number, self.cluster, self.ballast = number, cluster, ballast
        self.random = random.Random(f"step {seed} {number}")
        self.fault = fault_class(target)
        self.boots = boots          # {guest: how often it may have booted}; the campaign's, changed when one is started
        self.patience = patience    # 0: every fault is lifted as soon as its kind allows; 1: up to its longest
        self.hit = True             # the fault struck when it should have
        self.remarks, self.problems = [], []
        self.apply = self.watch = self.second = None
        self.said_by_apply = self.said_by_recover = self.said_by_status = ""
        self.outcome, self.parked, self.recovery_s = "none", False, None
        self.status_s = 0.0         # until `status` ended well, counted as recovery is
        self.restarted = set()      # guests that the person started from their disks
        self.assertion = None       # with which the guest's QEMU ended itself

    def remark(self, text):
        self.remarks.append(text)

    def violated(self, what, text):
        self.problems.append(f"{what}: {text}")

    def deadly(self):
        """Guests whose memory this step may cost: the fault kills their QEMU, or that of the source ended itself by the
        assertion that is known. Nobody outside of QEMU can prevent the latter; it is counted, and shown at the end."""
        if self.assertion is None:
            self.assertion = self.cluster.assertion(self.source, self.guest, self.log_size)
        return self.fault.deadly(self) | ({self.guest} if self.assertion else set())

    # ---- the course of a step

    def play(self):
        self.begun = time.monotonic()
        self._choose()
        try:
            self._strike()
            self._let_it_end()
        finally:
            self._clean_up()
        self._recover()
        self.recovered = time.monotonic()
        verdicts.judge(self)
        return self._result()

    def _choose(self):
        found, _ = self.cluster.definitions()
        self.guests_on_hosts_before = {guest: host for guest, where in found.items()
                                       for host, state in where.items() if state == "running"}
        self.guest = self.random.choice(sorted(self.guests_on_hosts_before))
        self.source = self.guests_on_hosts_before[self.guest]
        self.destination = self.random.choice([h for h in self.cluster.hosts if h != self.source])
        self.log_size = self.cluster.guest_log_size(self.source, self.guest)
        self.last_id, self.last_plan = self.ballast.last_id(), self.ballast.last_plan()
        self.plan = self.ballast.plan(self.guest, self.source, self.destination)
        self.ballast.choose_pace(FAST_MIB_PER_S if self.moment in moments.PAST_THE_COPYING else SLOW_MIB_PER_S)

    def _strike(self):
        self.watch = moments.SwitchoverWatch(self.cluster, self.source, self.guest)
        if self.moment == "rejected":
            self._take_the_name()
        if self.moment == "before":
            self._inject()
            self._start()
        else:
            self._start()
            self._await_moment()
            self._inject()
        self._hold()
        self.fault.lift(self)
        self.lifted = time.monotonic()

    def _hold(self):
        """For a time that is chosen, but no longer than there is something to disturb."""
        shortest, longest = self.fault.hold_s
        chosen = shortest + self.random.random() * (longest - shortest) * self.patience
        begin = time.monotonic()
        time.sleep(shortest)
        while time.monotonic() < begin + (longest if self.fault.outlasts_apply else chosen) and self.apply.poll() is None:
            time.sleep(0.05)
        self.hold_s = time.monotonic() - begin

    def _start(self):
        self.started = time.monotonic()
        self.apply = self.ballast.start("apply", self.plan, slow_disk_ms=self.fault.slow_disk_ms)

    def _await_moment(self):
        if isinstance(self.fault, BallastKilled) and self.moment in ("rolled-back", "needs-operator"):
            moments.wait_for(self, "precopy")
            self.fault.prepare(self)
        if not moments.wait_for(self, self.moment):
            self.hit = False

    def _inject(self):
        record = self.ballast.record(self.last_id)
        self.journal_at_fault = record[0] if record else "-"
        self.struck = time.monotonic()
        self.fault.inject(self)

    # Another VM of that name on the destination: pre-flight must refuse.
    def _take_the_name(self):
        file = self.ballast.directory / "namesake.xml"
        xml = self.cluster.must("guest", "xml", self.guest)
        file.write_text(re.sub(r"<uuid>.{8}", "<uuid>facade00", xml))
        self.cluster.virsh(self.destination, "define", str(file))

    def _let_it_end(self):
        try:
            self.apply.wait(timeout=APPLY_WAIT_S)
        except Exception:  # noqa: BLE001 - subprocess.TimeoutExpired
            self.violated("stuck", f"`ballast apply` did not end within {APPLY_WAIT_S:.0f} s")
            self.apply.kill()
            self.apply.wait()
        self.ended = time.monotonic()
        if self.second is not None:
            self.second.wait(timeout=APPLY_WAIT_S)
        self.said_by_apply = self.apply.log.read_text(errors="replace")

    def _clean_up(self):
        for process in (self.apply, self.second):  # alive only if the campaign itself was interrupted
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()
        if self.watch is not None:
            self.watch.end()
        self.ballast.jump(0)
        if self.moment == "rejected":
            self.cluster.virsh(self.destination, "undefine", self.guest)

    # ---- recovery, with a person who does what he is told and nothing else

    def _recover(self):
        self.recovery_s = max(0.0, self.ended - self.lifted)
        if self.fault.kills_ballast and self.random.random() < 0.5:
            self._look_first()
        record = self.ballast.record(self.last_id)
        if record:
            self.outcome, self.parked = record[0], record[0] == "needs-operator"
        for number in range(ROUNDS_MAX):
            code, said, seconds = self.ballast.run("recover")
            self.said_by_recover += said
            if number == 0:
                self.recovery_s += seconds
                record = self.ballast.record(self.last_id)
                if record and not self.parked:
                    self.outcome = record[0]
                self.parked = self.parked or code == 4
            if code == 0:
                return
            if code != 4:
                self.violated("stuck", f"recover ended with {code}: {said[-300:]}")
                return
            for _, guest, _, note in self.ballast.open_records():
                person.do_as_told(self, guest, note)
        self.violated("stuck", f"still open after {ROUNDS_MAX} rounds of doing as told: {self.said_by_recover[-600:]}")

    # Half of the time: who looks first recovers what libvirt has ended by itself meanwhile, who does not meets it at work.
    def _look_first(self):
        open_before = self.ballast.open_records()
        code, self.said_by_status, _ = self.ballast.run("status")
        if open_before and f"OPEN: {self.guest}" not in self.said_by_status:
            self.violated("words", f"status hides the open migration (exit {code}): {self.said_by_status[-300:]}")

    def _times(self):
        """When what happened, in seconds since the step began."""
        times = {name: getattr(self, name) for name in ("started", "struck", "lifted", "ended", "recovered")}
        times["judged"] = time.monotonic()
        return {name: round(at - self.begun, 1) for name, at in times.items()}

    def _result(self):
        return {"step": self.number, "fault": self.fault.name, "moment": self.moment, "hit": self.hit,
                "guest": self.guest, "source": self.source, "destination": self.destination,
                "journal_at_fault": self.journal_at_fault, "hold_s": round(self.hold_s, 2),
                "states": self.ballast.states_passed(self.last_id),
                "outcome": "parked" if self.parked else self.outcome, "apply_exit": self.apply.returncode,
                "at_s": self._times(),
                "recovery_s": round(self.recovery_s, 2), "status_s": round(self.status_s, 2),
                "restarted": sorted(self.restarted), "assertion": self.assertion,
                "remarks": self.remarks, "violations": self.problems,
                "apply_said": self.said_by_apply[-1500:], "recover_said": self.said_by_recover[-3000:],
                "status_said": self.said_by_status[-1500:] if self.problems else ""}
