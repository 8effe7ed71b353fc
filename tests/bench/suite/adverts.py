"""When each advertisement was on the wire, by the stamps of the kernel; nothing else is decoded, so
that a thousand a second cost the machine little."""

import collections
import select
import socket
import struct
import threading
import time

from network import inside, now
from packets import VRRP
from sniffer import ETH_P_ALL, SO_TIMESTAMPNS

Stamp = collections.namedtuple("Stamp", "time port vrid")


def clock_offset():
    """From the wall clock, with which the kernel stamps, to the boot clock; a reading that was
    interrupted is too small."""
    return max(now() - time.time() for _ in range(100))


def is_advert(frame):
    """In IPv4 without options."""
    return len(frame) >= 36 and frame[12:15] == b"\x08\x00\x45" and frame[23] == VRRP


class Capture:
    """Of what these ports of bridges hear: (namespace, port) each. Runs within its block."""

    def __init__(self, *ports):
        self.offset = clock_offset()
        self.stamps = []
        self.listeners = {self._listener(*port): port for port in ports}
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join()
        for listener in self.listeners:
            listener.close()

    def gaps(self, interval, since, until, vrid=None):
        """By how much each advertisement was later than `interval` after the one before, in
        milliseconds, 0 for those that were early; of one virtual router, or of all."""
        times = collections.defaultdict(list)
        for stamp in self.stamps:
            if since <= stamp.time <= until and vrid in (None, stamp.vrid):
                times[stamp.port, stamp.vrid].append(stamp.time)
        return [max(0.0, after - before - interval) * 1000 for one in times.values()
                for before, after in zip(one, one[1:])]

    def routers(self, since, until):
        """How many virtual routers were heard."""
        return len({stamp[1:] for stamp in self.stamps if since <= stamp.time <= until})

    @staticmethod
    def _listener(namespace, port):
        with inside(namespace):  # all kinds: what asks for one comes after the bridge has taken it
            listener = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        listener.bind((port, ETH_P_ALL))
        listener.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        listener.setblocking(False)
        return listener

    def _listen(self):
        while not self.ending.is_set():
            ready, _, _ = select.select(list(self.listeners), [], [], 0.1)
            for listener in ready:
                self._drain(listener)

    def _drain(self, listener):
        while True:
            try:
                frame, control, _, sender = listener.recvmsg(64, 64)
            except OSError:  # nothing more
                return
            if sender[2] != socket.PACKET_OUTGOING and is_advert(frame):
                seconds, nanoseconds = struct.unpack("@qq", control[0][2][:16])
                at = seconds + nanoseconds / 1e9 + self.offset
                self.stamps.append(Stamp(at, self.listeners[listener], frame[35]))
