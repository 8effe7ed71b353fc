"""The results as a table: rows of text, laid out for a terminal or as Markdown."""

from suite.case import BEST, HAGUARD, KERNEL, PEERS, TUTORIAL, values_of
from suite.numbers import ratio, shown, statistic

HEAD = ("case", "unit", "haguard: median / p95 / max", "keepalived best", "keepalived tutorial",
        "best : haguard", "tutorial : haguard")
FLOOR_HEAD = ("case", "unit", "kernel: median / p95", "haguard: median / p95 / max",
              "haguard : kernel")


def cell(values, columns):
    """Three statistics, or that there are none."""
    shown_values = [shown(statistic(values, column)) for column in columns]
    return shown_values[0] if shown_values[0] in ("no", "–") else " / ".join(shown_values)


def row(results, name, figure):
    """One figure of one case. The ratios are those of the statistic that is judged; where that is
    the 99th percentile, it stands in the place of p95, and the name says so."""
    values = {peer: values_of(results, name, peer, figure["key"]) for peer in PEERS}
    high = "p99" if figure["of"] == "p99" else "p95"
    columns = ("median", high, "max")
    cells = ["no" if peer in results[name]["cannot"] else cell(values[peer], columns)
             for peer in PEERS]
    judged = {peer: statistic(values[peer], figure["of"]) for peer in PEERS}
    ratios = [shown(ratio(judged[peer], judged[HAGUARD])) for peer in (BEST, TUTORIAL)]
    label = f"{name}: {figure['key']}" + (" (p99)" if high == "p99" else "")
    return [label, figure["unit"], *cells, *ratios]


def rows(results, first=True):
    """Of the first figure of each case, or of all others; without what is compared with the
    kernel."""
    return [row(results, name, figure) for name, case in results.items()
            if KERNEL not in case["peers"]
            for figure in (case["figures"][:1] if first else case["figures"][1:])]


def floor_rows(results):
    """Of all figures that the kernel has, too."""
    found = []
    for name, case in results.items():
        for figure in case["figures"] if KERNEL in case["peers"] else ():
            floor, ours = (values_of(results, name, peer, figure["key"])
                           for peer in (KERNEL, HAGUARD))
            found.append([f"{name}: {figure['key']}", figure["unit"],
                          cell(floor, ("median", "p95")), cell(ours, ("median", "p95", "max")),
                          shown(ratio(statistic(ours, "median"), statistic(floor, "median")))])
    return found


def as_text(head, body):
    widths = [max(map(len, column)) for column in zip(head, *body)]
    return "\n".join("  ".join([line[0].ljust(widths[0]),
                                *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:]))])
                     for line in [head, *body])


def as_markdown(head, body):
    rule = ["---", *["--:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, rule, *body])
