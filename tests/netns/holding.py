"""Which machine has an address, all the time: what the kernel tells, not what daemons say."""

import re

from network import now

CHANGE = re.compile(r"^(Deleted )?\d+: .* inet6? (\S+)")


class Holding:
    """Follows one address on both nodes from now on."""

    def __init__(self, lab, address):
        self.lab = lab
        self.address = address
        self.since = now()
        self.monitors = [lab.spawn(node.role, f"monitor on {node.role}", "ip", "monitor", "address")
                         for node in lab.nodes]
        self.first = frozenset(node.name for node in lab.nodes
                               if address in lab.network.addresses(node.role))

    def _changes(self):
        """(time, node, whether it has the address from then on), in the order of time."""
        changes = []
        for node, monitor in zip(self.lab.nodes, self.monitors):
            for line in list(monitor.lines):
                match = CHANGE.match(line.text)
                if match and match[2] == self.address:
                    changes.append((line.time, node.name, match[1] is None))
        return sorted(changes)

    def spans(self, since, until):
        """(begin, end, names of the holders) from `since` to `until`, without a hole."""
        holders, begin, spans = self.first, self.since, []
        for at, name, has_it in [*self._changes(), (until, None, None)]:
            if at > since and at > begin:
                spans.append((max(begin, since), min(at, until), holders))
            begin = at
            holders = holders | {name} if has_it else holders - {name}
        return [span for span in spans if span[0] < span[1]]

    def longest(self, holders, since, until):
        """The longest time in which exactly so many nodes had it without a break."""
        longest = begin = end = 0.0
        for start, stop, names in self.spans(since, until):
            if len(names) == holders:
                begin = begin if end == start else start
                end = stop
                longest = max(longest, end - begin)
        return longest
