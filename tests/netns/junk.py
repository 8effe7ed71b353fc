"""Packets that a virtual router must drop without a flinch, sent by a stranger on its LAN."""

import itertools
import socket
import time

from network import inside
from packets import GROUP, VRRP, advertisement


def spoil(message, offset, value):
    return message[:offset] + bytes([value]) + message[offset + 1:]


class JunkSender:
    """Stands on the router of the network and advertises for the group's VRID."""

    def __init__(self, lab):
        self.source = lab.network.ROUTER
        self.group = lab.group
        with inside(lab.network.name("router")):
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_RAW, VRRP)
        self.socket.bind((self.source, 0))
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
                               socket.inet_aton(self.source))
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)

    def send(self, kinds, per_second, seconds):
        """One after the other, round and round; how many there were of each kind."""
        sent = dict.fromkeys(kinds, 0)
        with self.socket:
            for _, kind in zip(range(per_second * seconds), itertools.cycle(kinds)):
                ttl = 64 if kind == "ttl_64" else 255
                self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, ttl)
                self.socket.sendto(self.packet(kind), (GROUP, 0))
                sent[kind] += 1
                time.sleep(1 / per_second)
        return sent

    def advert(self, **different):
        """It would win, were it not for what is wrong with it."""
        fields = dict(version=self.group.version, vrid=self.group.vrid, priority=200,
                      interval=self.group.interval, addresses=[self.group.vip],
                      password=self.group.password)
        return advertisement(self.source, **{**fields, **different})

    def packet(self, kind):
        good = self.advert()
        return {
            "version_2": lambda: self.advert(version=2),
            "version_3": lambda: self.advert(version=3),
            "type": lambda: spoil(good, 0, self.group.version << 4 | 2),
            "checksum": lambda: spoil(good, 7, good[7] ^ 0x5a),
            "truncated": lambda: good[:7],
            "trailing": lambda: good + b"\0\0\0\0",
            "interval_0": lambda: self.advert(interval=0),
            "interval_2": lambda: self.advert(interval=2),
            "password": lambda: self.advert(password="guess"),
            "no_password": lambda: self.advert(password=""),
            "ttl_64": lambda: good,
        }[kind]()
