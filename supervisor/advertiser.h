#pragma once
// What a virtual router says to the LAN, as actions: advertisements to its peers, and announcements
// of where its addresses are.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "conf/config.h"
#include "supervisor/event.h"
#include "vrrp/address.h"
#include "vrrp/packet.h"

namespace haguard::supervisor {

using Macs = std::map<std::string, vrrp::MacAddress, std::less<>>;  ///< by interface

/// How and from where.
struct Voice {
  vrrp::IpAddress source;
  vrrp::ChecksumForm checksum_form = vrrp::ChecksumForm::PseudoHeader;
  std::optional<vrrp::MacAddress> virtual_mac;  ///< none: that of the interface

  bool operator==(const Voice&) const = default;
};

/// Advertisements of one virtual router. Keeps the last one as it was sent, because the next one
/// is the same in steady state.
class Advertiser {
 public:
  /// To the group of the source's family, or to each peer.
  void advertise(const conf::Instance& instance, const std::vector<vrrp::IpAddress>& addresses,
                 const vrrp::SendAdvertisement& what, const Voice& voice, Output& out);
  /// The instance or its addresses have changed.
  void forget() { last_.reset(); }

 private:
  struct Said {
    int priority = 0;
    Duration interval{};
    Voice voice;

    bool operator==(const Said&) const = default;
  };
  std::optional<Said> last_;
  std::vector<Action> packets_;  ///< of it, one for each destination
};

/// A gratuitous ARP or an unsolicited neighbour advertisement, on the interface of the address.
void announce(const conf::VirtualAddress& address, const Macs& macs, Output& out);

}  // namespace haguard::supervisor
