#!/usr/bin/env python3
"""Lets promtool parse each query of the Grafana dashboard.

    dashboard.py PROMTOOL DASHBOARD

Written down as recording rules, with what Grafana puts in place of its variables.
"""

import json
import pathlib
import subprocess
import sys
import tempfile


def queries(panels):
    for panel in panels:
        yield from (target["expr"] for target in panel.get("targets", []))


def main(promtool, dashboard):
    panels = json.loads(pathlib.Path(dashboard).read_text())["panels"]
    rules = [{"record": f"query:{number}", "expr": query.replace("$__rate_interval", "5m")}
             for number, query in enumerate(queries(panels))]
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        json.dump({"groups": [{"name": "dashboard", "rules": rules}]}, file)  # JSON is YAML
        file.flush()
        return subprocess.run([promtool, "check", "rules", file.name], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
