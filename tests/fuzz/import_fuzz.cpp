// keepalived.conf: whatever the text is, it gives the text of a haguard.toml, which haguard accepts
// when the importer says so, and findings that a terminal can show.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <toml++/toml.h>

#include "conf/keepalived/import.h"

namespace {

using namespace haguard::conf;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

void check_line(const std::string& line) {
  require(std::ranges::none_of(
      line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }));
}

/// Two files, one of which is the input again; no other is there.
std::vector<keepalived::Included> included(const std::string& pattern, const std::string& input) {
  constexpr std::size_t kShort = 256;  // it is read some hundred times
  if (pattern == "/k/self" && input.size() <= kShort) {
    return {{pattern, input, {}}};
  }
  if (pattern == "/k/other") {
    return {{pattern, "vrrp_instance B {\n", {}}, {"/k/none", {}, "Permission denied"}};
  }
  return {};
}

/// Whatever keepalived.conf says is a value of the result and never a part of its syntax.
void check_syntax(const std::string& text) {
  if (text.size() > keepalived::kLargestFile || std::ranges::count(text, '.') > 10'000) {
    return;
  }
  try {
    static_cast<void>(toml::parse(text));
  } catch (const toml::parse_error&) {
    require(false);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  const auto imported = keepalived::import_text(
      input, "/k/keepalived.conf", "haguard.toml", "proxy-1",
      [&input](const std::string& pattern) { return included(pattern, input); });
  for (const keepalived::Finding& finding : imported.findings) {
    check_line(finding.to_string());
  }
  check_syntax(imported.toml);
  const auto parsed = parse(imported.toml, "haguard.toml", "proxy-1", Purpose::Ask);
  require(std::holds_alternative<Parsed>(parsed) == imported.good());
  require(imported.has_instance || !imported.good());
  return 0;
}
