#include "supervisor/advertiser.h"

#include <algorithm>
#include <utility>

#include "vrrp/frame.h"
#include "vrrp/neighbor.h"

namespace haguard::supervisor {
namespace {

/// Left-justified, NUL-padded (RFC 2338 5.3.10.1).
std::array<std::uint8_t, 8> auth_data(const std::string& password) {
  std::array<std::uint8_t, 8> data{};
  std::copy_n(password.begin(), std::min(password.size(), data.size()), data.begin());
  return data;
}

vrrp::Advertisement advertisement(const conf::Instance& instance,
                                  const std::vector<vrrp::IpAddress>& addresses, int priority,
                                  Duration interval, vrrp::ChecksumForm form) {
  vrrp::Advertisement advertisement;
  advertisement.version = instance.version;
  advertisement.virtual_router_id = instance.virtual_router_id;
  advertisement.priority = static_cast<std::uint8_t>(priority);
  advertisement.interval = interval;
  advertisement.addresses = addresses;
  if (instance.password) {
    advertisement.auth_type = vrrp::AuthType::Password;
    advertisement.auth_data = auth_data(*instance.password);
  }
  advertisement.checksum_form = form;
  return advertisement;
}

Action sending(const std::string& interface, const vrrp::Advertisement& advertisement,
               const Voice& voice, const vrrp::IpAddress& destination) {
  const vrrp::Envelope envelope{voice.source, destination};
  auto message = vrrp::encode(advertisement, envelope);
  if (voice.virtual_mac) {
    return SendFrame{interface, vrrp::multicast_frame(*voice.virtual_mac, envelope, message)};
  }
  return SendPacket{interface, voice.source, destination, std::move(message)};
}

}  // namespace

void Advertiser::advertise(const conf::Instance& instance,
                           const std::vector<vrrp::IpAddress>& addresses,
                           const vrrp::SendAdvertisement& what, const Voice& voice, Output& out) {
  Said said{what.priority, what.interval, voice};
  if (last_ != said) {
    last_ = std::move(said);
    packets_.clear();
    const auto message =
        advertisement(instance, addresses, what.priority, what.interval, voice.checksum_form);
    const auto add = [&](const vrrp::IpAddress& destination) {
      packets_.push_back(sending(instance.interface, message, voice, destination));
    };
    if (instance.unicast) {
      std::ranges::for_each(instance.unicast->peers, add);
    } else {
      add(vrrp::multicast_group(voice.source.family()));
    }
  }
  out.actions.insert(out.actions.end(), packets_.begin(), packets_.end());
}

void announce(const conf::VirtualAddress& address, const Macs& macs, Output& out) {
  const auto mac = macs.find(address.interface);
  if (mac == macs.end()) {
    return;
  }
  if (address.address.family() == vrrp::Family::Ipv4) {
    const auto frame =
        vrrp::gratuitous_arp(mac->second, address.address, vrrp::ArpOperation::Request);
    out.actions.emplace_back(SendFrame{address.interface, frame});
  } else {
    const auto frame = vrrp::unsolicited_advertisement(mac->second, address.address);
    out.actions.emplace_back(SendFrame{address.interface, frame});
  }
}

}  // namespace haguard::supervisor
