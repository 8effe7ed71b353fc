#!/usr/bin/env bash
# podman with a store of its own, CONTAINER_STORE. It sees a cgroup hierarchy that crun knows, whatever
# the machine has mounted; no cgroup is used.
set -euo pipefail

export CONTAINER_STORE=${CONTAINER_STORE:?where images and containers are kept}
mkdir -p "$CONTAINER_STORE"
# shellcheck disable=SC2016 # for the inner shell
exec unshare --mount --propagation private -- bash -c '
  mountpoint --quiet /sys/fs/cgroup && umount --recursive /sys/fs/cgroup
  mount -t cgroup2 none /sys/fs/cgroup
  exec podman --root "$CONTAINER_STORE/root" --runroot "$CONTAINER_STORE/run" \
    --cgroup-manager cgroupfs "$@"
' podman "$@"
