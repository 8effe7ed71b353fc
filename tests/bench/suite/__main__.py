"""The benchmarks: see tests/bench/run.sh, which builds what is measured.

Every case runs for haguard, for keepalived as well as it can be, and for keepalived as tutorials
have it. The exit code is 1 when a bound is missed by more than a factor of two, or when a case
could not be measured.
"""

import argparse
import json
import os
import pathlib
import signal
import sys

from suite import (bounds, continuity, failover, floor, footprint, growth, health, machine,
                   precision, reload, report, running, scale, table)

GROUPS = (failover, precision, continuity, health, reload, scale, footprint, floor)
CASES = [case for group in GROUPS for case in group.CASES]
QUICK_RUNS = 3
DOCUMENT = pathlib.Path("docs/benchmarks.md")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, prog="tests/bench/run.sh")
    parser.add_argument("--quick", action="store_true",
                        help=f"a part of the cases, {QUICK_RUNS} runs each: five minutes")
    parser.add_argument("--runs", type=int, default=0, help="of each case, at most")
    parser.add_argument("--group", default="", help="only the cases of this group")
    parser.add_argument("--only", default="", metavar="TEXT",
                        help="only the cases whose name contains this")
    parser.add_argument("--list", action="store_true", help="the names of the cases, and no more")
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("build/bench"),
                        help="directory for results.json, the table and the pictures")
    parser.add_argument("--publish", type=pathlib.Path, metavar="FILE",
                        help=f"measure nothing: write {DOCUMENT} from an earlier results.json")
    return parser.parse_args()


def chosen(options):
    return [case for case in CASES
            if options.only in case.name and options.group in ("", case.group)
            and (case.quick or not options.quick)]


class Progress:
    """Told after each case: a line for who waits, and the values on disk, should the run end."""

    def __init__(self, facts, directory):
        self.facts = facts
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def __call__(self, results, name, seconds):
        one = {name: results[name]}
        line = (table.rows(one) or table.floor_rows(one))[0]
        print(f"{line[0]:44} {'  '.join(line[1:])}   [{seconds:.0f} s]", file=sys.stderr)
        for peer, series in results[name]["peers"].items():
            for note in series["notes"]:
                print(f"    {peer}: {note}", file=sys.stderr)
        (self.directory / "results.json").write_text(
            json.dumps({"machine": self.facts, "cases": results}))


def unmeasured(results):
    return [f"{name}: {peer}" for name, case in results.items()
            for peer, series in case["peers"].items()
            if not all(series["values"].values())]


def write_document(facts, results, path, pictures):
    """Markdown at `path`, its pictures in a directory below it."""
    folder = path.parent / pictures
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("bench-*.svg"):
        old.unlink()
    for name, text in report.pictures(results):
        (folder / name).write_text(text)
    path.write_text(report.document(facts, results, f"{pictures}/"))


def show(results):
    """The tables, what is missed and what is missing; the exit code."""
    for head, body in ((table.HEAD, table.rows(results)),
                       (table.HEAD, table.rows(results, first=False)),
                       (table.FLOOR_HEAD, table.floor_rows(results)),
                       (growth.HEAD, list(growth.rows(results)))):
        if body:
            print(table.as_text(head, body), end="\n\n")
    missed = bounds.misses(results)
    for miss in missed:
        print(f"missed{' by more than a factor of two' if miss.grave else ''}: {miss.text}")
    lost = unmeasured(results)
    for name in lost:
        print(f"not measured: {name}")
    return 1 if lost or any(miss.grave for miss in missed) else 0


def main():
    options = arguments()
    if options.publish:
        earlier = json.loads(options.publish.read_text())
        write_document(earlier["machine"], earlier["cases"], DOCUMENT, "pictures")
        return 0
    cases = chosen(options)
    if options.list:
        print("\n".join(f"{case.group:10} {case.name}" for case in cases))
        return 0
    if not cases:
        sys.exit("no such case; --list names them")
    if os.geteuid() != 0:
        sys.exit("network namespaces need root")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that nothing is left behind
    facts = machine.description()
    results = running.run(cases, options.runs or (QUICK_RUNS if options.quick else 0),
                          Progress(facts, options.output))
    write_document(facts, results, options.output / "benchmarks.md", "pictures")
    if len(results) == len(CASES) and not options.quick:
        write_document(facts, results, DOCUMENT, "pictures")
    if len(results) < len(cases):
        print(f"ended early: {len(results)} of {len(cases)} cases")
        return show(results) or 1
    return show(results)


if __name__ == "__main__":
    sys.exit(main())
