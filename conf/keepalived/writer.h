#pragma once
// Result -> haguard.toml, in an order that does not depend on anything but keepalived.conf.

#include <string>
#include <string_view>

#include "conf/keepalived/result.h"

namespace haguard::conf::keepalived {

/// Only what differs from haguard's defaults, and what keepalived's defaults would have hidden.
/// Each table says in a comment where it comes from.
[[nodiscard]] std::string to_toml(const Result& result);

/// The text as a basic string of TOML, with its quotes.
[[nodiscard]] std::string toml_string(std::string_view text);

}  // namespace haguard::conf::keepalived
