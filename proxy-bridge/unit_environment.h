#pragma once
// Port: where HAProxy was started from. What its configuration says depends on variables of the
// environment and, with relative names, on the directory.

#include <string>
#include <vector>

#include "proxy-bridge/unit_properties.h"

namespace haguard::proxy {

struct Surroundings {
  std::vector<std::string> environment;  ///< "NAME=value", with a PATH
  std::string directory = "/";
};

/// The systemd service of that process; empty: none, or systemd does not run here.
[[nodiscard]] std::string service_of(int pid);

/// A program that prints what parse_unit_properties() reads.
[[nodiscard]] std::vector<std::string> command_to_show(const std::string& service);

/// What systemd would start it with; reads the environment files, 1 MiB of each.
[[nodiscard]] Surroundings surroundings_of(const UnitProperties& unit);

/// For a HAProxy that no service manager of ours has started, as in a container: its own, without
/// the variables that it has set itself. Where they may not be read: a PATH, and "/".
[[nodiscard]] Surroundings surroundings_of(int pid);

}  // namespace haguard::proxy
