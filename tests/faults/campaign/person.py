# SPDX-License-Identifier: Apache-2.0
"""The person a parked migration waits for: checks that what Ballast says is true, and does what it says, nothing else.

Every text that the executor can park a migration with must be known here, with what makes it true.
"""
import re


def do_as_told(scene, guest, note):
    found, _ = scene.cluster.definitions()
    where = found.get(guest, {})
    at_source, at_destination = where.get(scene.source, "absent"), where.get(scene.destination, "absent")

    def told(truth, act):
        if not truth:
            scene.violated("words", f"not true (source {at_source}, destination {at_destination}): {note[:300]}")
        scene.remark(act)

    runs = [host for host, state in where.items() if state == "running"]
    if "it ran on both hosts at once" in note:
        scene.violated("twice", note[:300])
        scene.cluster.virsh(scene.destination, "destroy", guest)
    elif "it runs nowhere; its memory is lost" in note:
        if guest in scene.deadly():
            told(not runs, "was told to start it from its disk, did")
        else:
            scene.violated("lost", note[:300])
        if not runs:
            _start_where_told(scene, guest, where, note)
    elif "a copy that never ran waits on the destination" in note:
        told(at_destination == "paused" and at_source != "running", "was told to choose")
        if scene.fault.kind.startswith("host") and scene.fault.target == "source" and scene.moment == "after":
            # This person pulled the plug after libvirt had moved the guest: it certainly never ran on at the source.
            scene.remark("resumed the copy")
            scene.cluster.virsh(scene.destination, "resume", guest)
        else:
            scene.remark("took the disk")
            if guest not in scene.deadly():
                scene.violated("lost", note[:300])
            scene.cluster.virsh(scene.destination, "destroy", guest)
            start_from_disk(scene, guest, where)
    elif "the only copy is on the destination, and it is stopped" in note:
        told(at_destination == "paused", "was told to resume it on the destination, did")
        scene.cluster.virsh(scene.destination, "resume", guest)
    elif "the switch-over is stuck" in note:
        told(scene.fault.cuts, "was told to cut a dead connection, did")
        scene.cluster.exec(scene.source, "ss", "-K", "dst", scene.cluster.uris[scene.destination].split("/")[2],
                           "dport", "ge", "49152")
    elif "does not answer" in note:
        told(scene.fault.cuts, "was told to wait for the host and recover again")
    elif "but " in note and "; then run `ballast recover`" in note:  # an action failed and was given up
        told(True, "was told to look and to recover again")
    else:
        scene.violated("words", f"parked with words that nobody knows what to do with: {note[:400]}")


def _start_where_told(scene, guest, where, note):
    host = {uri: host for host, uri in scene.cluster.uris.items()}
    told = [host.get(uri) for uri in re.findall(rf"`virsh -c (\S+) start {guest}`", note)]
    if len(told) != 1 or told[0] not in where:
        scene.violated("words", f"told to start it on {told}, defined on {sorted(where)}: {note[:300]}")
        start_from_disk(scene, guest, where)
    else:
        start_from_disk(scene, guest, {told[0]: where[told[0]]})


def start_from_disk(scene, guest, where):
    """On the one host that defines it. It boots once more, and that is the only boot that is allowed for."""
    hosts = [host for host in (scene.destination, scene.source, *scene.cluster.hosts) if host in where]
    if not hosts:
        scene.violated("lost", f"no host defines {guest}")
        return
    damage = scene.cluster.image_damage(guest)
    if damage:
        scene.violated("corrupt", f"{guest}, before it was started again: {damage}")
    scene.boots[guest] += 1
    started = scene.cluster.virsh(hosts[0], "start", guest, timeout=60)
    if started.returncode != 0:
        scene.violated("lost", f"{guest} does not start on {hosts[0]}: {started.stderr.strip()[-200:]}")
    scene.restarted.add(guest)
