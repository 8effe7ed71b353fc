#pragma once
// Port: looks at the machine around a valid haguard.toml, and tells what cannot work here.

#include "conf/parse.h"

namespace haguard::supervisor {

/// The warnings of the file, and what the machine adds to them: HAProxy's configuration, and kernel
/// settings of this network namespace.
[[nodiscard]] conf::Problems advice(const conf::Parsed& parsed);

[[nodiscard]] bool has_errors(const conf::Problems& problems);

}  // namespace haguard::supervisor
