#!/usr/bin/env python3
"""Puts the times of the last run of test_interop.py into docs/interop.md.

    interop_table.py RESULTS DOCUMENT      for instance  build/interop docs/interop.md
"""

import json
import pathlib
import sys

BEGIN, END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"
PEERS = ["keepalived", "keepalived of Debian 13", "FRR"]
STEPS = ["failure", "silence", "hand-over", "return", "heal"]


def rows(result):
    for cell in result["cells"]:
        if cell["active"] is None:
            yield [cell["variant"], "not offered by the peer", *[""] * len(STEPS)]
        else:
            first = "haguard" if cell["active"] == "haguard" else "peer"
            yield [cell["variant"], first, *(f"{cell['ms'][step]} ms" for step in STEPS)]


def table(result):
    head = ["variant", "priority 100 has", "dies", "falls silent", "stops", "comes back", "heals"]
    lines = [f"### {result['peer']} {result['version']}, with haguard {result['haguard']}", ""]
    lines += [f"| {' | '.join(row)} |".replace("  ", " ")
              for row in [head, ["---"] * len(head), *rows(result)]]
    return "\n".join([*lines, ""])


def main(folder, document):
    results = [json.loads((pathlib.Path(folder) / f"{peer}.json").read_text()) for peer in PEERS]
    page = pathlib.Path(document)
    before, _, rest = page.read_text().partition(BEGIN)
    _, marked, after = rest.partition(END)
    if not marked:
        sys.exit(f"{document}: no markers for the tables")
    tables = "\n".join(map(table, results))
    page.write_text(f"{before}{BEGIN}\n{tables}\n{END}{after}")


main(*sys.argv[1:])
