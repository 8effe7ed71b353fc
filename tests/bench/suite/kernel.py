"""What the kernel itself takes, by tests/bench/floor.cpp on node1."""

import json
import os

from network import run

FLOOR = os.environ.get("FLOOR", "")


def floor(network, what, count, runs, where=None):
    """Milliseconds by the name of the action, one value per run; `where`: the interface of the
    node, or whom to ask."""
    command = network.command("node1", FLOOR, what, count, runs, where or network.INTERFACE)
    return json.loads(run(*command))
