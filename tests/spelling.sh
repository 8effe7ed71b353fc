#!/usr/bin/env bash
# codespell over the text that git knows; fuzzing inputs are not text. The words it shall not know are
# of neighbor discovery (nd), and a constant.
set -euo pipefail
cd "$(dirname "$0")/.."

git ls-files -z -- ':!LICENSE' ':!tests/fuzz/corpus' | xargs -0 codespell --check-filenames \
  --ignore-words-list nd,kown
