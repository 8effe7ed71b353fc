"""The prober as an object, and what its records say about an outage."""

import collections
import itertools
import json
import os
import pathlib
import signal
import subprocess

from daemons import wait_until

PROBER = os.environ.get("PROBER", "")
serial = itertools.count(1)


class Probe(collections.namedtuple("Probe", "n sent connected done status server")):
    """One request; times in seconds of the boot clock, `connected` 0 when it never was."""

    @classmethod
    def parse(cls, line):
        record = json.loads(line)
        return cls(record["n"], record["sent_us"] / 1e6, record["connected_us"] / 1e6,
                   record["done_us"] / 1e6, record["status"], record["server"])


class Prober:
    """Asks the VIP from the client's namespace, every few milliseconds, whatever happens."""

    LONGEST = 600  # seconds; tests end it earlier

    def __init__(self, network, vip, directory, interval_ms=5, timeout=2.0):
        self.timeout = timeout  # seconds that a request may take
        self.output = pathlib.Path(directory) / f"probes-{vip}-{next(serial)}.jsonl"
        self.output.touch()
        self.records = self.output.open()
        self.ended = []
        self.rest = ""
        target = f"[{vip}]:80" if ":" in vip else f"{vip}:80"
        self.process = subprocess.Popen(
            network.command("client", PROBER, "--target", target,
                            "--interval", f"{interval_ms}ms", "--duration", f"{self.LONGEST}s",
                            "--timeout", f"{timeout}s", "--output", self.output),
            stderr=subprocess.PIPE, text=True)

    def probes(self):
        """Those that have ended until now, in the order of their ends."""
        *lines, self.rest = (self.rest + self.records.read()).split("\n")
        self.ended += map(Probe.parse, lines)
        return self.ended

    def first_served(self, server, since, timeout=15):
        """The first request that this server answered after `since`."""
        def found():
            assert self.process.poll() is None, "the prober has ended"
            served = [probe for probe in self.probes()
                      if probe.status == "ok" and probe.server == server and probe.done >= since]
            return min(served, key=lambda probe: probe.done, default=None)
        return wait_until(found, timeout, f"a request served by {server}", 0.05)

    def stop(self):
        """Ends it in an orderly way; all its records, in the order of sending."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=30)
        return sorted(self.probes())

    def destroy(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
        self.records.close()


def failed(probes, since=0, until=float("inf")):
    """The requests sent in that time that got no proper answer."""
    return [probe for probe in probes if since <= probe.sent <= until and probe.status != "ok"]
