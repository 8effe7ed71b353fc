"""haguard next to keepalived, in the same run; tests/bench/run.sh builds and starts it.

The machines are those of tests/netns, whose modules import each other by their bare names.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "netns"))
