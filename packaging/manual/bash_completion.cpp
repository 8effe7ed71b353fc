#include <fmt/format.h>

#include "packaging/manual/completions.h"

namespace haguard::manual {
namespace {

/// The part that is the same for every program. $path is the command so far, such as "haguard
/// proxy"; an option that takes a value hides the next word.
constexpr const char* kFunction = R"(
_haguard() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local path=haguard commands options files valued word value=
  _haguard_command "$path"
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ -z $value && " $commands " == *" $word "* ]]; then
      path+=" $word"
      _haguard_command "$path"
    fi
    value=
    [[ " $valued " != *" $word "* ]] || value=yes
  done
  COMPREPLY=()
  if [[ " $files " == *" $previous "* ]]; then
    _haguard_files
  elif [[ " $valued " == *" $previous "* ]]; then
    :
  elif [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
  elif [[ " $files " == *" FILE "* ]]; then
    _haguard_files
  else
    mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$current")
  fi
}

_haguard_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen -f -- "$current")
}

complete -F _haguard haguard
)";

bool is_file(const OptionText& option) {
  return option.value == "FILE" || option.value == "OUT";
}

void add_word(std::string& words, const std::string& word) {
  words += (words.empty() ? "" : " ") + word;
}

/// "proxy" has: its commands, its options, which of these take a value, and which of those a file.
void append_case(const CommandText& command, std::string& out) {
  std::string commands;
  std::string options;
  std::string valued;
  std::string files;
  for (const CommandText& sub : command.commands) {
    add_word(commands, sub.name());
  }
  for (const OptionText& option : command.options) {
    for (const std::string& name : option.names) {
      add_word(options, name);
      if (!option.value.empty()) {
        add_word(valued, name);
      }
      if (is_file(option)) {
        add_word(files, name);
      }
    }
    if (option.names.empty() && is_file(option)) {
      add_word(files, option.value);
    }
  }
  out += fmt::format(
      "    '{}')\n      commands='{}'\n      options='{}'\n      valued='{}'\n      files='{}'\n"
      "      ;;\n",
      command.path, commands, options, valued, files);
  for (const CommandText& sub : command.commands) {
    append_case(sub, out);
  }
}

}  // namespace

std::string bash_completion(const CommandText& program) {
  std::string cases;
  append_case(program, cases);
  return fmt::format(
             "# Completion of haguard for bash; made from its command line.\n\n"
             "_haguard_command() {{\n  case $1 in\n{}  esac\n}}\n",
             cases) +
         kFunction;
}

}  // namespace haguard::manual
