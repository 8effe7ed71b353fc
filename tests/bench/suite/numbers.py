"""Percentiles, and numbers as people read them."""

import math

NEVER = math.inf


def percentile(values, share):
    """The nearest rank: the smallest value that at least this share of all does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


STATISTICS = {
    "median": median,
    "p95": lambda values: percentile(values, 0.95),
    "p99": lambda values: percentile(values, 0.99),
    "max": max,
}


def statistic(values, name):
    """What never happened counts as longer than anything; nothing without values."""
    if not values:
        return None
    return STATISTICS[name]([NEVER if value is None else value for value in values])


def shown(value):
    """About three digits; "no" for what never happened."""
    if value is None:
        return "–"
    if value == NEVER:
        return "no"
    digits = 0 if abs(value) >= 100 or value == round(value) else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}"


def ratio(theirs, ours):
    """How many times ours; nothing where there is no such number."""
    if theirs is None or ours is None or ours in (0, NEVER):
        return None
    return theirs / ours
