// Run by the build: writes one part of the documentation to standard output.
//   haguard_manual commands TEMPLATE           haguard(8)
//   haguard_manual settings TEMPLATE FILE      haguard.toml(5), of the file as installed
//   haguard_manual bash | zsh                  the completion

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include "packaging/manual/commands_page.h"
#include "packaging/manual/completions.h"
#include "packaging/manual/settings_page.h"
#include "supervisor/command_line.h"
#include "supervisor/version.h"

namespace haguard::manual {
namespace {

std::string content(const std::string& file) {
  std::ifstream stream(file);
  if (!stream) {
    throw std::runtime_error("cannot read " + file);
  }
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// The template with the line `mark` replaced.
std::string filled(std::string text, const std::string& mark, const std::string& with) {
  const auto at = text.find(mark);
  if (at == std::string::npos) {
    throw std::runtime_error("no " + mark + " in the template");
  }
  return text.replace(at, mark.size(), with);
}

/// Of the sources, as whoever makes a package says in seconds since 1970; else there is none, so
/// that the same sources make the same page.
std::string date() {
  const char* const epoch = std::getenv("SOURCE_DATE_EPOCH");
  if (epoch == nullptr) {
    return {};
  }
  const auto days = std::chrono::floor<std::chrono::days>(std::chrono::seconds(std::stoll(epoch)));
  const std::chrono::year_month_day day{std::chrono::sys_days(days)};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()),
                     static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
}

std::string write(const std::vector<std::string>& arguments) {
  CLI::App app;
  supervisor::Invocation asked;
  supervisor::add_commands(app, asked);
  const CommandText program = command_tree(app);
  const std::string& what = arguments.at(0);
  if (what == "bash") {
    return bash_completion(program);
  }
  if (what == "zsh") {
    return zsh_completion(program);
  }
  const std::string page =
      filled(filled(content(arguments.at(1)), "@VERSION@", supervisor::kVersion), "@DATE@", date());
  if (what == "settings") {
    return filled(page, "@SETTINGS@\n", settings(content(arguments.at(2))));
  }
  return filled(filled(page, "@COMMANDS@\n", commands(program)), "@OPTIONS@\n",
                common_options(program));
}

}  // namespace
}  // namespace haguard::manual

int main(int argc, char** argv) {
  try {
    std::cout << haguard::manual::write({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "haguard_manual: " << error.what() << "\n";
    return 1;
  }
}
