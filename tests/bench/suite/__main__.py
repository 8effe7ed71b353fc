"""The benchmarks: see tests/bench/run.sh, which builds what is measured.

Every case runs for haguard, for keepalived as well as it can be, and for keepalived as tutorials
have it. The exit code is 1 when a bound is missed by more than a factor of two, or when a case could
not be measured.
"""

import argparse
import json
import os
import pathlib
import sys

from suite import bounds, failover, machine, running, table

GROUPS = (failover,)
CASES = [case for group in GROUPS for case in group.CASES]
QUICK_RUNS = 3


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
                        help="directory for results.json and the pictures")
    return parser.parse_args()


def chosen(options):
    return [case for case in CASES
            if options.only in case.name and options.group in ("", case.group)
            and (case.quick or not options.quick)]


def progress(results, name, seconds):
    for line in table.rows({**results, name: results[name]}):
        if line[0].startswith(f"{name}: "):
            print(f"{line[0]:44} " + "  ".join(line[1:]) + f"   [{seconds:.0f} s]",
                  file=sys.stderr, flush=True)
    for peer, series in results[name]["peers"].items():
        for note in series["notes"]:
            print(f"    {peer}: {note}", file=sys.stderr, flush=True)


def unmeasured(results):
    return [f"{name}: {peer}" for name, case in results.items()
            for peer, series in case["peers"].items()
            if not all(series["values"].values())]


def main():
    options = arguments()
    cases = chosen(options)
    if options.list:
        print("\n".join(f"{case.group:10} {case.name}" for case in cases))
        return 0
    if os.geteuid() != 0:
        sys.exit("network namespaces need root")
    facts = machine.description()
    results = running.run(cases, options.runs or (QUICK_RUNS if options.quick else 0), progress)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "results.json").write_text(
        json.dumps({"machine": facts, "cases": results}, indent=1))
    print(table.as_text(table.HEAD, table.rows(results)), table.as_text(
        table.HEAD, table.rows(results, first=False)), sep="\n\n")
    missed = bounds.misses(results)
    for miss in missed:
        print(f"missed{' by far' if miss.grave else ''}: {miss.text}")
    lost = unmeasured(results)
    for name in lost:
        print(f"not measured: {name}")
    return 1 if lost or any(miss.grave for miss in missed) else 0


if __name__ == "__main__":
    sys.exit(main())
