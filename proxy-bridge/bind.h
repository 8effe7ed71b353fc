#pragma once
// What a `bind` line of HAProxy listens on (configuration manual, sections 4.2 "bind" and 5.1).
// Every byte is hostile.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "proxy-bridge/words.h"
#include "vrrp/address.h"

namespace haguard::proxy {

enum class BindKind : std::uint8_t {
  Ip,       ///< `host` and ports
  Path,     ///< a UNIX socket, also an abstract one
  Fd,       ///< inherited: where it listens, only the parent knows
  Unknown,  ///< a form that is not known here
};

struct Bind {
  std::string file;
  unsigned line = 0;
  bool conditional = false;  ///< in an `.if` block: it may be there or not
  /// It has a variable, and all that is said of the address may be wrong.
  bool unresolved = false;

  std::string text;  ///< the address as it is written: "ipv4@10.0.0.1:80-81"
  BindKind kind = BindKind::Ip;
  /// Without prefix and brackets: "" and "*" for all of the system, an address, or a name.
  std::string host;
  std::uint16_t first_port = 0;  ///< 0: none, or not readable
  std::uint16_t last_port = 0;
  bool datagram = false;  ///< UDP, QUIC
  bool ipv6 = false;      ///< by prefix or address

  bool ssl = false;
  bool accept_proxy = false;
  bool transparent = false;
  bool v6only = false;
  bool v4v6 = false;
  std::string interface;  ///< empty: any
  std::string name_space;

  /// The one address that it listens on; none for all, for names and for what is no address.
  [[nodiscard]] std::optional<vrrp::IpAddress> address() const;
  /// Listens on every address of that family.
  [[nodiscard]] bool is_wildcard(vrrp::Family family) const;
};

/// One Bind for each address of the list. `arguments`: the words behind `bind`. File, line and
/// condition are left to the caller.
[[nodiscard]] std::vector<Bind> parse_bind(std::span<const Word> arguments);

}  // namespace haguard::proxy
