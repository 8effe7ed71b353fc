#pragma once
// haguard.toml -> Config, or every problem in it at once. Reads the file and the secret files it
// names; touches nothing else.

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "conf/config.h"
#include "conf/places.h"

namespace haguard::conf {

enum class Severity { Error, Warning };

/// One thing wrong with the file. `line` and `column` count from 1; 0 = the file as a whole.
struct Problem {
  std::string file;
  unsigned line = 0;
  unsigned column = 0;
  Severity severity = Severity::Error;
  std::string message;

  /// "haguard.toml:12:3: error: …"
  [[nodiscard]] std::string to_string() const;
};

using Problems = std::vector<Problem>;

/// A valid configuration with the warnings about it, and where everything stands.
struct Parsed {
  Config config;
  Problems warnings;
  Places places{};
};

using ParseResult = std::variant<Parsed, Problems>;

/// `host_name` is the default of node.name. `file` is used in messages and as the base of relative
/// paths of secret files.
[[nodiscard]] ParseResult parse(std::string_view text, const std::string& file,
                                const std::string& host_name);

/// Reads `file` and parses it; a file that cannot be read is one Problem.
[[nodiscard]] ParseResult load(const std::string& file, const std::string& host_name);

}  // namespace haguard::conf
