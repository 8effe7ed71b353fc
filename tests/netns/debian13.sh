#!/usr/bin/env bash
# A tree of Debian 13 with its keepalived and its HAProxy, for tests against newer ones than
# Debian 12 has. As root; about a minute and 250 MB, once: a finished tree is only looked at.
#
#   debian13.sh TREE
set -euo pipefail

fail() {
  echo "debian13.sh: $*" >&2
  exit 1
}

tree=${1:?where to put the tree}
mirror=${HAGUARD_DEBIAN_MIRROR:-http://deb.debian.org/debian}

if [[ -x $tree/usr/sbin/keepalived && -x $tree/usr/sbin/haproxy ]]; then
  echo "debian13.sh: $tree is there"
  exit
fi
command -v debootstrap >/dev/null || fail "no debootstrap: see packaging/install-deps.sh"

# Made beside its place, so that what broke off halfway is never taken for a tree.
draft=$tree.new
rm -rf --one-file-system "$draft" "$tree"
debootstrap --variant=minbase --include=keepalived,haproxy trixie "$draft" "$mirror" ||
  fail "no Debian 13 from $mirror: is the mirror reachable?"
rm -rf "$draft"/var/cache/apt "$draft"/var/lib/apt/lists
# Where it is used no name server is reachable, and keepalived would wait for one when it starts.
: >"$draft/etc/resolv.conf"
mv --no-target-directory "$draft" "$tree"
