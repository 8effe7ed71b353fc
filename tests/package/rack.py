"""Two machines of one Debian release on the wires of the lab."""

import os
import pathlib

from lab import Lab
from machine import Machine

TREES = pathlib.Path(os.environ.get("PACKAGE_TREES", ""))


class Rack(Lab):
    """`release`: 12 or 13. Its packages are in the directory of the tree, debian<release>.debs."""

    def __init__(self, release):
        super().__init__()
        self.tree = TREES / f"debian{release}"
        self.packages = TREES / f"debian{release}.debs"

    def make_node(self, role, number):
        return Machine(self, role, number, self.tree)

    def package(self, name):
        """The file of that package; there is one."""
        found, = self.packages.glob(f"{name}_*.deb")
        return found

    def newer(self, name):
        """The same with a higher version."""
        return self.packages / f"{name}-newer.deb"
