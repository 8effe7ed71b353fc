#!/usr/bin/env bash
# Builds haguard in build/ and runs every test; installs what that needs first. As root on Debian.
#
#   tests/run.sh [ctest options]     for instance  -L unit  or  -R replay
#
# The last lines are ctest's own summary. Tests labelled `root` make network namespaces.
set -euo pipefail
cd "$(dirname "$0")/.."

packaging/install-deps.sh build test
cmake -B build -G Ninja
cmake --build build
# The long ones wait for timers most of their time.
exec ctest --test-dir build --output-on-failure --no-tests=error \
  --parallel "$((2 * $(nproc)))" "$@"
