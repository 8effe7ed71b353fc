"""Distributions as SVG: one strip of dots per peer over a box from the first to the third quartile,
with a line at the median, all on one logarithmic axis. Readable on a light and on a dark page."""

import math
import zlib
from xml.sax.saxutils import escape

from suite.numbers import percentile

WIDTH, LEFT, RIGHT = 860, 230, 70
ROW, TOP, BOTTOM = 30, 34, 36
MOST = 150  # dots of one strip; more tell no more
STYLE = """
text { font: 12px sans-serif; fill: #24292f }
.title { font-weight: bold; font-size: 13px }
.grid { stroke: #8884; stroke-width: 1 }
.dot { fill-opacity: .45 }
.box { fill: none; stroke-width: 1.5 }
.middle { stroke-width: 2.5 }
.c0 { fill: #0969da; stroke: #0969da } .c1 { fill: #bc4c00; stroke: #bc4c00 }
.c2 { fill: #6e7781; stroke: #6e7781 } .dot { stroke: none } .box { fill: none }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .c0 { fill: #58a6ff; stroke: #58a6ff } .c1 { fill: #f0883e; stroke: #f0883e }
  .c2 { fill: #9198a1; stroke: #9198a1 } .dot { stroke: none } .box { fill: none }
}"""


class Axis:
    """Logarithmic, in whole decades around the values; what is smaller stands at its begin."""

    def __init__(self, values):
        positive = [value for value in values if value > 0] or [1]
        self.low = math.floor(math.log10(min(positive)))
        # A value is late by a microsecond at best: decades below it would take all the room.
        self.low = max(self.low, -3)
        self.high = max(math.ceil(math.log10(max(positive))), self.low + 1)

    def x(self, value):
        share = (math.log10(max(value, 10 ** self.low)) - self.low) / (self.high - self.low)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def ticks(self):
        return [10.0 ** decade for decade in range(self.low, self.high + 1)]


def strip(axis, color, y, values):
    """Dots, box and median of one row."""
    ordered = sorted(values)
    dots = ordered if len(ordered) <= MOST else \
        [ordered[round(i * (len(ordered) - 1) / (MOST - 1))] for i in range(MOST)]
    parts = [f'<circle class="dot c{color}" cx="{axis.x(value):.1f}" '
             f'cy="{y + spread(index):.1f}" r="2.5"/>' for index, value in enumerate(dots)]
    low, middle, high = (axis.x(percentile(ordered, share)) for share in (0.25, 0.5, 0.75))
    parts.append(f'<rect class="box c{color}" x="{low:.1f}" y="{y - 9}" '
                 f'width="{max(high - low, 1):.1f}" height="18"/>')
    parts.append(f'<line class="middle c{color}" x1="{middle:.1f}" x2="{middle:.1f}" '
                 f'y1="{y - 11}" y2="{y + 11}"/>')
    return parts


def spread(index):
    """Dots of one value lie beside each other; the same picture for the same values."""
    return zlib.crc32(str(index).encode()) % 1000 / 1000 * 14 - 7


def picture(title, unit, rows):
    """`rows`: (label, colour 0-2, values); None among them is what never happened, and is told at
    the right end."""
    numbers = [value for _, _, values in rows for value in values if value is not None]
    axis = Axis(numbers)
    height = TOP + ROW * len(rows) + BOTTOM
    floor = height - BOTTOM + 4
    parts = [f'<text class="title" x="8" y="18">{escape(title)}</text>']
    for tick in axis.ticks():
        x = axis.x(tick)
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6}" y2="{floor}"/>')
        parts.append(f'<text x="{x:.1f}" y="{floor + 16}" text-anchor="middle">'
                     f'{escape(f"{tick:g} {unit}")}</text>')
    for number, (label, color, values) in enumerate(rows):
        y = TOP + ROW * number + ROW // 2
        parts.append(f'<text x="8" y="{y + 4}">{escape(label)}</text>')
        happened = [value for value in values if value is not None]
        if happened:
            parts += strip(axis, color, y, happened)
        if len(happened) < len(values):
            parts.append(f'<text x="{WIDTH - 6}" y="{y + 4}" text-anchor="end">'
                         f'{len(values) - len(happened)} × no</text>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}" role="img" aria-label="{escape(title)}">\n'
            f"<style>{STYLE}\n</style>\n" + "\n".join(parts) + "\n</svg>\n")
