#!/usr/bin/env bash
# Builds the container image of the Dockerfile and runs a pair of it in network namespaces. As root on
# Debian 12 or newer. The base image is made by debootstrap, so no registry is asked.
#
#   packaging/test-image.sh [pytest options]
set -euo pipefail
cd "$(dirname "$0")/.."

[[ $EUID -eq 0 ]] || {
  echo "test-image.sh: run me as root: it makes images and network namespaces" >&2
  exit 1
}
trees=$PWD/build/package-test
export CONTAINER_STORE=$trees/containers

packaging/install-deps.sh build test machines
cmake -B build -G Ninja >/dev/null
cmake --build build --target prober
tests/package/debian_tree.sh 12 "$trees/base12"
podman=tests/image/podman.sh
# Without what Debian's own slim images leave out.
$podman image exists haguard-base:12 ||
  tar -C "$trees/base12" --exclude=./var/cache/apt/archives/* --exclude=./var/lib/apt/lists/* \
    --exclude=./usr/share/{doc,man,info,locale}/* -c . | $podman import --quiet - haguard-base:12
mkdir -p "$trees/ccache"
# Labels and health checks are those of Docker's format.
$podman build --quiet --format docker --isolation chroot --build-arg BASE=localhost/haguard-base:12 \
  --volume "$trees/ccache:/root/.cache/ccache" --tag haguard .
cd tests/image
PROBER=$trees/../tests/bench/prober \
  exec /usr/bin/python3 -B -m pytest -p no:cacheprovider -ra "$@"
