#pragma once
// The kinds of values that hold IP addresses; what a kind is, conf/kinds.h says.

#include <optional>
#include <vector>

#include "conf/config.h"
#include "conf/reader.h"
#include "vrrp/address.h"

namespace haguard::conf {

/// An address that one host can have.
[[nodiscard]] std::optional<vrrp::IpAddress> host_address(const Value& value);
/// "127.0.0.1:443", "[::1]:443"
[[nodiscard]] std::optional<Endpoint> endpoint(const Value& value);
/// At least one, none twice. An empty interface stands for the instance's.
[[nodiscard]] std::optional<std::vector<VirtualAddress>> virtual_addresses(const Value& value);
/// The same, but there may be none.
[[nodiscard]] std::optional<std::vector<VirtualAddress>> excluded_addresses(const Value& value);
/// The peers have the family of the source.
[[nodiscard]] std::optional<Unicast> unicast(const Value& value);

}  // namespace haguard::conf
