# SPDX-License-Identifier: Apache-2.0
"""What must be true after every step. Each violation begins with its class:

  twice       a guest ran on two hosts
  lost        a guest is gone that neither a fault nor its own QEMU killed, or cannot be started again from its disk
  corrupt     the heartbeat's audit found a beat missing, doubled, or memory older than it should be; or `qemu-img
              check` found something
  stuck       a migration or a plan is still open after `recover`
  slow        recovery took longer than 30 s and waited for nobody
  words       what Ballast said is missing or not true
  leftover    a closed migration left a second definition behind, or a paused guest
"""
import re
import time

from .person import start_from_disk

RECOVERY_S_MAX = 30.0
STATUS_PAUSE_S = 1.0
BEAT_WAIT_S = 45.0
CLASSES = ("twice", "lost", "corrupt", "stuck", "slow", "words", "leftover")


def judge(scene):
    found, silent = scene.cluster.definitions(timeout=20)
    if silent:
        scene.cluster.repair()
        found, silent = scene.cluster.definitions(timeout=20)
    _everybody_once(scene, found)
    _outcome_is_true(scene, found)
    status = scene.cluster.pool.submit(_nothing_open, scene)  # it waits most of its time; so do the heartbeats
    _second_was_refused(scene)
    _refusal_has_a_reason(scene)
    if not scene.parked and scene.recovery_s > RECOVERY_S_MAX:
        scene.violated("slow", f"recovery took {scene.recovery_s:.1f} s")
    _everybody_beats(scene)
    status.result()


def _everybody_once(scene, found):
    deadly = scene.deadly()
    down = []
    for guest in sorted(scene.boots):
        where = found.get(guest, {})
        running = [host for host, state in where.items() if state == "running"]
        if len(running) > 1:
            scene.violated("twice", f"{guest} runs on {' and '.join(running)}")
        elif not running and any(state != "shut off" for state in where.values()):
            scene.violated("leftover", f"{guest} is left {where}")
        elif not running:
            if guest not in deadly:
                scene.violated("lost", f"{guest} runs nowhere: {where}")
            down.append(guest)
        if len(where) > 1:
            scene.violated("leftover", f"{guest} is defined twice: {where}")
    list(scene.cluster.pool.map(lambda guest: start_from_disk(scene, guest, found.get(guest, {})), down))


def _outcome_is_true(scene, found):
    where = {"done": scene.destination, "rolled-back": scene.source, "rejected": scene.source}.get(scene.outcome)
    if scene.parked or where is None or scene.second is not None:
        return
    if scene.guest not in scene.restarted and found.get(scene.guest, {}).get(where) != "running":
        scene.violated("words", f"the journal says {scene.outcome}, but {scene.guest} is {found.get(scene.guest)}")


def _nothing_open(scene):
    for record in scene.ballast.open_records():
        scene.violated("stuck", f"open in the journal: {record}")
    plans = scene.ballast.unfinished_plans()
    if plans:
        scene.violated("stuck", f"plans without an outcome: {plans}")
    _status_ends_well(scene)


def _status_ends_well(scene):
    """Judged as recovery is: within its time, because a cable that was plugged in again carries nothing at once."""
    begin = scene.recovered if scene.parked else scene.lifted
    while True:
        code, said, _ = scene.ballast.run("status")
        now = time.monotonic()
        well = code == 0 and not re.search(r"^OPEN", said, re.M)
        if well or now + STATUS_PAUSE_S > begin + RECOVERY_S_MAX:
            break
        time.sleep(STATUS_PAUSE_S)
    scene.status_s = now - begin
    if not well:
        scene.violated("stuck", f"status does not end well within {RECOVERY_S_MAX:.0f} s (exit {code}): {said[-400:]}")


def _second_was_refused(scene):
    if scene.second is None:
        return
    codes = (scene.apply.returncode, scene.second.returncode)
    said = scene.said_by_apply + scene.second.log.read_text(errors="replace")
    if codes.count(3) != 1 or "another ballast" not in said:
        scene.violated("words", f"of two executors one must be refused: exit {codes}: {said[-400:]}")


def _refusal_has_a_reason(scene):
    """Nothing was begun: then it must say whose fault that is."""
    if scene.outcome != "none" or scene.fault.kills_ballast:
        return
    reasons = {"second executor": "another ballast", "journal disk full": "journal"}
    reason = reasons.get(scene.fault.kind, scene.fault.node(scene))
    said = "\n".join(line for line in scene.said_by_apply.splitlines() if line.startswith(("ballast: ", "[")))
    if scene.apply.returncode == 0 or reason not in said:
        scene.violated("words", f"nothing was begun (exit {scene.apply.returncode}), without a word of {reason}: "
                       f"{scene.said_by_apply[-300:]}")


def _everybody_beats(scene):
    """Every heart beats on, has booted as often as it was started, and its record is whole."""
    before = scene.cluster.beats(scene.boots)
    waiting, end = set(scene.boots), time.monotonic() + BEAT_WAIT_S
    while waiting and time.monotonic() < end:
        time.sleep(0.3)
        for guest, now in scene.cluster.beats(waiting).items():
            if now and before[guest] and now[0] >= before[guest][0] + 2 and now[1] >= scene.boots[guest]:
                waiting.discard(guest)
    for guest in sorted(waiting):
        scene.violated("lost", f"the heart of {guest} does not beat within {BEAT_WAIT_S:.0f} s")
    guests = sorted(scene.boots)
    damages = scene.cluster.pool.map(scene.cluster.image_damage, guests)
    audits = scene.cluster.pool.map(scene.cluster.audit, guests)
    for guest, damage, audit in zip(guests, damages, audits):
        if damage:
            scene.violated("corrupt", f"{guest}: {damage}")
        if audit:
            scene.violated("twice" if "two copies" in audit else "corrupt", f"{guest}: {audit[-300:]}")
    for guest, beat in scene.cluster.beats(guests).items():
        if beat and beat[1] != scene.boots[guest]:
            scene.violated("lost", f"{guest} has booted {beat[1]} times instead of {scene.boots[guest]}")
            scene.boots[guest] = beat[1]
