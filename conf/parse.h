#pragma once
// haguard.toml -> Config, or every problem in it at once. Reads the file, those that it includes
// and the secret files that they name; touches nothing else.

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "conf/config.h"
#include "conf/file.h"
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
  bool operator==(const Problem&) const = default;
};

using Problems = std::vector<Problem>;

/// A valid configuration with the warnings about it, where everything stands, and the text of its
/// files in the order of reading.
struct Parsed {
  Config config;
  Problems warnings;
  Places places{};
  std::vector<std::string> texts{};
};

using ParseResult = std::variant<Parsed, Problems>;

/// What the file is read for. The daemon needs the programs, users and secrets that it names. A
/// command that asks the daemon, or cleans up behind it, does not: to it one that is missing is a
/// warning, and the setting that names it is not set.
enum class Purpose { Run, Ask };

/// `host_name` is the default of node.name. `file` is used in messages and as the base of relative
/// paths. `source` is where included files come from.
[[nodiscard]] ParseResult parse(std::string_view text, const std::string& file,
                                const std::string& host_name, Purpose purpose = Purpose::Run,
                                const FileSource& source = no_files());

/// Reads `file` and parses it with all that it includes; a file that cannot be read is one Problem.
[[nodiscard]] ParseResult load(const std::string& file, const std::string& host_name,
                               Purpose purpose = Purpose::Run);

}  // namespace haguard::conf
