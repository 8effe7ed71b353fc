"""Fixtures of the image's tests. They need root, and what packaging/test-image.sh prepares."""

import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "netns"))


def pytest_sessionstart(session):
    missing = [name for name in ("CONTAINER_STORE", "PROBER") if not os.environ.get(name)]
    if missing:
        pytest.exit(f"not set: {', '.join(missing)}; run packaging/test-image.sh", 2)
    if os.geteuid() != 0:
        pytest.exit("network namespaces need root", 2)
