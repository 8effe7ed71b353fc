"""Which of haguard's figures are not as they have to be."""

import dataclasses

from suite.case import BEST, HAGUARD, TUTORIAL, values_of
from suite.numbers import NEVER, ratio, shown, statistic

TOLERANCE = 2  # machines that run tests are noisy


@dataclasses.dataclass(frozen=True)
class Miss:
    text: str
    factor: float  # by how much

    @property
    def grave(self):
        return self.factor > TOLERANCE


def limits(figure, ours, best, tutorial):
    """(what is demanded, by which factor it is missed): up to 1 it is met."""
    name = f"{figure.get('of', 'median')} {shown(ours)} {figure['unit']}"
    if figure["bound"] is not None:
        # Where nothing at all is allowed, there is no little too much.
        factor = ours / figure["bound"] if figure["bound"] else NEVER if ours else 0
        yield f"{name}, bound {shown(figure['bound'])}", factor
    if figure["best"] is not None and best:
        yield (f"{name}, keepalived best {shown(best)} (bound: {figure['best']:g} times that)",
               ours / (figure["best"] * best))
    if figure["tutorial"] is not None and ratio(tutorial, ours) is not None:
        yield (f"{name}, keepalived tutorial {shown(tutorial)} (bound: {figure['tutorial']:g} "
               "times less than that)", figure["tutorial"] / ratio(tutorial, ours))


def misses(results):
    """Of all cases, in their order."""
    found = []
    for name, case in results.items():
        for figure in case["figures"]:
            ours, best, tutorial = (
                statistic(values_of(results, name, peer, figure["key"]), figure["of"])
                for peer in (HAGUARD, BEST, TUTORIAL))
            if ours is not None:
                found += [Miss(f"{name}: {figure['key']}: {text}", factor)
                          for text, factor in limits(figure, ours, best, tutorial) if factor > 1]
    return found
