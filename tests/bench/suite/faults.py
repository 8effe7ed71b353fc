"""What can happen to node1 of a pair, or what ends there: each returns when it was."""

import signal

from network import now

from suite import peers
from suite.pair import signal_all


def kill_haproxy(pair):
    return pair.lab.node1.haproxy.signal_worker(signal.SIGKILL)[1]


def kill_master(pair):
    return pair.lab.node1.haproxy.send(signal.SIGKILL)


def hang_haproxy(pair):
    return pair.lab.node1.haproxy.signal_worker(signal.SIGSTOP)[1]


def soft_stop_haproxy(pair):
    return pair.lab.node1.haproxy.send(signal.SIGUSR1)


def stop_daemon(pair):
    return pair.lab.node1.router.send(signal.SIGTERM)


def kill_daemon(pair):
    return signal_all(pair.lab.node1.router, signal.SIGKILL)


def hang_daemon(pair):
    return signal_all(pair.lab.node1.router, signal.SIGSTOP)


def cut_node(pair):
    return pair.lab.network.unplug("node1")


def lose_carrier(pair):
    at = now()
    pair.lab.network.carrier("node1", up=False)
    return at


def lose_weight(pair):
    at = now()
    peers.marker(pair.lab.node1).write_text("1")
    return at


def return_haproxy(pair):
    """node1 is as good as before, from the moment in which its HAProxy answers."""
    pair.lab.node1.haproxy.start()
    return now()


def heal_partition(pair):
    at = now()
    pair.lab.network.plug("node1")
    return at


def without_haproxy(pair):
    """node1 has lost its HAProxy, and node2 has taken over."""
    kill_haproxy(pair)
    pair.lab.node1.haproxy.wait()
    pair.lab.node2.wait_active(20)


def parted(pair):
    """Each node alone with the address."""
    cut_node(pair)
    pair.lab.node2.wait_state("active")
