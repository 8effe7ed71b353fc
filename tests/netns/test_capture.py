"""What two haguards put on the wire, written by tcpdump and judged by tshark."""

import collections
import signal
import subprocess
import time

import pytest

from interop import Pair
from interop_peers import HaguardRouter, Variant
from network import now

# What a frame is told as; empty where it has no such field.
FIELDS = ["frame.time_epoch", "vrrp.checksum.status", "vrrp.prio", "_ws.malformed",
          "_ws.expert.severity", "ip.ttl", "ip.dsfield.dscp", "ip.id", "ip.flags.df",
          "ipv6.hlim", "ipv6.tclass.dscp", "arp.src.proto_ipv4", "icmpv6.nd.na.flag.o",
          "icmpv6.nd.na.target_address", "ip.src", "ipv6.src", "eth.src"]
Frame = collections.namedtuple("Frame", [name.replace(".", "_").strip("_") for name in FIELDS])
BAD, GOOD = "0", "1"  # vrrp.checksum.status
ERROR = 8 << 20  # _ws.expert.severity: PI_ERROR of Wireshark
DSCP_CS6 = "48"
SCHEDULE = [0, 0.02, 0.1, 0.5, 1, 2, 5]  # the default of garp.schedule, in seconds

VARIANTS = {
    "v2": Variant(version=2),
    "v3-rfc5798": Variant(interval=0.2, checksum="rfc5798"),
    "v3-rfc9568": Variant(interval=0.2, checksum="rfc9568"),
    "v3-ipv6": Variant(interval=0.2, ipv6=True),
}


class Capture:
    """tcpdump on the bridge, which sees what both nodes send."""

    def __init__(self, network, path):
        self.path = path
        self.process = subprocess.Popen(
            network.command("lan", "tcpdump", "--interface", "bridge", "--immediate-mode",
                            "--packet-buffered", "-Z", "root", "-n", "-w", path),
            stderr=subprocess.PIPE, text=True)
        assert "listening on bridge" in self.process.stderr.readline()

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=10)

    def frames(self, option):
        """What tshark makes of it."""
        fields = [word for field in FIELDS for word in ("-e", field)]
        shown = subprocess.run(
            ["tshark", "-n", "-r", self.path, "-o", option, "-T", "fields", "-E", "occurrence=f",
             *fields], capture_output=True, text=True, check=True)
        return [Frame(*line.split("\t")) for line in shown.stdout.splitlines()]


@pytest.fixture(params=VARIANTS)
def captured(request, tmp_path):
    """An election, a hand-over, a return and a partition that heals; the moments of each."""
    variant = VARIANTS[request.param]
    with Pair(variant, {"node1": HaguardRouter, "node2": HaguardRouter}) as pair:
        capture = Capture(pair.network, tmp_path / "lan.pcap")
        try:
            moments = drive(pair)
        finally:
            capture.stop()
        # Of the boot clock, but the capture has wall time.
        offset = time.time() - now()
        yield variant, capture, {what: at + offset for what, at in moments.items()}


def drive(pair):
    node1, node2 = pair.routers["node1"], pair.routers["node2"]
    node1.start()
    elected = pair.first_advert("node1", 0)
    node2.start()
    time.sleep(SCHEDULE[-1] + 0.5)  # all announcements of the first election
    stopped = node1.send(signal.SIGTERM)
    handed_over = pair.first_advert("node2", stopped)
    node1.wait()
    pair.wait_alone("node2")
    node1.start()
    pair.first_advert("node1", now())
    pair.wait_alone("node1")
    cut = pair.network.unplug("node1")
    pair.first_advert("node2", cut)
    time.sleep(2 * pair.variant.interval)
    healed = now()
    pair.network.plug("node1")
    pair.wait_alone("node1")
    time.sleep(1.2)
    return {"elected": elected, "stopped": stopped, "handed over": handed_over, "healed": healed}


def preference(without_pseudo_header):
    """Wireshark leaves it out only on request."""
    return f"vrrp.v3_checksum_as_in_v2:{str(without_pseudo_header).upper()}"


def announcements(frames, variant, source, since):
    """Times of the gratuitous ARPs or neighbor advertisements for the last address."""
    told = [(float(frame.frame_time_epoch), frame.eth_src) for frame in frames
            if variant.addresses[-1] in (frame.arp_src_proto_ipv4,
                                         frame.icmpv6_nd_na_target_address)]
    return [at - since for at, mac in told if mac == source and at >= since - 0.05]


def test_wireshark_finds_nothing_wrong(captured):
    variant, capture, moments = captured
    plain = variant.checksum == "rfc9568"
    frames = capture.frames(preference(plain))
    adverts = [frame for frame in frames if frame.vrrp_prio]
    assert len(adverts) > 10
    for frame in frames:
        assert not frame._asdict()["ws_malformed"], frame
        assert int(frame.ws_expert_severity or 0) < ERROR, frame
    for advert in adverts:
        assert advert.vrrp_checksum_status == GOOD, advert
        if variant.ipv6:
            assert (advert.ipv6_hlim, advert.ipv6_tclass_dscp) == ("255", DSCP_CS6), advert
        else:
            assert (advert.ip_ttl, advert.ip_dsfield_dscp) == ("255", DSCP_CS6), advert
    if variant.version == 3 and not variant.ipv6:  # the forms exclude each other
        other = [frame for frame in capture.frames(preference(not plain)) if frame.vrrp_prio]
        assert {advert.vrrp_checksum_status for advert in other} == {BAD}
    check_identification(adverts, variant)
    check_resignation(adverts, moments)
    check_schedule(frames, adverts, variant, moments)


def check_identification(adverts, variant):
    if variant.ipv6:
        return
    # Not DF, so every datagram of a source has an identification of its own (RFC 6864, 4.2).
    assert {advert.ip_flags_df for advert in adverts} <= {"0", "False"}
    seen = [(advert.ip_src, advert.ip_id) for advert in adverts]
    assert len(set(seen)) == len(seen)


def check_resignation(adverts, moments):
    resigned = [float(advert.frame_time_epoch) for advert in adverts if advert.vrrp_prio == "0"]
    assert len(resigned) == 1
    assert resigned[0] == pytest.approx(moments["stopped"], abs=0.1)
    assert moments["handed over"] - resigned[0] < 0.3


def check_schedule(frames, adverts, variant, moments):
    first = next(advert for advert in adverts if advert.vrrp_prio == "100")
    elected = announcements(frames, variant, first.eth_src, moments["elected"])
    assert [at for at in elected if at < SCHEDULE[-1] + 0.3] == pytest.approx(SCHEDULE, abs=0.1)

    second = next(advert for advert in adverts if advert.vrrp_prio == "90")
    taken = announcements(frames, variant, second.eth_src, moments["handed over"])
    assert taken[:3] == pytest.approx(SCHEDULE[:3], abs=0.1)

    # RFC 4861, 7.2.6: else the caches keep the address of the router before.
    assert {frame.icmpv6_nd_na_flag_o for frame in frames
            if frame.icmpv6_nd_na_target_address == variant.addresses[-1]} <= {"1", "True"}

    # The winner of a partition tells the caches of the LAN again.
    healed = announcements(frames, variant, first.eth_src, moments["healed"])
    assert [at for at in healed if 0 <= at < variant.interval + 0.5]
