#!/usr/bin/env bash
# Keeps the architecture true: no file of the core, and no header of ours that it includes, may
# touch the world or read a clock. The core is HAGUARD_CORE in CMakeLists.txt.
#
#   core_purity.sh [SOURCE_DIR]     prints every offence as file:line and fails if there is one
#   core_purity.sh --self-test      proves that each rule can fail
set -euo pipefail

forbidden='#include *[<"](boost/asio|spdlog/|prometheus/|netlink/|linux/|net/|sys/socket\.h|sys/un\.h|unistd\.h|thread>|mutex>)'
forbidden+='|::now\(|[^a-z_]u?sleep(_for|_until)?\(|nanosleep|clock_gettime|gettimeofday|[^a-z_:.]time\(|std::time\('

core_sources() {
  sed -n '/^set(HAGUARD_CORE/,/)/p' CMakeLists.txt | grep -o '[a-z][a-z_/-]*\.cpp' || true
}

own_includes() {
  sed -n 's/^ *#include *"\([^"]*\)".*/\1/p' "$1"
}

# Prints the files in which the rules hold: the core and, over and over, what it includes of ours.
# A generated header is not in the tree.
core_files() {
  local -A seen=()
  local file include queue=("$@")
  while [[ ${#queue[@]} -gt 0 ]]; do
    file=${queue[0]}
    queue=("${queue[@]:1}")
    [[ -z ${seen[$file]:-} && -e $file ]] || continue
    seen[$file]=1
    echo "$file"
    while read -r include; do
      queue+=("$include")
    done < <(own_includes "$file")
  done
}

# Comments may speak of what code may not do.
offences() {
  local file
  for file in "$@"; do
    sed 's://.*$::' "$file" | grep -nE "$forbidden" | sed "s|^|$file:|" || true
  done
}

check() {
  local sources files found
  cd "$1"
  mapfile -t sources < <(core_sources)
  if [[ ${#sources[@]} -eq 0 ]]; then
    echo "core_purity: no HAGUARD_CORE in CMakeLists.txt" >&2
    return 1
  fi
  mapfile -t files < <(core_files "${sources[@]}")
  found=$(offences "${files[@]}")
  if [[ -n $found ]]; then
    printf 'The core touches the world:\n%s\n' "$found" >&2
    return 1
  fi
  echo "core_purity: ${#files[@]} files are pure"
}

# $1: a line of code for a header that the core includes at second hand.
check_sample() {
  printf 'set(HAGUARD_CORE\n  part/core.cpp)\n' >"$sample/CMakeLists.txt"
  printf '#include "part/near.h"\n' >"$sample/part/core.cpp"
  printf '#include "part/far.h"\n// sleep(1) is for others\n' >"$sample/part/near.h"
  printf '%s\n' "$1" >"$sample/part/far.h"
  (check "$sample") >/dev/null 2>&1
}

self_test() {
  local line failures=0
  sample=$(mktemp -d)
  trap 'rm -rf "$sample"' EXIT
  mkdir "$sample/part"
  for line in '#include <vector>' 'Instant now; advance(now);' 'int oversleep(int);' \
    'using Wall = std::chrono::system_clock::time_point;' 'void at(WallTime time);'; do
    check_sample "$line" || { echo "refused, though pure: $line"; failures=1; }
  done
  for line in '#include <boost/asio/io_context.hpp>' '#include <spdlog/spdlog.h>' \
    '#include <prometheus/registry.h>' '#include <netlink/msg.h>' '#include <sys/socket.h>' \
    '#include <unistd.h>' '#include <thread>' 'auto t = std::chrono::steady_clock::now();' \
    'auto t = Clock::now();' '  sleep(1);' 'std::this_thread::sleep_for(1ms);' \
    'clock_gettime(CLOCK_BOOTTIME, &t);' 'auto t = std::time(nullptr);'; do
    ! check_sample "$line" || { echo "not refused: $line"; failures=1; }
  done
  : >"$sample/CMakeLists.txt"
  ! (check "$sample") >/dev/null 2>&1 || { echo "not refused: an empty list"; failures=1; }
  return "$failures"
}

if [[ ${1:-} == --self-test ]]; then
  self_test
else
  check "${1:-$(dirname "$0")/..}"
fi
