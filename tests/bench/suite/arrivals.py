"""When the kernel of a node had which addresses, as `ip monitor` hears it in a process of its own:
a thread of this one would come late where others are busy. It stamps with the wall clock."""

import contextlib
import datetime
import re
import subprocess

from suite.adverts import clock_offset

BUFFER = 64 << 20  # bytes: a thousand changes come in a few milliseconds
CHANGE = re.compile(r"\[(\S+)\] (Deleted )?\d+: \S+ +inet6? ([^/]+)/")


def changes(text, offset):
    """(time, address, whether it is there from then on); `offset`: from the wall clock."""
    return [(datetime.datetime.fromisoformat(at).timestamp() + offset, address, not deleted)
            for at, deleted, address in CHANGE.findall(text)]


class Arrivals:
    """Of one node, while its block lasts. `added` and `removed`: when that was the last time, by
    address; `held`: what is there now."""

    def __init__(self, lab, node):
        self.command = lab.network.command(node.role, "ip", "-ts", "-o", "-rcvbuf", BUFFER,
                                           "monitor", "address")
        self.path = lab.directory / f"addresses-{node.role}"
        self.offset = clock_offset()
        self.forget()

    def __enter__(self):
        with self.path.open("wb") as output:
            self.monitor = subprocess.Popen(self.command, stdout=output, stderr=output)
        self.text = self.path.open()
        return self

    def __exit__(self, *_):
        self.text.close()
        self.monitor.kill()
        self.monitor.wait()

    def forget(self):
        """What was until now."""
        with contextlib.suppress(AttributeError):  # before the first time
            self.read()
        self.held, self.added, self.removed, self.rest = set(), {}, {}, ""

    def read(self):
        text = self.rest + self.text.read()
        assert self.monitor.poll() is None, f"ip monitor has ended: {text[-200:]}"
        whole, newline, self.rest = text.rpartition("\n")
        for at, address, there in changes(whole + newline, self.offset):
            (self.held.add if there else self.held.discard)(address)
            (self.added if there else self.removed)[address] = at
        return self
