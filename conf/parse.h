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

/// What the file is read for. The daemon needs the programs, users and secrets that it names. A
/// command that asks the daemon, or cleans up behind it, does not: to it one that is missing is a
/// warning, and the setting that names it is not set.
enum class Purpose { Run, Ask };

/// `host_name` is the default of node.name. `file` is used in messages and as the base of relative
/// paths of secret files.
[[nodiscard]] ParseResult parse(std::string_view text, const std::string& file,
                                const std::string& host_name, Purpose purpose = Purpose::Run);

/// Reads `file` and parses it; a file that cannot be read is one Problem.
[[nodiscard]] ParseResult load(const std::string& file, const std::string& host_name,
                               Purpose purpose = Purpose::Run);

}  // namespace haguard::conf
