#include <algorithm>

#include <fmt/format.h>

#include "packaging/manual/completions.h"

namespace haguard::manual {
namespace {

/// Fit for '…' in zsh, and without a meaning of its own to _arguments and _describe.
std::string quoted(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '\'') {
      result += "'\\''";
    } else {
      result += c == ':' || c == '[' || c == ']' ? std::string{'\\', c} : std::string(1, c);
    }
  }
  return result;
}

std::string function_of(const CommandText& command) {
  std::string result = "_" + command.path;
  std::ranges::replace(result, ' ', '_');
  return result;
}

/// ":FILE:_files", or nothing for an option without a value.
std::string value_of(const OptionText& option) {
  if (option.value.empty()) {
    return {};
  }
  const bool file = option.value == "FILE" || option.value == "OUT";
  return fmt::format(":{}:{}", option.value, file ? "_files" : "");
}

/// The arguments of _arguments: one per name.
std::string specifications(const CommandText& command) {
  std::string result;
  for (const OptionText& option : command.options) {
    std::string all;
    for (const std::string& name : option.names) {
      all += (all.empty() ? "" : " ") + name;
    }
    for (const std::string& name : option.names) {
      result +=
          fmt::format(" \\\n    '({}){}[{}]{}'", all, name, quoted(option.text), value_of(option));
    }
    if (option.names.empty()) {
      result += fmt::format(" \\\n    '{}{}'", option.required ? "1" : "1:", value_of(option));
    }
  }
  return result;
}

void append_function(const CommandText& command, std::string& out) {
  for (const CommandText& sub : command.commands) {
    append_function(sub, out);
  }
  out += fmt::format("\n{}() {{\n", function_of(command));
  if (command.commands.empty()) {
    out += fmt::format("  _arguments{}\n}}\n", specifications(command));
    return;
  }
  std::string names;
  std::string cases;
  for (const CommandText& sub : command.commands) {
    names += fmt::format("        '{}:{}'\n", sub.name(), quoted(sub.text));
    cases += fmt::format("        {}) {} ;;\n", sub.name(), function_of(sub));
  }
  out += fmt::format(
      "  local curcontext=$curcontext state line\n  typeset -A opt_args\n"
      "  _arguments -C{} \\\n    '1: :->command' \\\n    '*:: :->rest'\n"
      "  case $state in\n    command)\n      local -a commands=(\n{}      )\n"
      "      _describe command commands\n      ;;\n"
      "    rest)\n      case $line[1] in\n{}      esac\n      ;;\n  esac\n}}\n",
      specifications(command), names, cases);
}

}  // namespace

std::string zsh_completion(const CommandText& program) {
  std::string result =
      "#compdef haguard\n# Completion of haguard for zsh; made from its command line.\n";
  append_function(program, result);
  return result + "\n_haguard \"$@\"\n";
}

}  // namespace haguard::manual
