#!/usr/bin/env bash
# The units in packaging/ are well-formed, and haguard.service is not more exposed than
# docs/security.md says. No systemd has to run.
#
#   unit_exposure.sh HAGUARD [SOURCE_DIR]     HAGUARD: any program, in place of the installed one
set -euo pipefail

haguard=$1
source_dir=${2:-$(dirname "$0")/..}
documented=$(sed -n 's/.*exposure level.*\*\*\([0-9]\)\.\([0-9]\)\*\*.*/\1\2/p' "$source_dir/docs/security.md")
[[ $documented =~ ^[0-9]+$ ]] || { echo "docs/security.md does not name the exposure level" >&2; exit 1; }

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT

# Prints what is wrong with the unit, with the drop-in $1 if there is one.
verify() {
  sed "s|/usr/sbin/haguard|$haguard|" "$source_dir/packaging/haguard.service" >"$directory/haguard.service"
  rm -rf "$directory/haguard.service.d"
  if [[ $# -gt 0 ]]; then
    mkdir "$directory/haguard.service.d"
    cp "$source_dir/packaging/$1" "$directory/haguard.service.d/"
  fi
  # What it says of other units of this machine is not about ours.
  systemd-analyze verify --man=no "$directory/haguard.service" 2>&1 | grep -F haguard || true
}

for drop_in in "" managed.conf haguard-restore.conf; do
  found=$(verify ${drop_in:+"$drop_in"})
  [[ -z $found ]] || { printf '%s:\n%s\n' "${drop_in:-haguard.service}" "$found" >&2; exit 1; }
done

systemd-analyze security --offline=true --no-pager --threshold="$documented" \
  "$source_dir/packaging/haguard.service"
