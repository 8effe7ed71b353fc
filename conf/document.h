#pragma once
// One file of the configuration as a TOML document, within the bounds that the TOML parser needs.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <toml++/toml.h>

#include "conf/report.h"

namespace haguard::conf {

/// In bytes: of one file, and of all of them together.
inline constexpr std::size_t kLargestFile = std::size_t{1} << 20U;

/// Each node knows that it stands in `file`. Nothing when the text is too large, nests too deeply
/// or is not TOML, which is reported.
[[nodiscard]] std::optional<toml::table> parse_document(std::string_view text,
                                                        const std::string& file, Report& report);

}  // namespace haguard::conf
