"""The document and its pictures, from what results.json holds."""

import itertools
import re

from suite import bounds, growth, memory, plot, table
from suite.case import HAGUARD, KERNEL, PEERS, values_of

METHOD = """\
Each case runs for all three in turn, on the same machine: two proxies, a router and a client in
network namespaces, HAProxy on both proxies. For a fail-over the daemons are started anew; the
faults of a case come at moments spread evenly between two advertisements. A client sends a request
every 2 ms on a fixed schedule and waits for none. *served* is the time from the fault to the end of
the first request that the right node answered. *no holder* and *two holders* are the longest times
in which no node, or both, had the address in the kernel, up to 6 s after the fault. A value is "no"
when nothing happened within 15 s (30 s for a HAProxy that hangs), or when the configuration cannot
do it. *lateness* is by how much the time between two advertisements exceeds the interval, by the
stamps of the kernel. Ratios compare medians, for *lateness* the 99th percentiles.

*haguard* and *keepalived best* have the same version, interval, priorities (254 and 253) and
real-time priority. *keepalived best* watches the processes of HAProxy with `vrrp_track_process`,
asks for an answer with a script each second, and follows a file with `track_file`. *keepalived
tutorial* is version 2, one second, priorities 101 and 100, and a script every two seconds with
weight 2; it has one interval, so its values stand beside those of all. At a reload of HAProxy
keepalived has no part: what stands beside haguard is HAProxy reloaded by its signal.

In *scale* node2 dies, and *take over* and *announced* are the times from the moment in which node1
can know (three intervals and the skew after the last advertisement) to the last address in the
kernel and to the last address that was announced once; *at once* is the time from the first address
to the last one when node1 has started alone, so that the time of all routers is up at one moment;
*hand over* is the time from the signal to the end until the other node has all addresses and this
one none, *start* that until the daemon waits as Backup of all, *reload* that of a configuration in
which a comment has changed. Neither daemon has real-time priority there: with it, keepalived is
killed for its processor time where it has much to do. 1,000 addresses are four virtual routers with
250 each. The *floor* is what the kernel takes when a small program asks for the same and nothing
else: all addresses in one request, one frame after the other. Memory is what is resident, for all
processes of a daemon, with what they share counted for each.
"""


COLOURS = (*enumerate(PEERS), (1, KERNEL))


def picture_name(case):
    return "bench-" + re.sub(r"[^a-z0-9]+", "-", case.lower()).strip("-") + ".svg"


def pictures(results):
    """(name of the file, text) for the first figure of each case that has values."""
    for name, case in results.items():
        figure = case["figures"][0]
        rows = [(peer, number, values_of(results, name, peer, figure["key"]))
                for number, peer in COLOURS]
        rows = [row for row in rows if row[2]]
        if rows:
            title = f"{name}: {figure['key']}"
            yield picture_name(name), plot.picture(title, figure["unit"], rows)


def machine_lines(facts):
    return (f"{facts['date']}; Linux {facts['kernel']}, {facts['cores']} cores "
            f"({facts['processor']}), {facts['memory_mib']:,} MiB, load {facts['load']} before "
            "the run.\n\n"
            f"{facts['haguard']}; {facts['keepalived']}; {facts['haproxy']}.\n")


def section(group, results, folder):
    """The tables of one group, and its pictures."""
    of_group = {name: case for name, case in results.items() if case["group"] == group}
    # Rows of one group may stand on the tutorial's values of another case of it.
    first, rest = table.rows(of_group), table.rows(of_group, first=False)
    parts = [f"## {group}"]
    if first:
        parts.append(table.as_markdown(table.HEAD, first))
    if against_kernel := table.floor_rows(of_group):
        parts.append(table.as_markdown(table.FLOOR_HEAD, against_kernel))
    parts += growth.section(of_group) + memory.section(of_group)
    parts.append("<details><summary>Distributions</summary>\n\n" + "\n".join(
        f"![{name}]({folder}{picture})" for name, picture in
        ((name, picture_name(name)) for name in of_group
         if any(of_group[name]["peers"].values()))) + "\n\n</details>")
    if rest:
        parts.append("<details><summary>What else was seen</summary>\n\n"
                     + table.as_markdown(table.HEAD, rest) + "\n\n</details>")
    return parts


def problems(results):
    """Bounds that are missed, and runs that came to nothing."""
    missed = [f"- {miss.text}{' (by more than a factor of two)' if miss.grave else ''}"
              for miss in bounds.misses(results)]
    notes = [f"- {name}, {peer}: {note}" for name, case in results.items()
             for peer, series in case["peers"].items() for note in series["notes"]]
    parts = ["## Bounds", "\n".join(missed) or "All are met."]
    if notes:
        parts += ["## Runs without a result", "\n".join(notes)]
    return parts


def runs(results):
    """How many there were of each case."""
    counts = [len(values_of(results, name, HAGUARD, case["figures"][0]["key"]))
              for name, case in results.items() if case["group"] == "fail-over"]
    if not counts:
        return ""
    least = "" if min(counts) == max(counts) else f"{min(counts)} to "
    return f"{least}{max(counts)} fail-overs of each kind with haguard."


def document(facts, results, folder):
    """`folder`: where the pictures are, seen from the document."""
    groups = [group for group, _ in itertools.groupby(
        results.values(), key=lambda case: case["group"])]
    parts = ["# Benchmarks", "`tests/bench/run.sh` measures and writes this page. " + runs(results),
             machine_lines(facts), METHOD]
    for group in groups:
        parts += section(group, results, folder)
    return "\n\n".join(part.strip() for part in parts + problems(results)) + "\n"
