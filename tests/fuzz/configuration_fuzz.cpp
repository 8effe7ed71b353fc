// HAProxy's configuration, byte by byte hostile: bounded work, and values that hold together.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "proxy-bridge/configuration.h"
#include "proxy-bridge/references.h"
#include "proxy-bridge/words.h"

namespace {

using namespace haguard;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void check_bind(const proxy::Bind& bind) {
  require(bind.first_port <= bind.last_port);
  require(bind.line > 0 && bind.file == "fuzz.cfg");
  for (const auto family : {vrrp::Family::Ipv4, vrrp::Family::Ipv6}) {
    require(!bind.address() || !bind.is_wildcard(family));
  }
}

void check_references(const proxy::References& references) {
  require(references.files.size() <= 20'000);
  for (const proxy::Reference& reference : references.files) {
    require(reference.path.starts_with('/') && reference.path.size() <= 4096);
    require(reference.path.find('\0') == std::string::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const proxy::Word& word : proxy::words_of(text)) {
    require(word.text.size() <= size);
  }
  const auto configuration = proxy::parse_configuration({{"fuzz.cfg", text}});
  for (const proxy::ProxySection& section : configuration.proxies) {
    require(section.line > 0 && section.name.size() <= size);
    for (const proxy::Bind& bind : section.binds) {
      check_bind(bind);
    }
  }
  check_references(proxy::references_of({{"/etc/fuzz.cfg", text}}, "/"));
  check_references(proxy::certificates_of(text, "/etc"));
  return 0;
}
