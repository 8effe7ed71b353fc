#!/usr/bin/env bash
# Builds the Debian package of this source tree, with whatever is changed in it, on Debian 12 or 13.
# What that takes is installed by: packaging/install-deps.sh build package
#
#   build-deb.sh [--version-suffix SUFFIX] [--no-lint] [--verify-reproducible] [--output DIR]
#
#   --version-suffix SUFFIX  makes a package that is newer, such as +1, to try upgrades with
#   --no-lint                leaves lintian out
#   --verify-reproducible    builds once more in another directory, without ccache, and compares
#   --output DIR             instead of build/ of the source tree
#
# The result is DIR/haguard_VERSION_ARCH.deb, with DIR/dbgsym/ beside it.
set -euo pipefail

fail() {
  echo "build-deb.sh: $*" >&2
  exit 1
}

source_dir=$(cd "$(dirname "$0")/.." && pwd)
output=$source_dir/build
suffix=
lint=yes
verify=no

read_options() {
  while [[ $# -gt 0 ]]; do
    case $1 in
      --version-suffix) suffix=${2:?"--version-suffix needs a value"} && shift ;;
      --output) output=${2:?"--output needs a value"} && shift ;;
      --no-lint) lint=no ;;
      --verify-reproducible) verify=yes ;;
      *) fail "unknown option '$1'" ;;
    esac
    shift
  done
  mkdir -p "$output"
  output=$(cd "$output" && pwd)
}

git_here() {
  git -C "$source_dir" "$@"
}

# The version of CMakeLists.txt, and the release it is built for: an upgrade of the machine to the
# next release replaces the package by the one of that.
package_version() {
  local version release
  version=$(sed -n 's/^project(haguard VERSION \([0-9.]*\).*/\1/p' "$source_dir/CMakeLists.txt")
  [[ -n $version ]] || fail "CMakeLists.txt does not say the version"
  # shellcheck source=/dev/null
  release=$(. /etc/os-release && echo "${ID/#debian/deb}${VERSION_ID:-}")
  echo "$version~$release$suffix"
}

commit() {
  local changes=
  [[ -z $(git_here status --porcelain) ]] || changes=+changes
  echo "$(git_here rev-parse --short=12 HEAD)$changes"
}

# Tracked files and new ones, but neither ignored nor deleted ones. All times in the package are that
# of the last commit, whenever this tree was checked out.
take_sources() {
  rm -rf "$sources"
  mkdir -p "$sources"
  git_here ls-files -z --cached --others --exclude-standard |
    while IFS= read -r -d '' file; do
      [[ ! -e $source_dir/$file ]] || printf '%s\0' "$file"
    done |
    tar -C "$source_dir" --null --files-from=- --mtime="@$(git_here log -1 --format=%ct)" -c |
    tar -C "$sources" -x
  cp -a "$sources/packaging/debian" "$sources/debian"
  write_changelog
}

write_changelog() {
  cat >"$sources/debian/changelog" <<CHANGELOG
haguard ($version) unstable; urgency=medium

  * Built from commit $commit.

 -- $(sed -n 's/^Maintainer: //p' "$sources/debian/control")  $(git_here log -1 --format=%cd --date=rfc2822)
CHANGELOG
}

# build_in DIR: a copy of the sources and what becomes of it are in DIR, which is made anew.
build_in() {
  local tree=$1/haguard
  rm -rf "$1"
  mkdir -p "$1"
  cp -a "$sources" "$tree"
  # No CCACHE_BASEDIR: it would turn the names of sources in the debug information into others, and so
  # the build id.
  (cd "$tree" && HAGUARD_COMMIT=$commit nice dpkg-buildpackage --build=binary --no-sign)
}

verify_reproducible() {
  local other=$output/deb-verify/in/another/directory
  CCACHE_DISABLE=1 build_in "$other"
  sha256sum "$output/$package" "$other/$package"
  cmp "$output/$package" "$other/$package" || fail "the two packages differ"
  rm -rf "$output/deb-verify"
  echo "build-deb.sh: reproducible"
}

main() {
  read_options "$@"
  # debhelper gives the build another home directory, where ccache would find nothing.
  if command -v ccache >/dev/null; then
    CCACHE_DIR=$(ccache --get-config cache_dir)
    export CCACHE_DIR
  fi
  version=$(package_version)
  commit=$(commit)
  sources=$output/deb-sources
  take_sources
  package=haguard_${version}_$(dpkg --print-architecture).deb
  build_in "$output/deb"
  mkdir -p "$output/dbgsym"
  mv "$output/deb/$package" "$output/"
  mv "$output/deb/haguard-dbgsym_${package#haguard_}" "$output/dbgsym/"
  [[ $verify == no ]] || verify_reproducible
  if [[ $lint == yes ]]; then
    lintian --fail-on error,warning "$output/$package"
    echo "build-deb.sh: lintian has nothing to say"
  fi
  echo "build-deb.sh: $output/$package"
}

main "$@"
