#!/usr/bin/env bash
# Installs the package on pairs of machines with Debian 12 and Debian 13, booted by systemd-nspawn and
# wired to each other in network namespaces, and treats them as their owners will: start, upgrade, crash,
# reboot, removal. Builds the packages first, each in its own Debian. As root on Debian 12 or newer.
#
#   packaging/test-deb.sh [12] [13] [pytest options]      default: both
set -euo pipefail
cd "$(dirname "$0")/.."

releases=()
while [[ ${1-} == 12 || ${1-} == 13 ]]; do
  releases+=("$1")
  shift
done
[[ ${#releases[@]} -gt 0 ]] || releases=(12 13)

[[ $EUID -eq 0 ]] || {
  echo "test-deb.sh: run me as root: it boots machines and makes network namespaces" >&2
  exit 1
}
trees=$PWD/build/package-test
here=$(sed -n 's/^VERSION_ID="\(.*\)"/\1/p' /etc/os-release)

# What a server has from its installation.
server=(systemd-sysv dbus ifupdown iproute2 procps man-db bash-completion curl)

# In a tree, in a mount and a pid namespace of its own; what it mounts goes with it. The sources are at
# /src.
in_tree() {
  # shellcheck disable=SC2016 # for the inner shell
  unshare --mount --pid --fork --kill-child -- bash -c '
    set -e
    tree=$1 sources=$2
    shift 2
    mkdir -p "$tree/src"
    mount -t proc proc "$tree/proc"
    mount --bind /dev "$tree/dev"
    mount --bind "$sources" "$tree/src"
    exec chroot "$tree" env -i HOME=/root TERM=dumb LC_ALL=C.UTF-8 \
      PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"
  ' in_tree "$1" "$PWD" "${@:2}"
}

# The package as that Debian makes it: this machine's own build, or one in a tree with its compiler.
build_package() {
  local release=$1 builder=$trees/builder$1
  if [[ $release == "$here" ]]; then
    packaging/install-deps.sh build package
    packaging/build-deb.sh
    return
  fi
  tests/package/debian_tree.sh "$release" "$builder"
  cp /etc/resolv.conf "$builder/etc/resolv.conf"
  in_tree "$builder" /src/packaging/install-deps.sh build package
  in_tree "$builder" env CCACHE_DIR=/src/build/package-test/ccache /src/packaging/build-deb.sh
}

# All that is installed in the test is in one directory, or in the cache of the tree's apt: what is
# under test reaches no mirror.
gather() {
  local release=$1 tree=$trees/debian$1 debs=$trees/debian$1.debs package
  rm -rf "$debs"
  mkdir -p "$debs"
  cp build/haguard_*~deb"$release"_*.deb "$debs"
  cp /etc/resolv.conf "$tree/etc/resolv.conf"
  for package in "$debs"/haguard_*.deb; do
    in_tree "$tree" apt-get -qq --yes --download-only install haproxy "/src/${package#"$PWD"/}"
  done
  cp "$tree"/var/cache/apt/archives/haproxy_*.deb "$debs"
  for package in "$debs"/*.deb; do
    make_newer "$package"
  done
}

# The same with a higher version, to be upgraded to.
make_newer() {
  local package=$1 unpacked
  unpacked=$(mktemp -d)
  dpkg-deb --raw-extract "$package" "$unpacked"
  sed -i 's/^Version: .*/&+newer/' "$unpacked/DEBIAN/control"
  dpkg-deb -Zgzip --build "$unpacked" "${package%%_*}-newer.deb" >/dev/null
  rm -rf "$unpacked"
}

packaging/install-deps.sh build test machines
mkdir -p "$trees"
cmake -B build -G Ninja >/dev/null
cmake --build build --target prober
for release in "${releases[@]}"; do
  build_package "$release"
  tests/package/debian_tree.sh "$release" "$trees/debian$release" "${server[@]}"
  gather "$release"
done
cd tests/package
PACKAGE_TREES=$trees PACKAGE_RELEASES="${releases[*]}" PROBER=$trees/../tests/bench/prober \
  exec /usr/bin/python3 -B -m pytest -p no:cacheprovider -ra "$@"
