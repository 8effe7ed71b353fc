#pragma once
// The question the monitor asks over and over on its held connection, and the whole answer to it:
// who serves, and how the proxies are.

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "proxy-bridge/show.h"

namespace haguard::proxy {

struct Round {
  Info info;
  std::vector<ProxyRow> proxies;
};

class RoundQuestion {
 public:
  /// Asks for all frontends and for the backends named; names hold no space and no ';'.
  explicit RoundQuestion(const std::set<std::string>& backends);

  /// Commands joined by ';'.
  [[nodiscard]] const std::string& command() const { return command_; }
  /// Nothing when a part is missing or makes no sense. A backend unknown to HAProxy has no row.
  [[nodiscard]] std::optional<Round> parse(std::string_view answer) const;

 private:
  std::string command_;
  std::size_t backends_;
};

}  // namespace haguard::proxy
