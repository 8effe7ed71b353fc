#!/usr/bin/env bash
# What the build has made for people and their shells: the manual pages are well-formed, and bash and
# zsh complete.
#
#   manual.sh MANUAL_DIR      build/packaging/manual
set -euo pipefail

manual=$(cd "$1" && pwd)
source_dir=$(cd "$(dirname "$0")/.." && pwd)
failures=0

# expect WHAT EXPECTED ACTUAL
expect() {
  [[ $2 == "$3" ]] && return
  printf '%s:\n  expected: %s\n  got:      %s\n' "$1" "$2" "$3" >&2
  failures=$((failures + 1))
}

# complete WORD...: what is offered for the last one, sorted.
complete_words() {
  COMP_WORDS=("$@")
  COMP_CWORD=$(($# - 1))
  _haguard
  printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd ' '
}

for page in haguard.8 haguard.toml.5; do
  expect "man $page" '' "$(LC_ALL=C.UTF-8 man --warnings -E UTF-8 -l -Tutf8 -Z "$manual/$page" 2>&1 >/dev/null)"
  if command -v mandoc >/dev/null; then # a page has a date in a package only
    expect "mandoc $page" '' "$(mandoc -Tlint -W warning "$manual/$page" | grep -v 'missing date')"
  fi
done

while read -r variable; do
  expect "$variable in haguard(8)" "$variable" "$(grep -ow "$variable" "$manual/haguard.8")"
done < <(grep -o 'HAGUARD_[A-Z_]*' "$source_dir/docs/hooks.md" | sort -u)

# shellcheck source=/dev/null
source "$manual/haguard.bash"
expect 'haguard pr' 'proxy' "$(complete_words haguard pr)"
expect 'haguard proxy r' 'reload rollback' "$(complete_words haguard proxy r)"
expect 'haguard status --' '--config --help --json --watch' "$(complete_words haguard status --)"
expect 'haguard -c FILE st' 'status stay' "$(complete_words haguard -c status st)"
expect 'haguard drain --timeout' '' "$(complete_words haguard drain --timeout '')"
cd "$source_dir/conf"
expect 'haguard -c hag' 'haguard.toml' "$(complete_words haguard -c hag)"
expect 'haguard import hag' 'haguard.toml' "$(complete_words haguard import hag)"

if command -v zsh >/dev/null; then
  expect 'zsh' '' "$(zsh -n "$manual/_haguard" 2>&1)"
fi
exit $((failures > 0))
