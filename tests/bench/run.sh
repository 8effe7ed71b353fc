#!/usr/bin/env bash
# haguard next to keepalived, in the same run, as root on Debian: installs what that needs, builds
# haguard as it is shipped and the client in build/release/, measures, and prints one table.
#
#   tests/bench/run.sh [--quick] [--runs N] [--group NAME] [--only TEXT] [--list] [--output DIR]
#
# All values go to build/bench/results.json. The machine should have nothing else to do.
set -euo pipefail
cd "$(dirname "$0")/../.."

packaging/install-deps.sh build test
cmake --preset release >/dev/null
cmake --build --preset release --target haguard prober floor
export HAGUARD_BINARY=$PWD/build/release/haguard PROBER=$PWD/build/release/tests/bench/prober
export FLOOR=$PWD/build/release/tests/bench/floor
PYTHONPATH=tests/bench exec /usr/bin/python3 -B -m suite "$@"
