"""The results as a table: rows of text, laid out for a terminal or as Markdown."""

from suite.case import BEST, HAGUARD, PEERS, TUTORIAL, values_of
from suite.numbers import ratio, shown, statistic

COLUMNS = ("median", "p95", "max")
SHORT = {HAGUARD: "haguard", BEST: "best", TUTORIAL: "tutorial"}
HEAD = ("case", "unit", *(f"{SHORT[peer]} {column}" for peer in PEERS for column in COLUMNS),
        "best / haguard", "tutorial / haguard")


def row(results, name, figure):
    """One figure of one case."""
    values = {peer: values_of(results, name, peer, figure["key"]) for peer in PEERS}
    cells = []
    for peer in PEERS:
        refused = peer in results[name]["cannot"]
        cells += ["no" if refused else shown(statistic(values[peer], column)) for column in COLUMNS]
    middle = {peer: statistic(values[peer], "median") for peer in PEERS}
    ratios = [shown(ratio(middle[peer], middle[HAGUARD])) for peer in (BEST, TUTORIAL)]
    return [f"{name}: {figure['key']}", figure["unit"], *cells, *ratios]


def rows(results, first=True):
    """Of the first figure of each case, or of all others."""
    return [row(results, name, figure) for name, case in results.items()
            for figure in (case["figures"][:1] if first else case["figures"][1:])]


def as_text(head, body):
    widths = [max(map(len, column)) for column in zip(head, *body)]
    return "\n".join("  ".join([line[0].ljust(widths[0]),
                                *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:]))])
                     for line in [head, *body])


def as_markdown(head, body):
    rule = ["---", *["--:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, rule, *body])
