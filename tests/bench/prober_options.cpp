#include "tests/bench/prober_options.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
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

/// "172.28.1.254:80" or "[2001:db8::10]:80".
void parse_target(const std::string& text, Options& options) {
  const auto colon = text.rfind(':');
  const std::string host = text.substr(0, colon);
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  sockaddr_in ipv4{};
  sockaddr_in6 ipv6{};
  const int port = colon == std::string::npos ? 0 : std::atoi(text.c_str() + colon + 1);
  if (port < 1 || port > 65535) {
    throw Usage("not a port: " + text);
  }
  ipv4.sin_family = AF_INET;
  ipv6.sin6_family = AF_INET6;
  ipv4.sin_port = ipv6.sin6_port = htons(static_cast<std::uint16_t>(port));
  if (inet_pton(AF_INET, host.c_str(), &ipv4.sin_addr) == 1) {
    std::memcpy(&options.target, &ipv4, sizeof ipv4);
    options.target_size = sizeof ipv4;
  } else if (brackets &&
             inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &ipv6.sin6_addr) == 1) {
    std::memcpy(&options.target, &ipv6, sizeof ipv6);
    options.target_size = sizeof ipv6;
  } else {
    throw Usage("not an address and port: " + text);
  }
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
      parse_target(value, options);
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
