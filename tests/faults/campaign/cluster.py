# SPDX-License-Identifier: Apache-2.0
"""The test cluster as the campaign drives it: hosts, guests, processes, heartbeats. Looking never changes anything."""
import concurrent.futures
import os
import pathlib
import re
import subprocess

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "cluster" / "cluster"
CACHE = pathlib.Path(os.environ.get("BALLAST_CLUSTER_CACHE", "/var/cache/ballast-cluster"))
# libvirt gives a silent peer up after 10 s instead of 30 s: more happens per hour, and the windows in which two hosts
# believe different things open more often.
KEEPALIVE = "2 4"
RAW, QCOW2 = "raw", "qcow2"
KNOWN_ASSERTION = re.compile(r"bdrv_co_write_req_prepare: Assertion `!\(bs->open_flags & BDRV_O_INACTIVE\)' failed")


def run(command, timeout=60, **options):
    """The finished command; one that takes too long counts as failed."""
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
                              timeout=timeout, **options)
    except subprocess.TimeoutExpired as late:
        text = (late.stderr or b"").decode(errors="replace") if isinstance(late.stderr, bytes) else ""
        return subprocess.CompletedProcess(command, 124, "", text + f"no answer within {timeout} s")


class Cluster:
    def __init__(self, host_count):
        self.host_count = host_count
        self.id = os.environ.setdefault("BALLAST_CLUSTER_ID", "flt")
        os.environ.setdefault("BALLAST_CLUSTER_KEEPALIVE", KEEPALIVE)
        self.hosts = [f"h{n}" for n in range(1, host_count + 1)]
        self.fabric = f"{self.id}-fabric"
        self.uris = {}
        self.uuids = {}
        self.pool = concurrent.futures.ThreadPoolExecutor(max_workers=16)

    # ---- the script

    def script(self, *arguments, timeout=300):
        return run([str(SCRIPT), *arguments], timeout)

    def must(self, *arguments, timeout=300):
        done = self.script(*arguments, timeout=timeout)
        if done.returncode != 0:
            raise RuntimeError(f"cluster {' '.join(arguments)}: {done.stderr.strip()[-800:]}")
        return done.stdout

    def up(self):
        self.must("up", str(self.host_count), "--owner", str(os.getpid()))
        self.uris = {host: self.must("uri", host).strip() for host in self.hosts}

    def repair(self):
        """Starts what was killed. A host that is hit while it comes up may need a second go."""
        for attempt in (1, 2, 3):
            done = self.script("up", timeout=120)
            if done.returncode == 0:
                return
        raise RuntimeError(f"the cluster cannot be repaired: {done.stderr.strip()[-800:]}")

    def start_node(self, node):
        """What was killed on one host, or on the NFS server, without a look at the others."""
        if self.script("host", "start", node, timeout=120).returncode != 0:
            self.repair()

    def down(self):
        self.script("down")

    def config(self):
        return self.must("config")

    def _add_guest(self, name, host, disk_format):
        done = run([str(SCRIPT), "guest", "add", name, host], 300, env=dict(os.environ, GUEST_DISK_FORMAT=disk_format))
        if done.returncode != 0:
            raise RuntimeError(f"guest add {name}: {done.stderr.strip()[-800:]}")

    def add_guests(self, names):
        """Two at a time: more would only wait for the machine. Every second disk is qcow2, which `qemu-img` can check."""
        with concurrent.futures.ThreadPoolExecutor(max_workers=2) as two:
            jobs = [two.submit(self._add_guest, name, self.hosts[i % len(self.hosts)], QCOW2 if i % 2 else RAW)
                    for i, name in enumerate(names)]
            for job in jobs:
                job.result()

    # ---- libvirt

    def virsh(self, host, *arguments, timeout=20):
        return run(["virsh", "-q", "-c", self.uris[host], *arguments], timeout)

    def definitions(self, timeout=8):
        """{guest: {host: state}}, and the hosts that did not answer. All hosts are asked at once."""
        answers = list(self.pool.map(lambda host: self.virsh(host, "list", "--all", timeout=timeout), self.hosts))
        found, silent = {}, set()
        for host, answer in zip(self.hosts, answers):
            if answer.returncode != 0:
                silent.add(host)
            for line in answer.stdout.splitlines():
                words = line.split()
                if len(words) >= 3:
                    found.setdefault(words[1], {})[host] = " ".join(words[2:])
        return found, silent

    def state(self, host, guest):
        """"running (migrated)", "shut off (crashed)", ...; "absent"; "?" if the host does not answer."""
        answer = self.virsh(host, "domstate", "--reason", guest, timeout=5)
        if answer.returncode == 0:
            return answer.stdout.strip()
        return "absent" if "failed to get domain" in answer.stderr else "?"

    def uuid(self, host, guest):
        if guest not in self.uuids:
            self.uuids[guest] = self.virsh(host, "domuuid", guest).stdout.strip()
        return self.uuids[guest]

    # ---- processes, found by the network namespace they are in

    def pids(self, node):
        try:
            inode = os.stat(f"/run/netns/{self.id}-{node}").st_ino
        except FileNotFoundError:
            return []
        found = []
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    if os.stat(f"/proc/{entry}/ns/net").st_ino == inode:
                        found.append(int(entry))
                except OSError:
                    pass  # it has just ended
        return found

    def daemon(self, node, name):
        return [pid for pid in self.pids(node) if _read(pid, "comm").strip() == name]

    def qemu(self, host, guest):
        mark = f"guest={guest},"
        return [pid for pid in self.pids(host) if mark in _read(pid, "cmdline") and "qemu" in _read(pid, "comm")]

    def exec(self, node, *command):
        return self.script("exec", node, *command, timeout=30)

    # ---- the network: the port of a node at the switch

    def link(self, port, up):
        run(["ip", "-n", self.fabric, "link", "set", port, "up" if up else "down"])

    # ---- heartbeats, read from the server's side

    def directory(self):
        return pathlib.Path(os.environ.get("BALLAST_CLUSTER_DIR", f"/var/tmp/ballast-cluster-{self.id}"))

    def image(self, guest):
        return str(self.directory() / "export" / f"{guest}.img")

    def logs(self, host):
        return self.directory() / "hosts" / host / "root/var/log/libvirt"

    def _guest_log(self, host, guest):
        return self.logs(host) / "qemu" / f"{guest}.log"

    def guest_log_size(self, host, guest):
        log = self._guest_log(host, guest)
        return log.stat().st_size if log.exists() else 0

    def assertion(self, host, guest, log_size_before):
        """The one with which QEMU is known to end the source (docs/faults.md), if the guest's has since its log had that
        size; or None."""
        log = self._guest_log(host, guest)
        if not log.exists():
            return None
        with open(log, "rb") as file:
            file.seek(log_size_before)
            lines = file.read().decode(errors="replace").splitlines()
        return next((line for line in lines if KNOWN_ASSERTION.search(line)), None)

    def beat(self, guest):
        """(counter, boots, conflicts), or None."""
        words = run([str(CACHE / "guest" / "beatcheck"), "--header", self.image(guest)]).stdout.split()
        return (int(words[0]), int(words[2]), int(words[3])) if len(words) == 4 else None

    def beats(self, guests):
        """{guest: beat(guest)}, in the order of their names; all are looked at at once."""
        guests = sorted(guests)
        return dict(zip(guests, self.pool.map(self.beat, guests)))

    def audit(self, guest):
        """None, or what is wrong with the heartbeat. Starts from the disk are counted elsewhere."""
        done = run([str(CACHE / "guest" / "beatcheck"), "--allow-reboot", self.image(guest)])
        return None if done.returncode == 0 else f"{done.stderr.strip().split('.img: ')[-1]} {done.stdout.strip()}"

    def image_damage(self, guest):
        """None, or what `qemu-img check` finds in a qcow2 disk. All its clusters are allocated, so it holds while the
        guest runs; a raw disk has nothing to check."""
        with open(self.image(guest), "rb") as file:
            if file.read(4) != b"QFI\xfb":
                return None
        done = run(["qemu-img", "check", "--force-share", "-f", QCOW2, self.image(guest)])
        return None if done.returncode == 0 else f"qemu-img check: {(done.stdout + done.stderr).strip()[-300:]}"


def _read(pid, name):
    try:
        with open(f"/proc/{pid}/{name}", errors="replace") as file:
            return file.read().replace("\0", " ")
    except OSError:
        return ""
