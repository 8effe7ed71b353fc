"""One sequence of events for a pair of routers of different makes, timed on the wire."""

import collections
import contextlib
import pathlib
import signal
import socket
import struct
import tempfile
import time

from daemons import wait_until
from interop_peers import HaguardRouter, prepare_ipv6
from network import Network, now
from packets import IPV4_TYPE, VRRP
from sniffer import Sniffer

IPV6_TYPE = 0x86dd
Heard = collections.namedtuple("Heard", "time port source version vrid priority interval")


def decode(at, port, frame):
    """An advertisement of either family, or nothing."""
    kind = struct.unpack_from("!H", frame, 12)[0]
    if kind == IPV4_TYPE and frame[23] == VRRP:
        start = 14 + (frame[14] & 15) * 4
        source = socket.inet_ntop(socket.AF_INET, frame[26:30])
    elif kind == IPV6_TYPE and frame[20] == VRRP:
        start = 54
        source = socket.inet_ntop(socket.AF_INET6, frame[22:38])
    else:
        return None
    first, vrid, priority, _, timing = struct.unpack_from("!BBBBH", frame, start)
    version = first >> 4
    interval = timing & 0xff if version == 2 else (timing & 0xfff) / 100
    return Heard(at, port, source, version, vrid, priority, interval)


class Pair(contextlib.ExitStack):
    """node1 has priority 100 and node2 has 90; each is a router of one make."""

    def __init__(self, variant, makers):
        super().__init__()
        self.variant = variant
        self.makers = makers
        self.network = Network()
        self.routers = {}

    def __enter__(self):
        super().__enter__()
        try:
            self.callback(self.network.destroy)
            self.network.build()
            if self.variant.ipv6:
                prepare_ipv6(self.network)
            self.sniffer = Sniffer(self.network, decode)
            self.callback(self.sniffer.stop)
            self.sniffer.start()
            for role, make in self.makers.items():
                directory = pathlib.Path(
                    self.enter_context(tempfile.TemporaryDirectory(prefix="haguard-interop-")))
                self.routers[role] = make(self.network, role, directory, self.variant)
                self.callback(self.routers[role].destroy)
        except BaseException:
            self.close()
            raise
        return self

    def adverts(self, node, since=0):
        return [heard for heard in list(self.sniffer.frames)
                if heard.port == node and heard.time >= since]

    def first_advert(self, node, since):
        """The time of the first ordinary one after `since`."""
        def found():
            return next((heard.time for heard in self.adverts(node, since) if heard.priority), None)
        return wait_until(found, what=f"an advertisement of {node}")

    def wait_alone(self, node):
        """Until it speaks and the other one has been silent for two and a half intervals."""
        silence = 2.5 * self.variant.interval
        other = "node2" if node == "node1" else "node1"

        def alone():
            recent = now() - silence
            return self.adverts(node, recent) and not self.adverts(other, recent)
        wait_until(alone, 10, f"{node} speaks alone", 0.02)

    def wait_past_advert(self, node):
        """Until just after one, so that what is measured next begins with it."""
        since = now()
        return wait_until(lambda: [heard.time for heard in self.adverts(node, since)],
                          what=f"an advertisement of {node}")[0]

    def report(self):
        lines = sorted((line.time, daemon.label, line.text)
                       for router in self.routers.values()
                       for daemon in getattr(router, "daemons", [router])
                       for line in list(daemon.lines))
        lines += [(heard.time, "wire", f"{heard.port} {heard.source} version {heard.version} "
                   f"priority {heard.priority} interval {heard.interval}")
                  for heard in list(self.sniffer.frames)]
        lines.sort()
        return "\n".join(f"{at - lines[0][0]:9.4f} {label:20} {text}" for at, label, text in lines)


def run_sequence(pair):
    """What each step took, in seconds; the steps are told in docs/interop.md."""
    node1, node2 = pair.routers["node1"], pair.routers["node2"]
    times = {}
    node2.start()
    pair.first_advert("node2", 0)

    started = now()
    node1.start()
    pair.first_advert("node1", started)
    pair.wait_alone("node1")

    last = pair.wait_past_advert("node1")
    node1.kill()
    times["failure"] = pair.first_advert("node2", last) - last
    pair.wait_alone("node2")

    start_and_preempt(pair, node1)
    pair.wait_past_advert("node1")
    stopped = node1.send(signal.SIGTERM)
    times["hand-over"] = pair.first_advert("node2", stopped) - stopped
    node1.wait()
    pair.wait_alone("node2")

    times["return"] = start_and_preempt(pair, node1)
    pair.wait_past_advert("node1")
    cut = pair.network.unplug("node1")
    took_over = pair.first_advert("node2", cut)
    times["silence"] = took_over - max(
        heard.time for heard in pair.adverts("node1") if heard.time <= cut)
    time.sleep(2 * pair.variant.interval)  # both are Active, and neither can know
    healed = now()
    pair.network.plug("node1")
    pair.wait_alone("node1")
    times["heal"] = max((heard.time for heard in pair.adverts("node2", healed)),
                        default=healed) - healed
    return times


def start_and_preempt(pair, node1):
    """The higher priority comes back: from its start to its first advertisement."""
    started = now()
    node1.start()
    took = pair.first_advert("node1", started) - started
    pair.wait_alone("node1")
    return took


def haguard(*place):
    return HaguardRouter(*place)
