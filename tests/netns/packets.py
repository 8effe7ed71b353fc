"""VRRP advertisements and ARP as bytes, written from the RFCs and apart from the daemon's codec."""

import dataclasses
import socket
import struct

VRRP = 112
GROUP = "224.0.0.18"
ARP_TYPE = 0x0806
IPV4_TYPE = 0x0800
IPV6_TYPE = 0x86dd
ICMPV6 = 58
NEIGHBOR_ADVERTISEMENT = 136


def checksum(data):
    """RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def advertisement(source, *, version, vrid=51, priority, interval, addresses,
                  password=None, destination=GROUP):
    """One correct advertisement (RFC 5798 and RFC 3768, 5.1). `interval` in seconds."""
    tail = b"".join(map(socket.inet_aton, addresses))
    if version == 2:
        authentication = 1 if password else 0
        timing = struct.pack("!BB", authentication, int(interval))
        tail += (password or "").encode()[:8].ljust(8, b"\0")
        pseudo = b""
    else:
        timing = struct.pack("!H", round(interval * 100))
        length = 8 + len(tail)
        pseudo = (socket.inet_aton(source) + socket.inet_aton(destination)
                  + struct.pack("!BBH", 0, VRRP, length))
    head = struct.pack("!BBBB", version << 4 | 1, vrid, priority, len(addresses)) + timing
    return head + struct.pack("!H", checksum(pseudo + head + b"\0\0" + tail)) + tail


@dataclasses.dataclass(frozen=True)
class Advert:
    """An advertisement as it left a node."""
    time: float      # seconds of the boot clock, taken by the kernel
    port: str        # of the bridge: which node sent it
    source: str
    destination: str
    ttl: int           # or hop limit
    version: int
    vrid: int
    priority: int
    interval: float  # seconds
    addresses: tuple
    authentication: bytes  # version 2


@dataclasses.dataclass(frozen=True)
class Arp:
    time: float
    port: str
    operation: int
    sender_mac: str
    sender: str
    target: str

    @property
    def gratuitous(self):
        return self.sender == self.target


@dataclasses.dataclass(frozen=True)
class NeighborAdvert:
    """RFC 4861, 4.4."""
    time: float
    port: str
    source_mac: str
    source: str
    destination: str
    hop_limit: int
    flags: int     # router, solicited, override: 128, 64, 32
    target: str
    target_mac: str


def decode(time, port, frame):
    """Advert, Arp, NeighborAdvert, or nothing for frames of other kinds."""
    kind = struct.unpack_from("!H", frame, 12)[0]
    if kind == ARP_TYPE and len(frame) >= 42:
        operation, mac, sender, _, target = struct.unpack_from("!H6s4s6s4s", frame, 20)
        return Arp(time, port, operation, mac.hex(":"), socket.inet_ntoa(sender),
                   socket.inet_ntoa(target))
    if kind == IPV4_TYPE and len(frame) >= 42 and frame[23] == VRRP:
        return decode_advert(time, port, frame[14:])
    if kind == IPV6_TYPE and len(frame) >= 62 and frame[20] == VRRP:
        return decode_advert6(time, port, frame[14:])
    if kind == IPV6_TYPE and len(frame) >= 86 and frame[20] == ICMPV6 \
            and frame[54] == NEIGHBOR_ADVERTISEMENT:
        return NeighborAdvert(time, port, frame[6:12].hex(":"), ipv6(frame[22:38]),
                              ipv6(frame[38:54]), frame[21], frame[58], ipv6(frame[62:78]),
                              frame[80:86].hex(":"))
    return None


def ipv6(data):
    return socket.inet_ntop(socket.AF_INET6, data)


def decode_advert6(time, port, packet):
    message = packet[40:40 + struct.unpack_from("!H", packet, 4)[0]]
    addresses = tuple(ipv6(message[8 + 16 * i:24 + 16 * i]) for i in range(message[3]))
    interval = (struct.unpack_from("!H", message, 4)[0] & 0xfff) / 100
    return Advert(time, port, ipv6(packet[8:24]), ipv6(packet[24:40]), packet[7],
                  message[0] >> 4, message[1], message[2], interval, addresses, b"")


def decode_advert(time, port, packet):
    size = struct.unpack_from("!H", packet, 2)[0]
    message = packet[(packet[0] & 15) * 4:size]
    version = message[0] >> 4
    count = message[3]
    timing = struct.unpack_from("!H", message, 4)[0]
    interval = timing & 0xff if version == 2 else (timing & 0xfff) / 100
    addresses = tuple(socket.inet_ntoa(message[8 + 4 * i:12 + 4 * i]) for i in range(count))
    return Advert(time, port, socket.inet_ntoa(packet[12:16]), socket.inet_ntoa(packet[16:20]),
                  packet[8], version, message[1], message[2], interval, addresses,
                  message[8 + 4 * count:])
