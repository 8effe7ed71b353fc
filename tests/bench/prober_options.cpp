#include "tests/bench/prober_options.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <map>

#include <arpa/inet.h>

namespace haguard::bench {
namespace {

Microseconds parse_duration(const std::string& text) {
  std::size_t used = 0;
  double value = 0;
  try {
    value = std::stod(text, &used);
  } catch (const std::logic_error&) {
    throw Usage("not a duration: " + text);
  }
  const std::map<std::string, double> units{{"us", 1}, {"ms", 1e3}, {"s", 1e6}};
  const auto unit = units.find(text.substr(used));
  if (unit == units.end() || !(value > 0) || value > 86'400) {
    throw Usage("not a duration between 1us and 86400s: " + text);
  }
  return Microseconds(std::max<std::int64_t>(1, std::llround(value * unit->second)));
}

sockaddr_in parse_target(const std::string& text) {
  const auto colon = text.rfind(':');
  sockaddr_in target{};
  target.sin_family = AF_INET;
  if (colon == std::string::npos ||
      inet_pton(AF_INET, text.substr(0, colon).c_str(), &target.sin_addr) != 1) {
    throw Usage("not an IPv4 address and port: " + text);
  }
  const int port = std::atoi(text.c_str() + colon + 1);
  if (port < 1 || port > 65535) {
    throw Usage("not a port: " + text);
  }
  target.sin_port = htons(static_cast<std::uint16_t>(port));
  return target;
}

}  // namespace

Options parse(int argc, char** argv) {
  std::map<std::string, std::string> given;
  for (int i = 1; i < argc; i += 2) {
    if (i + 1 == argc) {
      throw Usage(std::string("no value for ") + argv[i]);
    }
    given[argv[i]] = argv[i + 1];
  }
  Options options;
  for (const auto& [name, value] : given) {
    if (name == "--target") {
      options.target = parse_target(value);
    } else if (name == "--interval") {
      options.interval = parse_duration(value);
    } else if (name == "--duration") {
      options.duration = parse_duration(value);
    } else if (name == "--timeout") {
      options.timeout = parse_duration(value);
    } else if (name == "--output") {
      options.output = value;
    } else {
      throw Usage("unknown option " + name);
    }
  }
  if (!given.contains("--target") || !given.contains("--output")) {
    throw Usage("--target and --output are needed");
  }
  return options;
}

}  // namespace haguard::bench
