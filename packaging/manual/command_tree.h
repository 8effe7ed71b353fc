#pragma once
// The commands of a program as plain values, for whatever describes them.

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace haguard::manual {

struct OptionText {
  std::vector<std::string> names;  ///< "-c", "--config"; none: it is told by its place
  std::string value;               ///< "FILE"; empty: it takes none
  bool required = false;
  std::string text;           ///< "configuration file"
  std::string default_value;  ///< may be empty
};

struct CommandText {
  std::string path;  ///< "haguard proxy rollback"
  std::string text;
  std::vector<OptionText> options;  ///< with those that every command has
  std::vector<CommandText> commands;

  /// "rollback"
  [[nodiscard]] std::string name() const { return path.substr(path.find_last_of(' ') + 1); }
};

[[nodiscard]] CommandText command_tree(const CLI::App& app, const std::string& parent = "");

}  // namespace haguard::manual
