#include "conf/keepalived/utf8.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace haguard::conf::keepalived {
namespace {

/// RFC 3629 4: what may follow a first byte. The second one has limits of its own, the others are
/// 80 to BF.
struct Form {
  std::uint8_t first_from;
  std::uint8_t first_to;
  std::uint8_t second_from;
  std::uint8_t second_to;
  std::size_t length;
};
constexpr std::array kForms{
    Form{0xC2, 0xDF, 0x80, 0xBF, 2}, Form{0xE0, 0xE0, 0xA0, 0xBF, 3},
    Form{0xE1, 0xEC, 0x80, 0xBF, 3}, Form{0xED, 0xED, 0x80, 0x9F, 3},
    Form{0xEE, 0xEF, 0x80, 0xBF, 3}, Form{0xF0, 0xF0, 0x90, 0xBF, 4},
    Form{0xF1, 0xF3, 0x80, 0xBF, 4}, Form{0xF4, 0xF4, 0x80, 0x8F, 4},
};

bool is_between(char c, std::uint8_t from, std::uint8_t to) {
  const auto byte = static_cast<std::uint8_t>(c);
  return byte >= from && byte <= to;
}

/// Bytes of the character that the text begins with; 0 when it begins with none.
std::size_t character_length(std::string_view text) {
  if (is_between(text.front(), 0x00, 0x7F)) {
    return 1;
  }
  const auto* form = std::ranges::find_if(kForms, [&](const Form& candidate) {
    return is_between(text.front(), candidate.first_from, candidate.first_to);
  });
  if (form == kForms.end() || text.size() < form->length ||
      !is_between(text[1], form->second_from, form->second_to)) {
    return 0;
  }
  const auto others = text.substr(2, form->length - 2);
  const bool good = std::ranges::all_of(others, [](char c) { return is_between(c, 0x80, 0xBF); });
  return good ? form->length : 0;
}

}  // namespace

std::string as_utf8(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto length = character_length(text);
    result += length == 0 ? "?" : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return result;
}

}  // namespace haguard::conf::keepalived
