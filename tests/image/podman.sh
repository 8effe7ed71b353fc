#!/usr/bin/env bash
# podman with a store of its own, CONTAINER_STORE. It sees a cgroup hierarchy that crun knows, whatever
# the machine has mounted; no cgroup is used.
#
#   podman.sh ARGUMENT…
#   podman.sh --within PID ARGUMENT…      sees what that process has mounted, such as other containers
#   podman.sh --hold                      is such a process, until it is killed
set -euo pipefail

export CONTAINER_STORE=${CONTAINER_STORE:?where images and containers are kept}
mkdir -p "$CONTAINER_STORE"
podman=(podman --root "$CONTAINER_STORE/root" --runroot "$CONTAINER_STORE/run"
  --cgroup-manager cgroupfs)

case $1 in
  --within) exec nsenter --target "$2" --mount -- "${podman[@]}" "${@:3}" ;;
  --hold) program=(sleep infinity) ;;
  *) program=("${podman[@]}" "$@") ;;
esac
# shellcheck disable=SC2016 # for the inner shell
exec unshare --mount --propagation slave -- bash -c '
  mountpoint --quiet /sys/fs/cgroup && umount --recursive /sys/fs/cgroup
  mount -t cgroup2 none /sys/fs/cgroup
  exec "$@"
' podman "${program[@]}"
