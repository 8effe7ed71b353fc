#!/usr/bin/env python3
"""What the core's hot paths cost in instructions and allocations per operation, held to bounds.

    instructions.py PROGRAM [--only CASE ...] [--update] [--keep DIR] [--bounds FILE]

Counts do not depend on what else the machine does, as times do. PROGRAM is hot_paths of the default
build. Fails when a case costs more than a tenth above its bound; says when it costs that much less.
"""

import argparse
import dataclasses
import json
import pathlib
import re
import subprocess
import sys
import tempfile

BOUNDS = pathlib.Path(__file__).resolve().with_suffix(".json")
TOLERANCE = 0.1


@dataclasses.dataclass(frozen=True)
class Cost:
    """Of one operation."""

    instructions: int
    allocations: float

    def __iter__(self):
        return iter(dataclasses.astuple(self))


def names(program):
    listed = subprocess.run([program, "--list"], check=True, capture_output=True, text=True)
    return listed.stdout.split()


def measure(program, name, directory):
    """The cost of the case; what callgrind recorded stays in the directory."""
    record = pathlib.Path(directory) / f"{name}.callgrind"
    done = subprocess.run(
        ["valgrind", "--quiet", "--tool=callgrind", "--collect-atstart=no",
         f"--callgrind-out-file={record}", program, name],
        check=True, capture_output=True, text=True)  # fmt: skip
    operations, allocations = map(int, done.stdout.split())
    instructions = int(re.search(r"^summary: (\d+)", record.read_text(), re.MULTILINE)[1])
    return Cost(round(instructions / operations), round(allocations / operations, 2))


def read_bounds(path):
    if not path.exists():
        return {}
    return {name: Cost(**bound) for name, bound in json.loads(path.read_text()).items()}


def write_bounds(path, bounds):
    lines = (
        f"  {json.dumps(name)}: {json.dumps(dataclasses.asdict(bound))}"
        for name, bound in bounds.items()
    )
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def judge(cost, bound):
    """Whether that is good, and what there is to say about it."""
    if bound is None:
        return False, "no bound"
    if any(is_now > most * (1 + TOLERANCE) for is_now, most in zip(cost, bound)):
        return False, "TOO MUCH"
    if any(is_now < most * (1 - TOLERANCE) for is_now, most in zip(cost, bound)):
        return True, "less: lower the bound"
    return True, ""


def change(is_now, bound):
    return f"{100 * (is_now - bound) / bound:+.0f} %" if bound else ""


def table(costs, bounds):
    rows = [("case", "instructions", "bound", "change", "allocations", "bound", "")]
    for name, cost in costs.items():
        bound = bounds.get(name)
        instructions, allocations = bound or ("-", "-")
        moved = change(cost.instructions, bound.instructions) if bound else ""
        verdict = judge(cost, bound)[1]
        rows.append((name, *map(str, (cost.instructions, instructions, moved)),
                     *map(str, (cost.allocations, allocations)), verdict))  # fmt: skip
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if 0 < place < 6 else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths))
        ).rstrip()
        for row in rows
    )


def arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--only", nargs="+", metavar="CASE", help="these, instead of all")
    parser.add_argument("--update", action="store_true", help="what is measured is the bound")
    parser.add_argument("--keep", type=pathlib.Path, help="where callgrind's records stay")
    parser.add_argument("--bounds", type=pathlib.Path, default=BOUNDS)
    return parser.parse_args(argv)


def measure_all(program, cases, keep):
    with tempfile.TemporaryDirectory() as temporary:
        if keep:
            keep.mkdir(parents=True, exist_ok=True)
        return {name: measure(program, name, keep or temporary) for name in cases}


def main(argv):
    options = arguments(argv)
    program = options.program.resolve()
    known = names(program)
    bounds = read_bounds(options.bounds)
    costs = measure_all(program, options.only or known, options.keep)
    print(table(costs, bounds))
    if options.update:
        write_bounds(options.bounds, {name: cost for name, cost in {**bounds, **costs}.items()
                                      if name in known})  # fmt: skip
        return 0
    gone = sorted(set(bounds) - set(known))
    if gone:
        print(f"bounds without a case: {', '.join(gone)}")
    bad = [name for name, cost in costs.items() if not judge(cost, bounds.get(name))[0]]
    if bad:
        print(f"{', '.join(bad)}: find out why; if it must be, run again with --update")
    return 1 if bad or gone else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
