#include "conf/kinds.h"

namespace haguard::conf {
namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::size_t kLongestProxyName = 256;
/// IFNAMSIZ - 1, which also bounds address labels.
constexpr std::size_t kLongestInterfaceName = 15;
/// PATH_MAX - 1, and what fits into sockaddr_un.
constexpr std::size_t kLongestPath = 4095;
constexpr std::size_t kLongestSocketPath = 107;

constexpr std::string_view kDuration = "a string with a unit such as \"250ms\"";

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool consists_of_name_characters(std::string_view text, std::string_view others) {
  return std::ranges::all_of(text, [others](char c) {
    return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
  });
}

/// A string that satisfies `good`.
template <class Predicate>
std::optional<std::string> text_that(const Value& value, std::string_view expected,
                                     const Predicate& good) {
  auto text = value.text(expected);
  if (text && !good(*text)) {
    value.refuse(expected);
    return std::nullopt;
  }
  return text;
}

bool is_device_name(std::string_view text) {
  return !text.empty() && text.size() <= kLongestInterfaceName && text != "." && text != ".." &&
         std::ranges::none_of(text, [](char c) { return is_control(c) || c == ' ' || c == '/'; });
}

bool is_absolute_path(std::string_view text, std::size_t longest) {
  return text.starts_with('/') && text.size() <= longest && std::ranges::none_of(text, is_control);
}

}  // namespace

std::optional<bool> boolean(const Value& value) {
  return value.boolean();
}

std::optional<std::string> name(const Value& value) {
  return text_that(value, "1 to 64 letters, digits or \"_.-\"", [](std::string_view text) {
    return !text.empty() && text.size() <= kLongestName && consists_of_name_characters(text, "_.-");
  });
}

bool is_proxy_name(std::string_view text) {
  return !text.empty() && text.size() <= kLongestProxyName &&
         consists_of_name_characters(text, "_.:-");
}

std::optional<std::string> proxy_name(const Value& value) {
  return text_that(value, "a name of letters, digits or \"_.:-\"", is_proxy_name);
}

std::optional<std::string> interface_name(const Value& value) {
  return text_that(value, "an interface name of 1 to 15 bytes without \"/\" and spaces",
                   is_device_name);
}

std::optional<std::string> address_label(const Value& value) {
  return text_that(value, "a label of 1 to 15 bytes without \"/\" and spaces", is_device_name);
}

std::optional<std::string> absolute_path(const Value& value) {
  return text_that(value, "an absolute path",
                   [](std::string_view text) { return is_absolute_path(text, kLongestPath); });
}

std::optional<std::string> socket_path(const Value& value) {
  return text_that(value, "an absolute path of at most 107 bytes", [](std::string_view text) {
    return is_absolute_path(text, kLongestSocketPath);
  });
}

std::optional<Duration> duration(const Value& value) {
  const auto text = value.text(kDuration);
  const auto result = text ? parse_duration(*text) : std::nullopt;
  if (text && !result) {
    value.refuse(kDuration);
  } else if (result && *result > kLongestDuration) {
    value.refuse(fmt::format("at most {}", to_string(kLongestDuration)));
    return std::nullopt;
  }
  return result;
}

std::optional<std::vector<Value>> items_between(const Value& value, std::size_t least,
                                                std::size_t most) {
  auto items = value.items();
  if (items && items->size() < least) {
    value.error(
        fmt::format("expected at least {} {}, got none", least, least == 1 ? "entry" : "entries"));
    return std::nullopt;
  }
  if (items && items->size() > most) {
    value.error(fmt::format("expected at most {} entries, got {}", most, items->size()));
    return std::nullopt;
  }
  return items;
}

}  // namespace haguard::conf
