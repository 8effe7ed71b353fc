#!/usr/bin/env bash
# Installs what haguard is built and tested with, on Debian 12 or newer, as root and without asking.
#
#   install-deps.sh [build] [test] [lint] [package] [machines]
#
# Groups; without one: build test. lint is for Debian 12, package is what build-deb.sh needs, machines
# what test-deb.sh and test-image.sh need.
#
# Nothing is installed or upgraded that is there already, so a second run only looks. HAProxy,
# keepalived, FRR and Prometheus (for promtool) come with the test group: their services are kept from
# starting, now and at boot, unless they were on this machine before.
set -euo pipefail

packages_of() {
  case $1 in
    build)
      echo ca-certificates ccache cmake g++ ninja-build pkg-config \
        libboost-dev libcap-ng-dev libcli11-dev libfmt-dev libnl-3-dev libspdlog-dev \
        libsystemd-dev libtomlplusplus-dev nettle-dev nlohmann-json3-dev prometheus-cpp-dev
      ;;
    test)
      echo chromium chromium-driver curl debootstrap fonts-dejavu-core frr haproxy iproute2 \
        iputils-ping keepalived libgtest-dev man-db mandoc procps prometheus python3 \
        python3-pytest python3-selenium systemd tcpdump tshark valgrind zsh
      ;;
    lint) # held to the versions of Debian 12, so that everybody gets the same answers
      echo clang-14 clang-format-14 clang-tidy-14 codespell git libclang-rt-14-dev shellcheck
      ;;
    package)
      echo build-essential debhelper dpkg-dev git lintian systemd
      ;;
    machines) # to boot the package in, and to run the image with
      echo crun debootstrap podman systemd-container
      ;;
    *) fail "unknown group '$1': build, test, lint, package or machines" ;;
  esac
}

fail() {
  echo "install-deps.sh: $*" >&2
  exit 1
}

is_installed() {
  [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# Services are started by maintainer scripts unless this file says no. It speaks of ours only;
# where the administrator has such a policy already, that one decides.
policy=/usr/sbin/policy-rc.d
forbid_service_starts() {
  [[ -e $policy ]] && return
  trap 'rm -f "$policy"' EXIT
  cat >"$policy" <<'POLICY'
#!/bin/sh
case "$1" in
  haproxy | haproxy.service | keepalived | keepalived.service) exit 101 ;;
  frr | frr.service | prometheus | prometheus.service) exit 101 ;;
esac
exit 0
POLICY
  chmod 755 "$policy"
}

# A freshly installed service is enabled: without this it would start at the next boot.
disable_at_boot() {
  local package
  for package in "$@"; do
    case $package in
      frr | haproxy | keepalived | prometheus)
        if command -v systemctl >/dev/null; then
          systemctl --quiet disable "$package.service"
        else
          update-rc.d "$package" disable
        fi
        ;;
    esac
  done
}

main() {
  local group package packages missing=()
  [[ $# -gt 0 ]] || set -- build test
  for group in "$@"; do
    packages=$(packages_of "$group")
    for package in $packages; do
      is_installed "$package" || missing+=("$package")
    done
  done
  if [[ ${#missing[@]} -eq 0 ]]; then
    echo "install-deps.sh: everything for $* is installed"
    return
  fi
  [[ $EUID -eq 0 ]] || fail "run me as root, or install: ${missing[*]}"

  echo "install-deps.sh: installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  forbid_service_starts
  apt-get -qq update
  apt-get -qq -o Dpkg::Use-Pty=0 install --yes --no-install-recommends --no-upgrade "${missing[@]}" </dev/null
  disable_at_boot "${missing[@]}"
}

main "$@"
