"""What client and kernel saw of a change."""

import time

from holding import Holding
from lab import host
from network import now
from probing import failed


# Lost with its connection: a request that is under way when the address moves. One in each
# direction.
UNDER_WAY = 2


class Watch:
    """Client and kernel, from the beginning of a fault on."""

    def __init__(self, rack):
        self.rack = rack
        self.holding = Holding(rack, host(rack.group.vip))
        self.prober = rack.start_prober()
        self.since = now()

    def failed(self):
        """Number of requests, once the last is long enough ago to be answered."""
        time.sleep(0.5)  # some more that must succeed
        probes = self.prober.stop()
        assert len(probes) > 100
        return len(failed(probes, self.since))
