"""The machine that measures: what it is, what a process costs, and how to keep it busy."""

import contextlib
import datetime
import os
import pathlib
import platform
import re
import subprocess

from daemons import HAGUARD, HAPROXY, KEEPALIVED


def first_line(*command):
    """Of what it prints, wherever it prints it; nothing when it is not there."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except OSError:
        return ""
    return (done.stdout + done.stderr).strip().partition("\n")[0]


def processor():
    model = re.search(r"^model name\s*:\s*(.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    return model[1] if model else platform.machine()


def description():
    """For results.json; `load` is that of the last minute before the run."""
    memory = re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text())
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "kernel": platform.release(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "memory_mib": int(memory[1]) // 1024,
        "load": round(os.getloadavg()[0], 2),
        "haguard": first_line(HAGUARD, "version"),
        "keepalived": first_line(KEEPALIVED, "--version"),
        "haproxy": first_line(HAPROXY, "-v"),
    }


@contextlib.contextmanager
def busy_cores():
    """On each core another program that wants all the time there is."""
    loops = [subprocess.Popen(["/bin/sh", "-c", "while :; do :; done"])
             for _ in range(os.cpu_count())]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def children(pid):
    """Direct ones, of all threads; none when the process is gone."""
    return [int(child) for listed in pathlib.Path(f"/proc/{pid}/task").glob("*/children")
            for child in listed.read_text().split()]


def cpu_seconds(pid):
    """Of the process and its children that live, all threads, in user and kernel mode."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(cpu_seconds(child) for child in children(pid))


def schedule_seconds(pid):
    """The same, of the threads that live, in nanoseconds instead of clock ticks: what an idle
    daemon uses in seconds is less than a tick."""
    own = sum(int(stat.read_text().split()[0]) / 1e9
              for stat in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"))
    return own + sum(schedule_seconds(child) for child in children(pid))


def seconds_with_programs(pid):
    """As cpu_seconds, and of those who have been started and have ended."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return own + sum(seconds_with_programs(child) for child in children(pid))


def resident_bytes(pid):
    """VmRSS of the process and its children; pages that they share count for each of them."""
    found = re.search(r"^VmRSS:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text(), re.M)
    return int(found[1]) * 1024 + sum(resident_bytes(child) for child in children(pid))


def descriptors(pid):
    """Open ones, of the process and its children."""
    own = len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))
    return own + sum(descriptors(child) for child in children(pid))
