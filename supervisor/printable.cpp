#include "supervisor/printable.h"

#include <iterator>

#include <boost/locale/utf.hpp>
#include <fmt/format.h>

namespace haguard::supervisor {
namespace {

namespace utf = boost::locale::utf;

constexpr utf::code_point kReplacement = 0xfffd;

/// C0, DEL and C1: the last are control characters to a terminal as well.
bool is_control(utf::code_point point) {
  return point < 0x20 || (point >= 0x7f && point < 0xa0);
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (auto at = text.begin(); at != text.end();) {
    auto next = at;
    auto point = utf::utf_traits<char>::decode(next, text.end());
    if (!utf::is_valid_codepoint(point)) {
      // One bad byte spoils itself only, not the good ones that the decoder has looked at.
      next = std::next(at);
      point = kReplacement;
    }
    if (is_control(point)) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", point);
    } else {
      utf::utf_traits<char>::encode(point, std::back_inserter(out));
    }
    at = next;
  }
  return out;
}

}  // namespace haguard::supervisor
