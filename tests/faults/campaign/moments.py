# SPDX-License-Identifier: Apache-2.0
"""When a fault strikes: the moments of one migration, and how they are recognised from outside.

  before      the migration is asked for after the fault
  intended, migrating, verifying, done, rolled-back, rejected, needs-operator
              the journal has just said so
  precopy     memory is being copied (some random time into it)
  switchover  the guest has just been stopped on the source
  after       libvirt has moved the guest; Ballast is about to resume it there (`verifying`), or has just done so
  closed      the journal has closed the migration
"""
import subprocess
import threading
import time

JOURNAL_MOMENTS = ("intended", "migrating", "verifying", "done", "rolled-back", "rejected", "needs-operator")
PAST_THE_COPYING = ("switchover", "after", "closed", "verifying", "done", "rejected")
WAIT_S = 60.0  # no moment of a migration that can be reached takes longer
LOOK_S = 0.002


class SwitchoverWatch:
    """Tells from libvirt's own event when the source's guest was stopped for the switch-over."""

    def __init__(self, cluster, host, guest):
        self.stopped = threading.Event()
        self.process = subprocess.Popen(
            ["stdbuf", "-oL", "virsh", "-q", "-c", cluster.uris[host], "event", "--domain", guest, "--event",
             "lifecycle", "--loop"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            if "Suspended Migrated" in line:
                self.stopped.set()

    def end(self):
        self.process.kill()
        self.process.wait()


def wait_for(scene, moment):
    """True once the moment is there; False if the migration ended (or nothing happened) without it."""
    if moment == "before":
        return True
    end = time.monotonic() + WAIT_S
    if moment == "switchover":
        return _until(scene, end, scene.watch.stopped.is_set, pause_s=LOOK_S)
    if moment == "precopy":
        return _until(scene, end, lambda: _copying(scene), pause_s=0.02) and _some_time_later(scene)
    if moment == "after":
        return _until(scene, end, lambda: _reached(scene, ("verifying", "done", "rolled-back", "needs-operator")))
    if moment == "closed":
        return _until(scene, end, lambda: _reached(scene, ("done", "rolled-back", "rejected", "needs-operator")))
    assert moment in JOURNAL_MOMENTS, moment
    return _until(scene, end, lambda: _reached(scene, (moment,)))


def _until(scene, end, reached, pause_s=LOOK_S):
    while time.monotonic() < end:
        if reached():
            return True
        if scene.apply.poll() is not None:
            return reached()
        time.sleep(pause_s)
    return False


def _reached(scene, states):
    record = scene.ballast.record(scene.last_id)
    return record is not None and record[0] in states


def _copying(scene):
    answer = scene.cluster.virsh(scene.source, "domjobinfo", scene.guest, timeout=5)
    return answer.returncode == 0 and "Memory remaining" in answer.stdout


def _some_time_later(scene):
    time.sleep(scene.random.uniform(0.0, 1.0))
    return not scene.watch.stopped.is_set() and scene.apply.poll() is None
