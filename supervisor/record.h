#pragma once
// What a daemon writes down for its successor on this machine: which virtual routers hold their
// addresses. The file may be old, cut off or written by somebody else: what does not read as a
// whole is no record.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conf/config.h"
#include "vrrp/address.h"

namespace haguard::supervisor {

/// A virtual router that holds its addresses.
struct RecordedRouter {
  std::string instance;
  vrrp::Family family = vrrp::Family::Ipv4;
  int virtual_router_id = 0;
  int priority = 0;                             ///< effective, 1-255
  std::vector<conf::VirtualAddress> addresses;  ///< all that it set, labels left out

  bool operator==(const RecordedRouter&) const = default;
};

struct Record {
  std::string boot_id;  ///< of the boot in which it was written
  std::vector<RecordedRouter> routers;

  bool operator==(const Record&) const = default;
};

/// Addresses as a record has them.
[[nodiscard]] std::vector<conf::VirtualAddress> record_of_addresses(
    const std::vector<conf::VirtualAddress>& addresses);

[[nodiscard]] std::string to_text(const Record& record);
[[nodiscard]] std::optional<Record> parse_record(std::string_view text);

}  // namespace haguard::supervisor
