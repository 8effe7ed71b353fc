// What is read before a reload is tried: command lines, what systemd shows, environment files, what
// the check prints, the kernel's table of sockets. Whatever comes of it must be bounded.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "proxy-bridge/check_output.h"
#include "proxy-bridge/command_line.h"
#include "proxy-bridge/kept_output.h"
#include "proxy-bridge/socket_table.h"
#include "proxy-bridge/unit_properties.h"

namespace {

using namespace haguard::proxy;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
}

void check_command_line(const std::string& text) {
  const auto arguments = check_arguments(options_of_command_line(text));
  require(arguments.size() >= 2 && arguments[0] == "-c");
  std::size_t size = 0;
  for (const std::string& argument : arguments) {
    size += argument.size();
  }
  require(size <= text.size() + 4);
}

void check_unit(const std::string& text) {
  std::size_t size = 0;
  for (const std::string& assignment : parse_environment_file(text)) {
    require(assignment.find('=') != std::string::npos);
    size += assignment.size();
  }
  for (const std::string& assignment : parse_unit_properties(text).environment) {
    size += assignment.size();
  }
  require(size <= 2 * text.size());
  const std::string service = service_of_cgroup(text);
  require(service.empty() || service.ends_with(".service"));
}

void check_output_of(const std::string& text) {
  require(!has_control(alerts_of(text)));
  KeptOutput kept(8, 16);
  kept.add(std::string_view(text).substr(0, text.size() / 2));
  kept.add(std::string_view(text).substr(text.size() / 2));
  const std::string whole = kept.take();
  require(text.size() <= 24 ? whole == text : whole.ends_with(text.substr(text.size() - 16)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  check_command_line(text);
  check_unit(text);
  check_output_of(text);
  SocketAddresses found;
  add_socket(text, SocketState::Listening, found);
  require(found.size() <= 1);
  return 0;
}
