#!/usr/bin/env bash
# The smallest Debian as a tree, with some packages more and with apt's lists: to boot, to build in, or
# as the base of an image. As root; about a minute, once: a finished tree is only looked at.
#
#   debian_tree.sh RELEASE TREE [PACKAGE…]      RELEASE: 12 or 13
set -euo pipefail

fail() {
  echo "debian_tree.sh: $*" >&2
  exit 1
}

codename_of() {
  case $1 in
    12) echo bookworm ;;
    13) echo trixie ;;
    *) fail "no such release: '$1', expected 12 or 13" ;;
  esac
}

release=${1:?12 or 13}
tree=${2:?where to put the tree}
packages=$(IFS=,; echo "${*:3}")
codename=$(codename_of "$release")
mirror=${HAGUARD_DEBIAN_MIRROR:-http://deb.debian.org/debian}

if [[ -e $tree/etc/debian_version ]]; then
  echo "debian_tree.sh: $tree is there"
  exit
fi
command -v debootstrap >/dev/null || fail "no debootstrap: see packaging/install-deps.sh"

# Made beside its place, so that what broke off halfway is never taken for a tree.
draft=$tree.new
rm -rf --one-file-system "$draft" "$tree"
mkdir -p "$draft"
debootstrap --variant=minbase ${packages:+"--include=$packages"} "$codename" "$draft" "$mirror" ||
  fail "no Debian $release from $mirror: is the mirror reachable?"
# For the packages that are installed later, when the machine that boots from this has no mirror.
chroot "$draft" apt-get -qq update
mv --no-target-directory "$draft" "$tree"
