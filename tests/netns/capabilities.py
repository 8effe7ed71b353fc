"""Capabilities of processes, and those that the units in packaging/ speak of."""

import pathlib
import re

PACKAGING = pathlib.Path(__file__).parents[2] / "packaging"

# linux/capability.h
NUMBERS = {name: number for number, name in enumerate(
    """CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE
    NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO
    SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE""".split())}


def as_mask(names):
    return sum(1 << NUMBERS[name] for name in names)


def of_unit(file):
    """The names in CapabilityBoundingSet= of a file in packaging/."""
    text = (PACKAGING / file).read_text()
    return set(re.findall(r"CAP_(\w+)", re.search(r"^CapabilityBoundingSet=(.*)$", text, re.M)[1]))


def of_process(pid="self"):
    """The sets of all threads, by their names in proc(5): CapPrm, CapEff, CapBnd, CapInh, CapAmb.
    They must be the same in each."""
    found = {tuple(re.findall(r"^(Cap\w+):\s*(\w+)$", (task / "status").read_text(), re.M))
             for task in pathlib.Path(f"/proc/{pid}/task").iterdir()}
    assert len(found) == 1, found
    return {name: int(mask, 16) for name, mask in found.pop()}
