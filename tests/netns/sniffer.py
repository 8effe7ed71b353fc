"""What each node really puts on the wire, with the kernel's time stamps."""

import select
import socket
import struct
import threading
import time

from network import inside, now
from packets import Advert, Arp, NeighborAdvert, decode

ETH_P_ALL = 0x0003
SO_TIMESTAMPNS = 35  # no name in Python's socket module


class Sniffer:
    """Listens on the bridge's ports, so it tells who sent a frame even when a wire is unplugged."""

    def __init__(self, network, decoder=decode):
        self.network = network
        self.decoder = decoder
        self.frames = []
        self.sockets = {}
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._listen, daemon=True)

    def start(self):
        for port in self.network.NODES:
            self.watch(port)
        self.thread.start()

    def watch(self, port):
        """Also for a port that was made anew."""
        with inside(self.network.name("lan")):
            listener = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        listener.bind((port, ETH_P_ALL))
        listener.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        listener.setblocking(False)
        self.sockets[listener] = port

    def stop(self):
        self.stopping.set()
        if self.thread.is_alive():
            self.thread.join()
        for listener in self.sockets:
            listener.close()

    def adverts(self, node=None, since=0, until=float("inf"), vrid=51):
        return [frame for frame in self.frames
                if isinstance(frame, Advert) and node in (None, frame.port)
                and since <= frame.time <= until and frame.vrid == vrid]

    def announcements(self, node, address, since=0):
        """Gratuitous ARPs or unsolicited neighbor advertisements for the address."""
        return [frame for frame in self.frames if frame.time >= since and frame.port == node
                and (isinstance(frame, Arp) and frame.gratuitous and frame.sender == address
                     or isinstance(frame, NeighborAdvert) and frame.destination == "ff02::1"
                     and frame.target == address)]

    def _listen(self):
        while not self.stopping.is_set():
            ready, _, _ = select.select(list(self.sockets), [], [], 0.1)
            for listener in ready:
                self._drain(listener)

    def _drain(self, listener):
        while True:
            try:
                frame, control, _, sender = listener.recvmsg(2048, 64)
            except BlockingIOError:
                return
            except OSError:  # the port went down; it may come back
                return
            if sender[2] == socket.PACKET_OUTGOING:  # towards the node
                continue
            seen = self.decoder(self._taken(control), self.sockets[listener], frame)
            if seen is not None:
                self.frames.append(seen)

    @staticmethod
    def _taken(control):
        """The kernel stamps with the wall clock; the offset to the boot clock is as of now."""
        for level, kind, data in control:
            if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
                seconds, nanoseconds = struct.unpack("@qq", data[:16])
                return seconds + nanoseconds / 1e9 + now() - time.time()
        return now()
