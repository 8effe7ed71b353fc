#!/usr/bin/env python3
"""Whether each alert has its section in the guide for whoever is called, and each section its alert.

    runbook.py RULES GUIDE

A section is a heading that begins with "Haguard"; the annotation `runbook` of an alert names it.
"""

import pathlib
import re
import sys


def complaints(rules, guide):
    alerts = re.findall(r"^ *- alert: *(\w+)", rules, re.M)
    named = re.findall(r"^ *runbook: *docs/troubleshooting\.md, section (\w+)$", rules, re.M)
    sections = re.findall(r"^#+ *(Haguard\w+)$", guide, re.M)
    if not alerts:
        yield "no alerts found"
    if named != alerts:
        yield "an alert names no section, or that of another one"
    yield from (f"{alert} has no section" for alert in alerts if alert not in sections)
    yield from (f"section {section} has no alert" for section in sections if section not in alerts)
    yield from (f"{section} has several sections" for section in sorted(set(sections))
                if sections.count(section) > 1)


def main(rules, guide):
    found = list(complaints(pathlib.Path(rules).read_text(), pathlib.Path(guide).read_text()))
    print("\n".join(found) or "every alert has its section")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
