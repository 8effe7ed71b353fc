"""The well-known tutorial of two proxies and one virtual address, followed step by step."""

import re

import pytest

from network import now

VIP = "172.28.1.254"
LOST = re.compile(r"(\d+) packets transmitted, (\d+) received")


@pytest.fixture
def tutorial(make_lab):
    lab = make_lab(version=2, password="hGoVjTjSYQq3Epm")
    lab.start_pair()
    return lab


def start_ping(lab, *options):
    return lab.spawn("client", "ping", "ping", "-s", "1024", *options, VIP)


def lost(ping):
    ping.wait(timeout=60)
    sent, received = map(int, LOST.search(ping.logged("packets transmitted")[0].text).groups())
    return sent - received


def test_the_address_is_on_the_master_only(tutorial):
    network = tutorial.network
    assert sorted(network.addresses("node1")) == ["172.28.1.2/24", f"{VIP}/32"]
    assert network.addresses("node2") == ["172.28.1.3/24"]


def test_advertisements_are_those_of_rfc_3768(tutorial):
    advert = tutorial.node1.adverts()[-1]
    assert (advert.version, advert.vrid, advert.priority, advert.interval) == (2, 51, 100, 1)
    assert (advert.source, advert.destination, advert.ttl) == ("172.28.1.2", "224.0.0.18", 255)
    assert advert.addresses == (VIP,)
    assert advert.authentication == b"hGoVjTjS"  # eight bytes go on the wire
    assert tutorial.node2.adverts() == []


def test_the_client_reaches_the_address(tutorial):
    ping = start_ping(tutorial, "-c", "5")
    assert lost(ping) == 0
    assert "5 packets transmitted, 5 received" in ping.logged("transmitted")[0].text


def test_the_role_moves_and_returns_without_losing_more_than_one_ping(tutorial):
    node1, node2 = tutorial.node1, tutorial.node2
    ping = start_ping(tutorial, "-c", "80", "-i", "0.1")

    stopped = now()
    assert node1.router.stop() == 0
    node2.wait_active()
    node2.router.wait_log(r"edge/ipv4: backup -> active \(.*172\.28\.1\.2.*\)", stopped)
    node1.router.wait_log(r"edge/ipv4: active -> initialize \(.+\)", stopped)

    started = now()
    first = node1.start_haguard()
    node1.wait_active()
    first.wait_log(r"edge/ipv4: initialize -> backup \(.+\)", started)
    first.wait_log(r"edge/ipv4: backup -> active \(172\.28\.1\.3 advertises priority 90, ours 100\)",
                   started)
    node2.router.wait_log(
        r"edge/ipv4: active -> backup \(172\.28\.1\.2 advertises priority 100, ours 90\)", started)
    assert lost(ping) <= 1
