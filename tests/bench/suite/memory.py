"""Where the memory of a process is: the mappings of proc_pid_smaps(5) by what they are for."""

import pathlib
import re

from suite import table
from suite.case import BEST, HAGUARD, values_of
from suite.machine import children
from suite.numbers import shown, statistic

PARTS = ("binary", "libraries", "heap", "stacks", "other anonymous", "other files")
DIRTY = "private dirty"  # what would be gone with the process, out of all parts
HEAD = ("MiB in memory", HAGUARD, BEST)
MAPPING = re.compile(r"[0-9a-f]+-[0-9a-f]+ \S{4} [0-9a-f]+ \S+ \d+ *(.*)")
AMOUNT = re.compile(r"(Rss|Private_Dirty): +(\d+) kB")


def part(path, executable):
    if path in ("[heap]", "[stack]"):
        return {"[heap]": "heap", "[stack]": "stacks"}[path]
    if not path or path.startswith("["):
        return "other anonymous"
    if path == executable:
        return "binary"
    return "libraries" if re.search(r"\.so(\.|$)", path) else "other files"


def grouped(smaps, executable):
    """Resident KiB of each part, and the private dirty pages of all."""
    found = dict.fromkeys((*PARTS, DIRTY), 0)
    name = PARTS[-1]
    for line in smaps.splitlines():
        if mapping := MAPPING.fullmatch(line):
            name = part(mapping[1], executable)
        elif amount := AMOUNT.match(line):
            found[name if amount[1] == "Rss" else DIRTY] += int(amount[2])
    return found


def of_process(pid):
    """MiB, of the process and its children; what they share counts for each."""
    executable = str(pathlib.Path(f"/proc/{pid}/exe").readlink())
    found = grouped(pathlib.Path(f"/proc/{pid}/smaps").read_text(), executable)
    total = {name: kib / 1024 for name, kib in found.items()}
    for child in children(pid):
        for name, amount in of_process(child).items():
            total[name] += amount
    return total


def section(results):
    """Markdown, none where no case tells of all parts."""
    return [table.as_markdown(HEAD, [[name, *(median_of(results, case, peer, name)
                                              for peer in (HAGUARD, BEST))]
                                     for name in ("RSS", *PARTS, DIRTY)])
            for case in results
            if {figure["key"] for figure in results[case]["figures"]} >= {"RSS", *PARTS, DIRTY}]


def median_of(results, case, peer, name):
    return shown(statistic(values_of(results, case, peer, name), "median"))
