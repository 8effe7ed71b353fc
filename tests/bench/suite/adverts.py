"""When each advertisement or announcement was on the wire, by the stamps of the kernel; nothing
else is looked at, so that a thousand a second cost the machine little."""

import collections
import ctypes
import select
import socket
import struct
import threading
import time

from network import inside, now
from packets import ARP_TYPE, IPV4_TYPE, IPV6_TYPE, VRRP
from sniffer import ETH_P_ALL, SO_TIMESTAMPNS

SO_ATTACH_FILTER = 26  # no name in Python's socket module
SO_RCVBUFFORCE = 33
BUFFER = 16 << 20  # bytes: thousands of frames may come before there is time to look at them
Stamp = collections.namedtuple("Stamp", "time port vrid")


def clock_offset():
    """From the wall clock, with which the kernel stamps, to the boot clock; a reading that was
    interrupted is too small."""
    return max(now() - time.time() for _ in range(100))


# Classic BPF, run by the kernel: (code, jump if true, jump if false, operand). What is not VRRP
# over IPv4 or IPv6 never reaches this process, so the client's requests cost nothing here.
LOAD_HALF, LOAD_BYTE, EQUAL, RETURN = 0x28, 0x30, 0x15, 0x06
ADVERTS_ONLY = [
    (LOAD_HALF, 0, 0, 12), (EQUAL, 0, 2, IPV4_TYPE), (LOAD_BYTE, 0, 0, 23), (EQUAL, 3, 4, VRRP),
    (EQUAL, 0, 3, IPV6_TYPE), (LOAD_BYTE, 0, 0, 20), (EQUAL, 0, 1, VRRP),
    (RETURN, 0, 0, 128), (RETURN, 0, 0, 0)]
ARP_ONLY = [(LOAD_HALF, 0, 0, 12), (EQUAL, 0, 1, ARP_TYPE), (RETURN, 0, 0, 128), (RETURN, 0, 0, 0)]


def attach_filter(listener, program):
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in program))
    listener.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER,
                        struct.pack("@HP", len(program), ctypes.addressof(code)))


def router_id(frame):
    """Behind an IPv4 header without options, or an IPv6 header."""
    return frame[35] if frame[12:14] == IPV4_TYPE.to_bytes(2, "big") else frame[55]


def announced(frame):
    """The address that a gratuitous ARP is about: sender and target are the same (RFC 5227 3)."""
    return socket.inet_ntoa(frame[28:32]) if frame[28:32] == frame[38:42] else ""


class Capture:
    """Of what these ports of bridges hear: (namespace, port) each. Runs within its block. `whose`:
    whose frame it is, kept as the `vrid` of its stamp."""

    def __init__(self, *ports, program=None, whose=router_id):
        self.program = program or ADVERTS_ONLY
        self.whose = whose
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

    def last(self, before):
        """When the last one before that moment was heard; nothing when there was none."""
        return max((stamp.time for stamp in list(self.stamps) if stamp.time < before), default=None)

    def routers(self, since, until):
        """How many virtual routers were heard."""
        return len({stamp[1:] for stamp in self.stamps if since <= stamp.time <= until})

    def _listener(self, namespace, port):
        with inside(namespace):  # deaf until it is bound: nothing comes past the filter
            listener = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        attach_filter(listener, self.program)
        listener.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        listener.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
        listener.setblocking(False)
        # all kinds: what asks for one comes after the bridge has taken it
        listener.bind((port, ETH_P_ALL))
        return listener

    def _listen(self):
        while not self.ending.is_set():
            ready, _, _ = select.select(list(self.listeners), [], [], 0.1)
            for listener in ready:
                self._drain(listener)

    def _drain(self, listener):
        while True:
            try:
                frame, control, _, sender = listener.recvmsg(128, 64)
            except OSError:  # nothing more
                return
            if sender[2] != socket.PACKET_OUTGOING:  # but from the node
                seconds, nanoseconds = struct.unpack("@qq", control[0][2][:16])
                at = seconds + nanoseconds / 1e9 + self.offset
                self.stamps.append(Stamp(at, self.listeners[listener], self.whose(frame)))
