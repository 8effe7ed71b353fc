#!/usr/bin/python3
"""Chooses the pictures of docs/status-page.md from those that test_page.py has left.

    pictures.py ARTIFACTS docs/pictures
"""

import pathlib
import shutil
import sys

CHOSEN = {"page-active-1400-light.png": "status-active.png",
          "page-fault-1400-dark.png": "status-fault-dark.png",
          "page-fault-400-light.png": "status-fault-phone.png"}
MOST = 150_000


def main(source, target):
    target.mkdir(parents=True, exist_ok=True)
    for name, picture in CHOSEN.items():
        size = (source / name).stat().st_size
        if size > MOST:
            sys.exit(f"{name}: {size} bytes, at most {MOST}")
        shutil.copyfile(source / name, target / picture)


if __name__ == "__main__":
    main(*map(pathlib.Path, sys.argv[1:3]))
