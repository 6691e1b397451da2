# SPDX-License-Identifier: Apache-2.0
"""The program under test: its configuration, its plans, its processes, and its journal as an onlooker sees it."""
import json
import os
import pathlib
import re
import sqlite3
import struct
import subprocess
import time

from .cluster import run

JOURNAL_BYTES = 4 << 20  # the size of the file system the journal is on: small enough to be filled at once
# Slow enough for the copying to be hit; where something later is to be hit, the way there is short.
SLOW_MIB_PER_S, FAST_MIB_PER_S = 16, 48
TELEMETRY_INTERVAL_S = 0.2  # what the loads are is of no interest here
OPEN_STATES = ("intended", "migrating", "verifying", "needs-operator")


class Ballast:
    def __init__(self, program, cluster, directory):
        self.program, self.cluster, self.directory = str(program), cluster, pathlib.Path(directory)
        self.config = self.directory / "ballast.toml"
        self.disk = self.directory / "disk"  # of the journal
        self.journal = self.disk / "journal.db"
        self.clock_file = self.directory / "clock"
        self.shim = self.directory / "shim.so"

    # ---- set-up

    def prepare(self):
        self.disk.mkdir(parents=True, exist_ok=True)
        self.unmount()  # of a campaign that was killed
        done = run(["mount", "-t", "tmpfs", "-o", f"size={JOURNAL_BYTES}", "faults", str(self.disk)])
        if done.returncode != 0:
            raise RuntimeError(f"cannot mount a small file system for the journal: {done.stderr.strip()}")
        source = pathlib.Path(__file__).resolve().parents[1] / "shim.c"
        done = run(["gcc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o",
                    str(self.shim), str(source)])
        if done.returncode != 0:
            raise RuntimeError(f"the shim does not compile: {done.stderr}")
        self.jump(0)
        hosts = re.sub(r"(?m)^(uri = .*)$", r"\1\ncpu_mhz = 100000\nmhz_per_cpu = 1000\nmemory_mib = 16384",
                       self.cluster.config())
        self.config_text = hosts + (f'[telemetry]\ninterval_s = {TELEMETRY_INTERVAL_S}\nhost_cpu = "guests"\n'
                                    f'[executor]\njournal = "{self.journal}"\n')
        self.choose_pace(SLOW_MIB_PER_S)

    def choose_pace(self, mib_per_s):
        """Of the migrations from now on."""
        self.config.write_text(f"{self.config_text}bandwidth_mib_per_s = {mib_per_s}\n")

    def unmount(self):
        while os.path.ismount(self.disk) and run(["umount", "-l", str(self.disk)]).returncode == 0:
            pass

    def jump(self, seconds):
        """The calendar clock of every ballast that was started with a clock of its own."""
        with open(self.clock_file, "r+b" if self.clock_file.exists() else "wb") as file:
            file.write(struct.pack("=q", int(seconds)))

    # ---- running it

    def plan(self, guest, source, destination, name="plan"):
        action = {"id": 0, "kind": "migrate", "vm": guest, "uuid": self.cluster.uuid(source, guest), "from": source,
                  "host": destination, "after": [],
                  "reason": {"code": "relieve-overload", "resource": "cpu", "value": 0.9, "limit": 0.8},
                  "predicted": {"duration_s": 3, "downtime_s": 0.5, "bytes": 1e8}}
        path = self.directory / f"{name}.json"
        path.write_text(json.dumps({"format": "ballast-plan", "version": 1, "policy": "by hand", "actions": [action],
                                    "left_out": []}))
        return path

    def start(self, command, *arguments, slow_disk_ms=0, name=None):
        """A process in the background; its output is in the file `log`."""
        environment = dict(os.environ, LD_PRELOAD=str(self.shim), FAULTS_CLOCK_FILE=str(self.clock_file),
                           FAULTS_SYNC_DELAY_MS=str(slow_disk_ms))
        log = self.directory / f"{name or command}.log"
        with open(log, "wb") as file:
            process = subprocess.Popen([self.program, command, "--config", str(self.config), *map(str, arguments)],
                                       stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
                                       env=environment)
        process.log = log
        return process

    def run(self, command, *arguments, timeout=240):
        """(exit code, everything it said, seconds)."""
        begin = time.monotonic()
        done = run([self.program, command, "--config", str(self.config), *map(str, arguments)], timeout)
        return done.returncode, done.stdout + done.stderr, time.monotonic() - begin

    # ---- the journal, read by a bystander

    def rows(self, query, *values):
        if not self.journal.exists():
            return []
        try:
            with sqlite3.connect(f"file:{self.journal}?mode=ro", uri=True, timeout=0.2) as database:
                return database.execute(query, values).fetchall()
        except sqlite3.Error:
            return []  # not there yet, or busy: looked at again
        finally:
            if "database" in locals():
                database.close()

    def last_id(self):
        rows = self.rows("SELECT coalesce(max(id), 0) FROM migrations")
        return rows[0][0] if rows else 0

    def last_plan(self):
        rows = self.rows("SELECT coalesce(max(id), 0) FROM plans")
        return rows[0][0] if rows else 0

    def record(self, after_id):
        """(state, note) of the newest migration since, or None."""
        rows = self.rows("SELECT state, note FROM migrations WHERE id > ? ORDER BY id DESC LIMIT 1", after_id)
        return rows[0] if rows else None

    def states_passed(self, after_id):
        return [row[0] for row in self.rows("SELECT state FROM transitions WHERE migration_id > ? ORDER BY id",
                                            after_id)]

    def open_records(self):
        marks = ",".join("?" * len(OPEN_STATES))
        return self.rows(f"SELECT id, vm_name, state, note FROM migrations WHERE state IN ({marks})", *OPEN_STATES)

    def unfinished_plans(self):
        return [row[0] for row in self.rows("SELECT id FROM plans WHERE outcome = ''")]
