#pragma once
// The kinds of values that name something on this machine: a program, a user, a place for a file.
// That it is there is looked up when the file is read, so that a check that cannot run is an error
// in the configuration. What a kind is, conf/kinds.h says.

#include <optional>
#include <string>
#include <vector>

#include "conf/reader.h"

namespace haguard::conf {

/// The absolute path of a program that can be run.
[[nodiscard]] std::optional<std::string> program(const Value& value);
/// The absolute path of a program that can be run, and its arguments.
[[nodiscard]] std::optional<std::vector<std::string>> command(const Value& value);
/// A user of /etc/passwd. Directory services are not asked: nothing here may wait for a network.
[[nodiscard]] std::optional<std::string> local_user(const Value& value);
/// The absolute path of a file that may be missing, in a directory that is there.
[[nodiscard]] std::optional<std::string> file_path(const Value& value);

}  // namespace haguard::conf
