#include "packaging/manual/command_tree.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace haguard::manual {
namespace {

OptionText describe(const CLI::Option& option) {
  OptionText result;
  for (const std::string& name : option.get_snames()) {
    result.names.push_back("-" + name);
  }
  for (const std::string& name : option.get_lnames()) {
    result.names.push_back("--" + name);
  }
  if (option.get_items_expected_max() > 0) {
    const std::string type = option.get_type_name();
    result.value = type.substr(0, type.find(':'));  // what follows is for the validator
  }
  result.required = option.get_required();
  result.text = option.get_description();
  result.default_value = option.get_default_str();
  return result;
}

}  // namespace

CommandText command_tree(const CLI::App& app, const std::string& parent) {
  CommandText result;
  result.path = parent.empty() ? app.get_name() : parent + " " + app.get_name();
  result.text = app.get_description();
  for (const CLI::Option* option : app.get_options()) {
    result.options.push_back(describe(*option));
  }
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    result.commands.push_back(command_tree(*sub, result.path));
  }
  return result;
}

}  // namespace haguard::manual
