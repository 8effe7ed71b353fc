#!/usr/bin/env bash
# Shows haguard at work: installs what is needed, builds, and breaks a pair of HAProxy machines in
# network namespaces in three ways while a client asks every 5 ms. As root on Debian.
set -euo pipefail
cd "$(dirname "$0")/.."

[[ $EUID -eq 0 ]] || {
  echo "demo.sh: run me as root: it installs packages and makes network namespaces" >&2
  exit 1
}
packaging/install-deps.sh build test
cmake -B build -G Ninja
cmake --build build --target haguard prober
HAGUARD_BINARY=$PWD/build/haguard PROBER=$PWD/build/tests/bench/prober \
  exec /usr/bin/python3 -B tests/netns/demo.py
