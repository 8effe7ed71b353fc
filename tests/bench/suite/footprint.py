"""What the daemon itself costs: memory, processor time at rest, start-up, and room on the disk. One
virtual router, and five checks each second: HAProxy, TCP, HTTP, a file and a program."""

import contextlib
import functools
import os
import pathlib
import tempfile
import time

from daemons import HAGUARD as HAGUARD_BINARY
from daemons import KEEPALIVED, wait_until
from lab import Lab
from network import inside, now, run

from suite import machine, memory, peers
from suite.case import BEST, HAGUARD, Case, Figure, anew
from suite.notices import Notices

REST = 20.0  # seconds
SETTLED = 10.0  # seconds after which the announcements of a take-over are past
MIB = 1 << 20
CHECKS = f"""realtime_priority = {peers.REALTIME}
{peers.HAGUARD_CHECK}
[[check]]
name = "answers"
type = "http"
url = "http://127.0.0.1:80/"
interval = "1s"

[[check]]
name = "connects"
type = "tcp"
target = "127.0.0.1:80"
interval = "1s"

[[check]]
name = "program"
type = "exec"
command = ["/bin/true"]
interval = "1s"
"""
SCRIPTS = (("connects", "/bin/bash -c '</dev/tcp/127.0.0.1/80'"), ("program", "/bin/true"))


def start(peer, node):
    """With its memory locked, as either is when it is set up with care."""
    if peer == HAGUARD:
        text = CHECKS.replace("100ms", "1s").format(marker=peers.marker(node))
        return node.start_haguard(text, edit=lambda text: text.replace("lock_memory = false",
                                                                       "lock_memory = true"))
    return peers.start_best(node, realtime=True, more=SCRIPTS)


@contextlib.contextmanager
def active(peer):
    with Lab(peers.group_for(peer)) as lab:
        lab.sniffer.stop()
        lab.node1.start_haproxy()
        start(peer, lab.node1)
        lab.node1.wait_active()
        time.sleep(SETTLED)
        yield functools.partial(at_rest, lab.node1)


def at_rest(node):
    pid = node.router.pid
    used, since = machine.seconds_with_programs(pid), now()
    time.sleep(REST)
    used = machine.seconds_with_programs(pid) - used
    found = memory.of_process(pid)
    return {"RSS": machine.resident_bytes(pid) / MIB, **found,
            "processor": 100 * used / (now() - since), "descriptors": machine.descriptors(pid)}


class Bare:
    """A daemon that is started inside of a namespace, with no programs between it and its start."""

    @staticmethod
    def command(_role, *command):
        return ["setpriv", "--pdeathsig", "KILL", *map(str, command)]


def start_up(peer):
    """From the start of the program; the log is read as it comes, so its times are a little late.
    Nothing is checked, as a node that waits for verdicts is not waiting for its daemon."""
    with Lab(peers.group_for(peer)) as lab, Notices(lab.directory / "notify") as notices:
        node = lab.node1
        begin = node.start_haguard if peer == HAGUARD else node.start_keepalived
        if peer == HAGUARD:
            begin = functools.partial(begin, edit=lambda text: text.replace(
                "[haproxy]\n", '[haproxy]\nmode = "none"\n'))
        lab.network.command = Bare.command  # of this one object
        with notices.inside(), inside(lab.network.name(node.role)):
            begun = now()
            router = begin()
        del lab.network.command
        backup = router.wait_log("-> backup|Entering BACKUP STATE").time
        ready = ready_since(begun, router, notices, peer)
        return {"to Backup": (backup - begun) * 1000, "to ready": (ready - begun) * 1000}


def ready_since(begun, router, notices, peer):
    """keepalived tells only a real systemd, so what it logs then has to do."""
    if peer == BEST:
        return router.wait_log("Startup complete").time
    return wait_until(lambda: notices.ready(begun), what=f"{router.label} is ready")


def stripped_mib(binary):
    with tempfile.NamedTemporaryFile() as copy:
        run("strip", "-o", copy.name, binary)
        return os.path.getsize(copy.name) / MIB


def installed_mib(peer):
    """Of the package; of haguard's the first in build/, or without one the program alone."""
    if peer == BEST:
        return int(run("dpkg-query", "-W", "-f", "${Installed-Size}", "keepalived")) / 1024
    packages = sorted(pathlib.Path("build").glob("haguard_*.deb"))
    if not packages:
        return stripped_mib(HAGUARD_BINARY)
    return int(run("dpkg-deb", "-f", packages[0], "Installed-Size")) / 1024


def sizes(peer):
    return {"program": stripped_mib(HAGUARD_BINARY if peer == HAGUARD else KEEPALIVED),
            "package": installed_mib(peer)}


def case(name, stage, *figures, runs):
    return Case("footprint", name, stage, figures, peers=(HAGUARD, BEST), runs=runs)


CASES = [
    case("one instance, five checks", active, Figure("RSS", unit="MiB", bound=12, of="max"),
         Figure("processor", unit="% of a core"), Figure("descriptors", unit=""),
         *(Figure(part, unit="MiB") for part in (*memory.PARTS, memory.DIRTY)), runs=2),
    case("start", functools.partial(anew, start_up), Figure("to Backup"), Figure("to ready"),
         runs=10),
    case("on the disk", functools.partial(anew, sizes), Figure("program", unit="MiB"),
         Figure("package", unit="MiB"), runs=1),
]
