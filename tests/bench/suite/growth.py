"""How a cost grows with the number of something: the exponent of the power that fits best."""

import math

from suite import table
from suite.case import BEST, HAGUARD, values_of
from suite.numbers import NEVER, statistic

HEAD = ("cost, by the number of", *(f"{peer}: exponent" for peer in (HAGUARD, BEST)))
LEAST = 100  # below it a cost is what one of them costs, whatever their number
WORDS = ((0.2, "constant"), (0.8, "less than linear"), (1.2, "linear"), (1.8, "more than linear"))


def exponent(points):
    """Of (number, cost), by least squares of the logarithms; nothing for less than two numbers.
    What cost nothing or never ended is left out."""
    logs = [(math.log(number), math.log(cost)) for number, cost in points if 0 < cost < NEVER]
    if len({number for number, _ in logs}) < 2:
        return None
    middle = sum(number for number, _ in logs) / len(logs)
    height = sum(cost for _, cost in logs) / len(logs)
    return (sum((number - middle) * (cost - height) for number, cost in logs)
            / sum((number - middle) ** 2 for number, _ in logs))


def described(value):
    """The exponent and a word for it."""
    if value is None:
        return "–"
    return f"{value:.2f} ({next((word for most, word in WORDS if value < most), 'quadratic')})"


def points(results, cases, peer, key):
    found = [(results[name]["size"], statistic(values_of(results, name, peer, key), "median"))
             for name in cases]
    return [(size, cost) for size, cost in found if size >= LEAST and cost is not None]


def series(results):
    """The names of cases by what they grow with."""
    found = {}
    for name, case in results.items():
        if case.get("grows"):
            found.setdefault(case["grows"], []).append(name)
    return found


def rows(results):
    """A line for each figure that all cases of a series have."""
    for grows, cases in series(results).items():
        for figure in results[cases[0]]["figures"]:
            exponents = [described(exponent(points(results, cases, peer, figure["key"])))
                         for peer in (HAGUARD, BEST)]
            if exponents != ["–", "–"]:
                yield [f"{figure['key']}, {grows}", *exponents]


def section(results):
    """Markdown, none without a series."""
    body = list(rows(results))
    if not body:
        return []
    return [f"How medians grow from {LEAST} on: as the number to the power of the exponent.",
            table.as_markdown(HEAD, body)]
