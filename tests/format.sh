#!/usr/bin/env bash
# Every C++ file that git knows is as clang-format 14 would write it. `format.sh --fix` makes it so.
set -euo pipefail
cd "$(dirname "$0")/.."

mode=(--dry-run -Werror)
[[ ${1:-} != --fix ]] || mode=(-i)
git ls-files -z '*.cpp' '*.h' | xargs -0 clang-format-14 "${mode[@]}"
