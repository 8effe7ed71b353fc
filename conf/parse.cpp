#include "conf/parse.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "conf/file.h"
#include "conf/report.h"
#include "conf/sections.h"

namespace haguard::conf {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 20U;

/// Dotted keys nest without a limit in the TOML parser, and its tables are destroyed recursively.
/// That many levels need a megabyte or two of stack; that many addresses need three dots each.
constexpr std::ptrdiff_t kMostDots = 10'000;

/// Empty when the text can be given to the TOML parser.
std::string flaw_of_text(std::string_view text) {
  if (text.size() > kLargestFile) {
    return fmt::format("larger than {} bytes", kLargestFile);
  }
  if (std::ranges::count(text, '.') > kMostDots) {
    return fmt::format("more than {} dots in one file", kMostDots);
  }
  return {};
}

std::string_view line_of(std::string_view text, unsigned number) {
  for (; number > 1 && !text.empty(); --number) {
    const auto end = text.find('\n');
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return text.substr(0, text.find('\n'));
}

void report_syntax(const toml::parse_error& error, std::string_view text, Report& report) {
  const auto begin = error.source().begin;
  // The description may quote what stands there.
  const bool secret = line_of(text, begin.line).find("password") != std::string_view::npos;
  report.error({begin.line, begin.column},
               secret ? "syntax error in a line with a password"
                      : fmt::format("syntax error: {}", printable(error.description())));
}

Config read_config(const toml::table& document, const std::string& host_name, Report& report) {
  Config config;
  config.node_name = host_name;
  Table file(document, "", report);
  read_settings(file, config);
  read_checks(file, config);
  if (!read_instances(file, config)) {
    report.error({}, "there is no [[vrrp.instance]], so nothing to do");
  }
  file.refuse_unknown_keys();
  return config;
}

}  // namespace

ParseResult parse(std::string_view text, const std::string& file, const std::string& host_name,
                  Purpose purpose) {
  Report report(file, purpose);
  if (const auto flaw = flaw_of_text(text); !flaw.empty()) {
    report.error({}, flaw);
    return report.take();
  }
  try {
    const toml::table document = toml::parse(text);
    Config config = read_config(document, host_name, report);
    if (!report.has_errors()) {
      return Parsed{std::move(config), report.take(), places_of(document, file)};
    }
  } catch (const toml::parse_error& error) {
    report_syntax(error, text, report);
  }
  return report.take();
}

ParseResult load(const std::string& file, const std::string& host_name, Purpose purpose) {
  const auto content = read_file(file, kLargestFile);
  if (const auto* failure = std::get_if<FileError>(&content)) {
    return Problems{{file, 0, 0, Severity::Error, "cannot be read: " + failure->reason}};
  }
  return parse(std::get<FileContent>(content).text, file, host_name, purpose);
}

}  // namespace haguard::conf
