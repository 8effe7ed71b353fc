#include "packaging/manual/commands_page.h"

#include <algorithm>

#include <fmt/format.h>

#include "packaging/manual/roff.h"

namespace haguard::manual {
namespace {

/// "-c, --config FILE"
std::string term_of(const OptionText& option) {
  std::string result;
  for (const std::string& name : option.names) {
    result += (result.empty() ? "" : ", ") + bold(name);
  }
  if (!option.value.empty()) {
    result += (result.empty() ? "" : " ") + italic(option.value);
  }
  return result;
}

std::string text_of(const OptionText& option) {
  return option.default_value.empty()
             ? option.text
             : fmt::format("{}; default: {}", option.text, option.default_value);
}

bool is_common(const CommandText& program, const OptionText& option) {
  return !option.names.empty() && std::ranges::find(program.options, option.names,
                                                    &OptionText::names) != program.options.end();
}

/// "haguard import [options] FILE"
std::string usage(const CommandText& command) {
  std::string result = bold(command.path);
  for (const OptionText& option : command.options) {
    if (option.names.empty()) {
      result += option.required ? " " + italic(option.value) : " [" + italic(option.value) + "]";
    }
  }
  return result;
}

std::string entry(const CommandText& program, const CommandText& command) {
  std::string result = tagged(usage(command), command.text);
  std::string options;
  for (const OptionText& option : command.options) {
    if (!is_common(program, option)) {
      options += tagged(term_of(option), text_of(option));
    }
  }
  return options.empty() ? result : result + ".RS\n" + options + ".RE\n";
}

void append_commands(const CommandText& program, const CommandText& parent, std::string& out) {
  for (const CommandText& command : parent.commands) {
    if (command.commands.empty()) {
      out += entry(program, command);
    } else {
      append_commands(program, command, out);
    }
  }
}

}  // namespace

std::string common_options(const CommandText& program) {
  std::string result;
  for (const OptionText& option : program.options) {
    result += tagged(term_of(option), text_of(option));
  }
  return result;
}

std::string commands(const CommandText& program) {
  std::string result;
  append_commands(program, program, result);
  return result;
}

}  // namespace haguard::manual
