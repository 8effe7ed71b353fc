#!/usr/bin/env python3
"""Holds docs/rfc9568.md to the truth.

    document.py CONFORMANCE_TESTS SOURCE_DIR

Each test that the page names exists, each test of the binary is named there, each path exists, and
each name in a column "code" occurs in the file in front of it. Prints what does not and fails.
"""

import re
import subprocess
import sys
from pathlib import Path

TEST = re.compile(r"[A-Z]\w*\.[A-Z]\w*")


def tests_of(binary):
    listing = subprocess.run([binary, "--gtest_list_tests"], check=True, text=True,
                             stdout=subprocess.PIPE).stdout
    names, suite = set(), ""
    for line in listing.splitlines():
        name = line.split("#")[0].strip()
        if line.startswith(" "):
            names.add(suite + name)
        elif name.endswith("."):
            suite = name
    return names


def wrong_in_code(cell, source):
    """A column of `path` `name` `name`, `path` …"""
    text, path = None, None
    for token in re.findall(r"`([^`]+)`", cell):
        if "/" in token:
            path = source / token
            text = path.read_text() if path.is_file() else None
            if text is None:
                yield f"there is no file {token}"
        elif text is not None and not re.search(rf"\b{re.escape(token)}\b", text):
            yield f"{token} does not occur in {path.relative_to(source)}"


def rows(page):
    """The cells of each row, by the heads of its table."""
    heads = None
    for line in page.splitlines():
        if not line.startswith("|"):
            heads = None
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if heads is None:
            heads = cells
        elif not cells[0].startswith("---"):
            yield dict(zip(heads, cells, strict=True))


def problems(page, existing, source):
    named = set()
    for row in rows(page):
        yield from wrong_in_code(row.get("code", ""), source)
        for token in re.findall(r"`([^`]+)`", row["tests"]):
            if TEST.fullmatch(token):
                named.add(token)
            elif not (source / token).is_file():
                yield f"{token} is neither a test nor a file"
    yield from (f"there is no test {name}" for name in sorted(named - existing))
    yield from (f"no row names the test {name}" for name in sorted(existing - named))


def main(binary, source):
    page = (Path(source) / "docs/rfc9568.md").read_text()
    found = list(problems(page, tests_of(binary), Path(source)))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
