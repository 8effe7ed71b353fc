#pragma once
// The steps of a restoration on disk, forth and back. Everything that needs space is written before
// the first file changes; after that there are only links and renames.

#include <span>
#include <string>
#include <vector>

#include "proxy-bridge/generation_record.h"

namespace haguard::proxy {

/// The error, or empty; after an error some steps are done, and take_back() is called for.
/// `blobs`: the directory that has the contents by their digest.
[[nodiscard]] std::string carry_out(std::span<const RestoreStep> steps, const std::string& blobs);

/// Undoes what of the steps has been done, the last one first. Goes on after an error; the first
/// one is returned. Can be repeated.
[[nodiscard]] std::string take_back(std::span<const RestoreStep> steps);

/// Why the steps, all of them done some time ago, cannot be taken back without a loss; or empty.
[[nodiscard]] std::string obstacle_to_taking_back(std::span<const RestoreStep> steps);

/// The steps that were done before the daemon was killed; traces of the others are removed.
[[nodiscard]] std::vector<RestoreStep> finished_steps(std::span<const RestoreStep> steps);

}  // namespace haguard::proxy
