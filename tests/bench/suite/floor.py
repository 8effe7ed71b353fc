"""The floor: what the kernel of this machine takes for the parts of a take-over, and what haguard
takes for all of it."""

import contextlib
import functools

from lab import Lab

from suite import crowd, kernel, scale
from suite.case import HAGUARD, KERNEL, Case, Figure

RUNS = 30
UNIT = "µs"


def micro(values):
    """What did not happen stays so."""
    if isinstance(values, list):
        return [micro(value) for value in values]
    return values if values is None else values * 1000


@contextlib.contextmanager
def stage(measure, _peer):
    with Lab() as lab:
        lab.sniffer.stop()
        lab.network.enable_ipv6()
        yield functools.partial(measure, lab.network)


def changed(family, count, network):
    found = kernel.floor(network, f"addresses{family}", count, RUNS)
    return {key: micro(found[key]) for key in ("add", "delete")}


def sent(count, network):
    found = kernel.floor(network, "frames", count, RUNS)
    return {key: micro(found[key]) for key in ("sendto", "sendmmsg")}


def echoed(network):
    found = kernel.floor(network, "echo", 1, 10 * RUNS, network.NODES["node2"])
    return {"there and back": micro(found["echo"])}


def taken_over(count, network):
    """No more than the addresses, and an announcement of each."""
    added = kernel.floor(network, "addresses4", count, RUNS)["add"]
    frames = kernel.floor(network, "frames", count, RUNS)["sendto"]
    return {"in the kernel": micro(added),
            "announced": micro([one + other for one, other in zip(added, frames)])}


@contextlib.contextmanager
def take_over(count, peer):
    if peer == KERNEL:
        with stage(functools.partial(taken_over, count), peer) as once:
            yield once
        return
    with scale.two_nodes(crowd.of_addresses(count), scale.FIGURES, None, peer) as once:
        yield functools.partial(renamed, once, count)


def renamed(once, count):
    """One router is measured from the moment in which its time is up. Several that have lost a peer
    are up at different moments, so of them what they do when it is one."""
    sample = once()
    keys = (("take over", "announced") if count <= crowd.PER_ADVERTISEMENT else
            ("at once", "at once, announced"))
    found = {"in the kernel": micro(sample[keys[0]]), "announced": micro(sample[keys[1]])}
    return found | ({"note": sample["note"]} if "note" in sample else {})


def case(name, measure, *figures):
    return Case("floor", name, functools.partial(stage, measure), figures, peers=(KERNEL,), runs=1)


def some(count, what):
    return f"{count:,} {what}{'' if count == 1 else 'es' if what.endswith('s') else 's'}"


ADDRESSES = [case(some(count, f"IPv{family} address"), functools.partial(changed, family, count),
                  Figure("add", unit=UNIT), Figure("delete", unit=UNIT))
             for family, counts in ((4, (1, 100, 1000)), (6, (1, 100))) for count in counts]
FRAMES = [case(some(count, "frame"), functools.partial(sent, count),
               Figure("sendto", unit=UNIT), Figure("sendmmsg", unit=UNIT))
          for count in (1, 100, 1000)]
TAKE_OVERS = [
    Case("floor", f"take-over of {some(count, 'IPv4 address')}",
         functools.partial(take_over, count),
         (Figure("in the kernel", unit=UNIT), Figure("announced", unit=UNIT)),
         peers=(KERNEL, HAGUARD), runs=3)
    for count in (1, 100, 1000)]
CASES = [*ADDRESSES, *FRAMES, case("round trip between the nodes", echoed,
                                   Figure("there and back", unit=UNIT)), *TAKE_OVERS]
