# SPDX-License-Identifier: Apache-2.0
"""The faults: how each is inflicted and lifted, whom it may kill, and what it may make Ballast say.

A fault knows its scene (scene.py): the guest, its move, the program. `inject` does it; it lasts `hold_s`; `lift` ends
it. `deadly(scene)` are the guests whose own QEMU it kills: those it may cost their memory, and nothing else may.
"""
import os
import signal
import subprocess
import time


class Fault:
    kind = ""
    hold_s = (0.0, 0.0)        # seeded between these
    outlasts_apply = False     # lasts until `apply` has ended, up to the longest
    kills_ballast = False
    slow_disk_ms = 0           # a journal on a slow disk: its moments last longer
    cuts = False               # "does not answer" is a true word

    def __init__(self, target=""):
        self.target = target   # "source", "destination", "machine", ...

    @property
    def name(self):
        return f"{self.kind} {self.target}".strip()

    def node(self, scene):
        return {"source": scene.source, "destination": scene.destination}.get(self.target, self.target)

    def inject(self, scene):
        raise NotImplementedError

    def lift(self, scene):
        pass

    def deadly(self, scene):
        return set()


def kill(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    return len(pids)


class BallastKilled(Fault):
    """kill -9 of ballast. For the moments of a failed migration, the failure is caused first."""
    kind, kills_ballast, slow_disk_ms = "ballast killed", True, 60

    def prepare(self, scene):
        """What has to happen for the moment to come; called at pre-copy."""
        if scene.moment == "rolled-back":
            kill(scene.cluster.qemu(scene.destination, scene.guest))
        if scene.moment == "needs-operator":
            kill(scene.cluster.qemu(scene.source, scene.guest))

    def inject(self, scene):
        if scene.apply.poll() is not None:
            scene.hit = False  # it was faster
        scene.apply.kill()
        scene.apply.wait()

    def deadly(self, scene):
        return {scene.guest} if scene.moment == "needs-operator" else set()


class RecoverKilled(Fault):
    """The executor dies at the switch-over, and so does the first `recover`."""
    kind, kills_ballast, slow_disk_ms = "recover killed", True, 60

    def inject(self, scene):
        scene.apply.kill()
        scene.apply.wait()
        recover = scene.ballast.start("recover", slow_disk_ms=60, name="recover-killed")
        time.sleep(scene.random.uniform(0.05, 2.5))
        scene.hit = recover.poll() is None
        recover.kill()
        recover.wait()


class LibvirtdKilled(Fault):
    kind, hold_s, cuts = "libvirtd killed", (0.5, 8.0), True

    def inject(self, scene):
        scene.hit = kill(scene.cluster.daemon(self.node(scene), "libvirtd")) > 0

    def lift(self, scene):
        scene.cluster.start_node(self.node(scene))


class QemuKilled(Fault):
    kind = "QEMU killed"

    def inject(self, scene):
        scene.hit = kill(scene.cluster.qemu(self.node(scene), scene.guest)) > 0

    def deadly(self, scene):
        if self.target == "source" or scene.moment in ("switchover", "after", "closed"):
            return {scene.guest}
        return set()


class LinkDown(Fault):
    kind, hold_s, cuts = "link down", (3.0, 20.0), True

    def inject(self, scene):
        scene.cluster.link(self.node(scene), up=False)

    def lift(self, scene):
        scene.cluster.link(self.node(scene), up=True)


class LossyLink(Fault):
    """Half of what arrives at the host, or leaves it, is dropped."""
    kind, hold_s, cuts = "50 % loss", (5.0, 20.0), True

    def inject(self, scene):
        netns = f"{scene.cluster.id}-{self.node(scene)}"
        hook = scene.random.choice(["input", "output"])
        rules = (f"table inet faults {{ chain loss {{\ntype filter hook {hook} priority 0\n"
                 "numgen random mod 2 == 0 drop\n}\n}\n")
        done = subprocess.run(["ip", "netns", "exec", netns, "nft", "-f", "-"], input=rules, text=True,
                              capture_output=True, check=False)
        scene.hit = done.returncode == 0
        scene.remark(done.stderr.strip() or hook)

    def lift(self, scene):
        netns = f"{scene.cluster.id}-{self.node(scene)}"
        subprocess.run(["ip", "netns", "exec", netns, "nft", "delete", "table", "inet", "faults"], check=False,
                       capture_output=True)


class SlowLink(Fault):
    """1 Mbit/s in both directions."""
    kind, hold_s, cuts = "1 Mbit/s", (5.0, 20.0), True
    shape = ["root", "tbf", "rate", "1mbit", "burst", "16kb", "latency", "400ms"]

    def _ends(self, scene):
        return (["-n", scene.cluster.fabric, "qdisc"], self.node(scene)), \
               (["-n", f"{scene.cluster.id}-{self.node(scene)}", "qdisc"], "eth0")

    def inject(self, scene):
        done = [subprocess.run(["tc", *where, "replace", "dev", device, *self.shape], capture_output=True, text=True,
                               check=False) for where, device in self._ends(scene)]
        scene.hit = all(one.returncode == 0 for one in done)

    def lift(self, scene):
        for where, device in self._ends(scene):
            subprocess.run(["tc", *where, "del", "dev", device, "root"], capture_output=True, check=False)


class NfsStopped(Fault):
    """The server stops answering and goes on later; every guest's disk stands still meanwhile."""
    kind, hold_s = "NFS stopped", (3.0, 12.0)

    def inject(self, scene):
        self.pids = scene.cluster.daemon("nfs", "ganesha.nfsd")
        scene.hit = bool(self.pids)
        for pid in self.pids:
            os.kill(pid, signal.SIGSTOP)

    def lift(self, scene):
        for pid in self.pids:
            os.kill(pid, signal.SIGCONT)


class NfsRestarted(Fault):
    """The server is killed and comes back."""
    kind, hold_s = "NFS restarted", (1.0, 8.0)

    def inject(self, scene):
        scene.hit = kill(scene.cluster.daemon("nfs", "ganesha.nfsd")) > 0

    def lift(self, scene):
        scene.cluster.start_node("nfs")


class DiskFull(Fault):
    kind, hold_s = "journal disk full", (4.0, 12.0)

    def inject(self, scene):
        self.filler = scene.ballast.disk / "filler"
        with open(self.filler, "wb", buffering=0) as file:
            for size in (65536, 4096):
                try:
                    while True:
                        file.write(b"\0" * size)
                except OSError:
                    pass

    def lift(self, scene):
        self.filler.unlink()


class HostOff(Fault):
    """No process of the host is left and its cable is dead; then it boots again, with nothing running."""
    kind, hold_s, cuts = "host off", (4.0, 15.0), True

    def inject(self, scene):
        host = self.node(scene)
        scene.cluster.link(host, up=False)
        self.on_it = {guest for guest, where in scene.guests_on_hosts_before.items() if where == host}
        while kill(scene.cluster.pids(host)):
            time.sleep(0.05)

    def lift(self, scene):
        scene.cluster.start_node(self.node(scene))

    def deadly(self, scene):
        at_stake = set(self.on_it)
        if self.target == "source" and scene.moment in ("after", "closed"):
            at_stake.discard(scene.guest)  # it had left, whole: its memory must survive
        if self.target == "destination" and scene.moment in ("switchover", "after", "closed"):
            at_stake.add(scene.guest)
        return at_stake


class HostStaysOff(HostOff):
    """Off for longer than Ballast waits: it must hand over to a person by itself, with a true reason."""
    kind, hold_s, outlasts_apply = "host stays off", (5.0, 150.0), True


class SecondExecutor(Fault):
    """Another `ballast apply` of another move on the same journal."""
    kind = "second executor"

    def inject(self, scene):
        others = sorted(name for name, host in scene.guests_on_hosts_before.items() if name != scene.guest)
        other = scene.random.choice(others)
        host = scene.guests_on_hosts_before[other]
        away = scene.random.choice([h for h in scene.cluster.hosts if h != host])
        plan = scene.ballast.plan(other, host, away, name="second")
        scene.second = scene.ballast.start("apply", plan, name="second")
        if scene.moment != "before":
            scene.second.wait(timeout=60)


class ClockJump(Fault):
    """The calendar clock of the running program jumps by an hour or a day."""
    kind = "clock jump"

    def inject(self, scene):
        day = scene.random.choice([3600, 86400])
        scene.ballast.jump(day if self.target == "forward" else -day)

    def lift(self, scene):
        pass  # the clock stays wrong until the program has ended; see Scene.finish


class ClockJumpKilled(ClockJump):
    """The clock jumps and the program is killed: `recover` then reads records of another time."""
    kind, kills_ballast = "clock jump, killed", True

    def inject(self, scene):
        super().inject(scene)
        time.sleep(0.2)
        scene.apply.kill()
        scene.apply.wait()
