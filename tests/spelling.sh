#!/usr/bin/env bash
# codespell over the text that git knows; fuzzing inputs are not text. What it shall not
# correct comes from neighbor discovery (nd) and from a constant.
set -euo pipefail
cd "$(dirname "$0")/.."

git ls-files -z -- ':!LICENSE' ':!tests/fuzz/corpus' | xargs -0 codespell --check-filenames \
  --ignore-words-list nd,kown
