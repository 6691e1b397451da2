# SPDX-License-Identifier: Apache-2.0
"""Which fault strikes at which moment, and in which order: a deck that is shuffled by the seed and dealt to its end
before any card comes again."""
import random

from . import faults

SIDES = ("source", "destination")
PHASES = ("precopy", "switchover", "after")


def cases():
    """(fault, moment) pairs; a fault is made anew for each."""
    made = []

    def add(fault, *moments):
        made.extend((fault, moment) for moment in moments)

    add(faults.BallastKilled, "intended", "migrating", "precopy", "switchover", "verifying", "done", "rolled-back",
        "rejected", "needs-operator")
    add(faults.RecoverKilled, "switchover", "after")
    listed = [(fault, "", moment) for fault, moment in made]
    for side in SIDES:
        for kind in (faults.LibvirtdKilled, faults.LinkDown, faults.LossyLink, faults.SlowLink, faults.HostOff):
            listed.extend((kind, side, moment) for moment in ("before", *PHASES))
    listed.extend((faults.QemuKilled, "source", moment) for moment in ("precopy", "switchover"))
    listed.extend((faults.QemuKilled, "destination", moment) for moment in (*PHASES, "closed"))
    listed.extend((faults.LinkDown, "machine", moment) for moment in PHASES)  # the program's own cable
    for kind in (faults.NfsStopped, faults.NfsRestarted):
        listed.extend((kind, "", moment) for moment in PHASES)
    listed.extend((faults.DiskFull, "", moment) for moment in ("before", "intended", *PHASES))
    listed.extend((faults.SecondExecutor, "", moment) for moment in ("before", "precopy"))
    for way in ("forward", "back"):
        listed.extend((faults.ClockJump, way, moment) for moment in PHASES)
        listed.append((faults.ClockJumpKilled, way, "precopy"))
    listed.extend((faults.HostStaysOff, side, "precopy") for side in SIDES)
    return listed


# The kinds of fault, at the moments that are hardest; within four minutes on two busy cores, so 1 Mbit/s, a restarted
# NFS server and a host that stays off are left to the long campaign.
CI = [
    (faults.BallastKilled, "", "switchover"),
    (faults.BallastKilled, "", "verifying"),
    (faults.RecoverKilled, "", "switchover"),
    (faults.LibvirtdKilled, "destination", "switchover"),
    (faults.LossyLink, "destination", "precopy"),
    (faults.QemuKilled, "source", "precopy"),
    (faults.QemuKilled, "destination", "switchover"),
    (faults.LinkDown, "destination", "precopy"),
    (faults.NfsStopped, "", "switchover"),
    (faults.DiskFull, "", "precopy"),
    (faults.HostOff, "source", "after"),
    (faults.SecondExecutor, "", "precopy"),
    (faults.ClockJump, "back", "precopy"),
]


def deal(seed, count, subset=None, only=None):
    """The first `count` (fault class, target, moment) of this seed."""
    cards = CI if subset == "ci" else cases()
    if only:
        cards = [card for card in cards if only in f"{card[0](card[1]).name} @ {card[2]}"]
    if not cards:
        raise SystemExit(f"tests/faults/run: no fault is called {only!r}")
    dealt, shuffler = [], random.Random(f"deck {seed}")
    if subset == "ci":
        return (cards * (count // len(cards) + 1))[:count]
    while len(dealt) < count:
        shuffler.shuffle(cards)
        dealt.extend(cards)
    return dealt[:count]
