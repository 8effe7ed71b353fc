"""A host on the LAN that claims addresses of others, with a MAC address of its own."""

import socket
import struct

from network import inside
from packets import ARP_TYPE, ICMPV6, IPV6_TYPE, NEIGHBOR_ADVERTISEMENT, checksum

MAC = "02:00:00:00:66:66"
ALL_NODES = "ff02::1"


def mac_bytes(text):
    return bytes.fromhex(text.replace(":", ""))


class Stranger:
    """Speaks from where the router of the network stands."""

    def __init__(self, lab):
        with inside(lab.network.name("router")):
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.socket.bind(("inside", 0))
        lab.callback(self.socket.close)

    def gratuitous_arp(self, address):
        """RFC 5227, 3: a request for the own address, to everybody."""
        own = mac_bytes(MAC) + socket.inet_aton(address)
        self._send(b"\xff" * 6, ARP_TYPE, struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1)
                   + own + bytes(6) + socket.inet_aton(address))

    def arp_reply(self, address, asker_mac, asker):
        """What a host says that was asked for the address."""
        own = mac_bytes(MAC) + socket.inet_aton(address)
        self._send(mac_bytes(asker_mac), ARP_TYPE, struct.pack("!HHBBH", 1, 0x0800, 6, 4, 2)
                   + own + mac_bytes(asker_mac) + socket.inet_aton(asker))

    def neighbor_advertisement(self, address, source):
        """RFC 4861, 4.4: unsolicited, with the override flag."""
        body = struct.pack("!I", 0x20 << 24) + socket.inet_pton(socket.AF_INET6, address) \
            + bytes([2, 1]) + mac_bytes(MAC)
        ends = socket.inet_pton(socket.AF_INET6, source) \
            + socket.inet_pton(socket.AF_INET6, ALL_NODES)
        head = bytes([NEIGHBOR_ADVERTISEMENT, 0])
        size = len(body) + 4
        pseudo = ends + struct.pack("!II", size, ICMPV6)
        total = checksum(pseudo + head + b"\0\0" + body)
        self._send(mac_bytes("33:33:00:00:00:01"), IPV6_TYPE,
                   struct.pack("!IHBB", 6 << 28, size, ICMPV6, 255) + ends + head
                   + struct.pack("!H", total) + body)

    def _send(self, destination, kind, payload):
        frame = destination + mac_bytes(MAC) + struct.pack("!H", kind) + payload
        self.socket.send(frame.ljust(60, b"\0"))
