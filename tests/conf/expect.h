#pragma once
// What the tests of the configuration share: problems as the lines that a user reads.

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "conf/parse.h"

namespace haguard::conf::testing {

using Lines = std::vector<std::string>;

inline Lines lines_of(const Problems& problems) {
  Lines lines;
  for (const Problem& problem : problems) {
    lines.push_back(problem.to_string());
  }
  return lines;
}

inline ParseResult parse_text(std::string_view text) {
  return parse(text, "f.toml", "host-1");
}

/// Errors, or warnings of a valid file.
inline Lines problems(std::string_view text) {
  const auto result = parse_text(text);
  const auto* parsed = std::get_if<Parsed>(&result);
  return lines_of(parsed != nullptr ? parsed->warnings : std::get<Problems>(result));
}

/// The configuration of a file that must be valid.
inline Config valid(std::string_view text) {
  const auto result = parse_text(text);
  if (const auto* parsed = std::get_if<Parsed>(&result)) {
    return parsed->config;
  }
  for (const std::string& line : lines_of(std::get<Problems>(result))) {
    ADD_FAILURE() << line;
  }
  // Something to look at, so that the test ends with its own message and not with a crash.
  Config config;
  config.instances.resize(1);
  return config;
}

/// A valid instance on lines 1 to 5; what follows it begins on line 6.
inline std::string instance_with(std::string_view rest) {
  return R"([[vrrp.instance]]
name = "edge"
interface = "etx2"
virtual_router_id = 51
virtual_addresses = ["172.28.1.254"]
)" + std::string(rest);
}

inline Instance only_instance(std::string_view rest) {
  return valid(instance_with(rest)).instances.at(0);
}

inline vrrp::IpAddress ip(std::string_view text) {
  return vrrp::IpAddress::parse(text).value();
}

}  // namespace haguard::conf::testing
