#pragma once
// What only the files of both nodes together show: settings in which a pair must agree.

#include <string>
#include <vector>

#include "conf/parse.h"

namespace haguard::conf {

/// An instance and what stands for it in the peer's file.
struct Pair {
  const Instance* ours = nullptr;
  const Instance* theirs = nullptr;
};

/// By virtual router id, and by name where that leaves somebody alone. Interfaces may differ.
[[nodiscard]] std::vector<Pair> pairs(const Config& ours, const Config& theirs);

/// An error where the pair cannot work, else a warning; each in our file, in its order. No password
/// is ever shown.
[[nodiscard]] Problems compare(const Parsed& ours, const Parsed& theirs);

}  // namespace haguard::conf
