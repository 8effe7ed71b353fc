#pragma once
// What has to change on disk for the files to be those of a generation. Looks, and changes nothing.

#include <string>
#include <variant>
#include <vector>

#include "proxy-bridge/content.h"
#include "proxy-bridge/generation_record.h"

namespace haguard::proxy {

/// Where a name leads through all symbolic links, of which the last may be dangling: files are
/// replaced there, so that links stay what they are.
[[nodiscard]] std::variant<std::string, FileFailure> resolve_links(const std::string& path);

/// A step for each file whose content differs or that is missing, and for each that HAProxy would
/// load and the generation has not. What is set aside gets the name PATH.rejected-<now>; in
/// directories of certificates with a dot in front, since HAProxy loads everything else there.
[[nodiscard]] std::variant<std::vector<RestoreStep>, FileFailure> plan_restoration(
    const StoredGeneration& generation, WallClock now);

}  // namespace haguard::proxy
