#include "proxy-bridge/socket_table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>

namespace haguard::proxy {
namespace {

constexpr std::size_t kDigitsOfWord = 8;

std::string_view next_field(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const std::string_view field = line.substr(0, line.find(' '));
  line.remove_prefix(field.size());
  return field;
}

template <typename Number>
std::optional<Number> hexadecimal(std::string_view text) {
  Number value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return error == std::errc{} && stop == text.data() + text.size() ? std::optional(value)
                                                                   : std::nullopt;
}

std::optional<vrrp::IpAddress> address_of(std::string_view digits) {
  std::array<std::uint8_t, 16> bytes{};
  std::size_t size = 0;
  for (; !digits.empty() && size < bytes.size(); size += sizeof(std::uint32_t)) {
    const auto word = hexadecimal<std::uint32_t>(digits.substr(0, kDigitsOfWord));
    if (!word || digits.size() < kDigitsOfWord) {
      return std::nullopt;
    }
    std::memcpy(bytes.data() + size, &*word, sizeof(*word));
    digits.remove_prefix(kDigitsOfWord);
  }
  return digits.empty() ? vrrp::IpAddress::from_bytes(std::span(bytes).first(size)) : std::nullopt;
}

}  // namespace

void add_socket(std::string_view line, SocketState state, SocketAddresses& found) {
  next_field(line);  // the number of the line
  const std::string_view local = next_field(line);
  next_field(line);  // the peer
  const auto colon = local.find(':');
  if (colon == std::string_view::npos ||
      hexadecimal<std::uint8_t>(next_field(line)) != static_cast<std::uint8_t>(state)) {
    return;
  }
  const auto address = address_of(local.substr(0, colon));
  const auto port = hexadecimal<std::uint16_t>(local.substr(colon + 1));
  if (address && port) {
    found.insert({*address, *port});
  }
}

}  // namespace haguard::proxy
