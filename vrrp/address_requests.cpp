#include "vrrp/address_requests.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>

namespace haguard::vrrp {
namespace {

/// Requests in one sendmsg. The kernel works on them within the call and queues an answer to every
/// one that fails: this many fit into the smallest receive buffer (about 1 KiB each).
constexpr std::size_t kTrain = 128;
constexpr int kReceiveBuffer = 512 * 1024;
/// Lifetimes are in seconds; this one does not end.
constexpr std::uint32_t kForever = 0xffffffff;

std::string describe(bool add, const conf::VirtualAddress& address, std::string_view reason) {
  return fmt::format("cannot {} {}/{} {} {}: {}", add ? "add" : "remove",
                     address.address.to_string(), address.prefix_length, add ? "to" : "from",
                     address.interface, reason);
}

/// What the kernel answers where IPv6 is switched off reads as if privileges were missing.
std::string reason(const conf::VirtualAddress* address, int error) {
  if (error == EACCES && address != nullptr && address->address.family() == Family::Ipv6) {
    return "IPv6 is disabled on the interface";
  }
  return std::generic_category().message(error);
}

/// The outcome that was asked for was there already.
bool is_success(AddressOperation operation, int error) {
  if (operation == AddressOperation::Add) {
    return error == 0 || error == EEXIST;
  }
  // ENXIO: the interface has no IPv6 at all
  return error == 0 || error == EADDRNOTAVAIL || error == ENODEV || error == ENXIO;
}

void put_lifetimes(nl_msg& message, const IpAddress& address, std::chrono::seconds lease) {
  ifa_cacheinfo lifetimes{};
  lifetimes.ifa_valid = kForever;
  if (lease.count() != 0) {
    const std::chrono::seconds longest(kForever - 1);
    lifetimes.ifa_valid = static_cast<std::uint32_t>(std::min(lease, longest).count());
  }
  // A deprecated address is not chosen as a source (RFC 6724 5, rule 3); a link-local one, which
  // neighbors know as their router, has to be. The source for IPv4 is a matter of routes.
  const bool deprecated = address.family() == Family::Ipv6 && !address.is_link_local();
  lifetimes.ifa_prefered = deprecated ? 0 : lifetimes.ifa_valid;
  nla_put(&message, IFA_CACHEINFO, sizeof(lifetimes), &lifetimes);
}

void put_terms(nl_msg& message, const conf::VirtualAddress& address, const AddressTerms& terms) {
  const bool ipv4 = address.address.family() == Family::Ipv4;
  // Without a route to the prefix the interface's own address keeps being chosen as source.
  std::uint32_t flags = terms.prefix_route ? 0 : IFA_F_NOPREFIXROUTE;
  if (!ipv4) {
    // The peer that is being relieved may still answer, and taking over must not wait.
    flags |= IFA_F_NODAD;
  }
  nla_put_u32(&message, IFA_FLAGS, flags);
  put_lifetimes(message, address.address, terms.lease);
  if (ipv4 && !address.label.empty()) {
    nla_put_string(&message, IFA_LABEL, address.label.c_str());
  }
}

NetlinkMessage make_request(AddressOperation operation, const conf::VirtualAddress& address,
                            unsigned interface_index, const AddressTerms& terms,
                            std::uint32_t sequence, bool acknowledge) {
  const bool add = operation == AddressOperation::Add;
  const int flags =
      NLM_F_REQUEST | (add ? NLM_F_CREATE | NLM_F_REPLACE : 0) | (acknowledge ? NLM_F_ACK : 0);
  auto message = make_netlink_message(add ? RTM_NEWADDR : RTM_DELADDR, flags, sequence);
  ifaddrmsg header{};
  header.ifa_family = address.address.family() == Family::Ipv4 ? AF_INET : AF_INET6;
  header.ifa_prefixlen = address.prefix_length;
  header.ifa_scope = address.address.is_link_local() ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
  header.ifa_index = interface_index;
  nlmsg_append(message.get(), &header, sizeof(header), NLMSG_ALIGNTO);
  const auto bytes = address.address.bytes();
  nla_put(message.get(), IFA_LOCAL, static_cast<int>(bytes.size()), bytes.data());
  nla_put(message.get(), IFA_ADDRESS, static_cast<int>(bytes.size()), bytes.data());
  if (add) {
    put_terms(*message, address, terms);
  }
  return message;
}

NetlinkMessage make_set_up(unsigned interface_index, std::uint32_t sequence, bool acknowledge) {
  auto message =
      make_netlink_message(RTM_SETLINK, NLM_F_REQUEST | (acknowledge ? NLM_F_ACK : 0), sequence);
  ifinfomsg header{};
  header.ifi_index = static_cast<int>(interface_index);
  header.ifi_flags = unsigned{IFF_UP};
  header.ifi_change = unsigned{IFF_UP};
  nlmsg_append(message.get(), &header, sizeof(header), NLMSG_ALIGNTO);
  return message;
}

void append(std::vector<std::uint8_t>& train, const NetlinkMessage& message) {
  const nlmsghdr* header = nlmsg_hdr(message.get());
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(header);
  train.insert(train.end(), bytes, bytes + header->nlmsg_len);
  train.resize(NLMSG_ALIGN(train.size()));
}

}  // namespace

AddressRequests::AddressRequests(boost::asio::io_context& io, std::function<void()> on_readable)
    : socket_(io, {}, kReceiveBuffer, std::move(on_readable)) {
  socket_.arm();
}

void AddressRequests::add(std::uint64_t batch, const std::vector<conf::VirtualAddress>& addresses,
                          const AddressTerms& terms) {
  submit({batch, AddressOperation::Add, terms, next_sequence_, {}, {}}, addresses);
}

void AddressRequests::remove(std::uint64_t batch,
                             const std::vector<conf::VirtualAddress>& addresses) {
  submit({batch, AddressOperation::Remove, {}, next_sequence_, {}, {}}, addresses);
}

void AddressRequests::submit(Batch batch, const std::vector<conf::VirtualAddress>& addresses) {
  Batch& added = in_flight_.emplace_back(std::move(batch));
  resolve(added, addresses);
  const std::size_t count = added.requests.size();
  next_sequence_ += static_cast<std::uint32_t>(count);
  if (count == 0) {
    finish(in_flight_.size() - 1);
    return;
  }
  const auto is_open = [this, first = added.first_sequence] {
    return !in_flight_.empty() && in_flight_.back().first_sequence == first;
  };
  for (std::size_t begin = 0; begin < count && is_open(); begin += kTrain) {
    send_train(begin, std::min(begin + kTrain, count));
    // The answers to a train are read before the next one leaves, so that the queue never
    // overflows.
    collect();
  }
}

void AddressRequests::resolve(Batch& batch, const std::vector<conf::VirtualAddress>& addresses) {
  std::map<std::string, unsigned> indices;
  const auto index = [&indices](const std::string& interface) {
    const auto [known, is_new] = indices.try_emplace(interface, 0U);
    if (is_new) {
      known->second = ::if_nametoindex(interface.c_str());
    }
    return known->second;
  };
  if (const std::string& device = batch.terms.device; !device.empty()) {
    add_request(batch, {device, index(device)});
  }
  for (const auto& address : addresses) {
    add_request(batch, {address, index(address.interface)});
  }
}

void AddressRequests::add_request(Batch& batch, Request request) {
  if (request.interface_index != 0) {
    batch.requests.push_back(std::move(request));
  } else if (batch.operation == AddressOperation::Add && batch.error.empty()) {
    batch.error = describe(batch, request, "no such interface");
  }
}

NetlinkMessage AddressRequests::message(const Batch& batch, std::size_t position,
                                        bool acknowledge) {
  const Request& request = batch.requests[position];
  const auto sequence = batch.first_sequence + static_cast<std::uint32_t>(position);
  if (const auto* address = std::get_if<conf::VirtualAddress>(&request.subject)) {
    return make_request(batch.operation, *address, request.interface_index, batch.terms, sequence,
                        acknowledge);
  }
  return make_set_up(request.interface_index, sequence, acknowledge);
}

std::string AddressRequests::describe(const Batch& batch, const Request& request,
                                      std::string_view reason) {
  if (const auto* address = std::get_if<conf::VirtualAddress>(&request.subject)) {
    return vrrp::describe(batch.operation == AddressOperation::Add, *address, reason);
  }
  return fmt::format("cannot set {} up: {}", std::get<std::string>(request.subject), reason);
}

void AddressRequests::send_train(std::size_t begin, std::size_t end) {
  Batch& batch = in_flight_.back();
  std::vector<std::uint8_t> train;
  for (std::size_t i = begin; i < end; ++i) {
    append(train, message(batch, i, i + 1 == end));
  }
  if (const auto error = socket_.send(train)) {
    if (batch.error.empty()) {
      batch.error = describe(batch, batch.requests[begin], error.message());
    }
    finish(in_flight_.size() - 1);
  }
}

void AddressRequests::collect() {
  for (;;) {
    switch (socket_.receive([this](nlmsghdr& message) { handle(message); })) {
      case NetlinkSocket::Receive::Datagram:
        break;
      case NetlinkSocket::Receive::Lost:
        fail_all("the kernel's answers were lost");
        break;
      case NetlinkSocket::Receive::Empty:
        socket_.arm();
        return;
    }
  }
}

void AddressRequests::handle(nlmsghdr& message) {
  if (message.nlmsg_type != NLMSG_ERROR || nlmsg_valid_hdr(&message, sizeof(nlmsgerr)) == 0) {
    return;
  }
  const int error = -static_cast<const nlmsgerr*>(nlmsg_data(&message))->error;
  for (std::size_t i = 0; i < in_flight_.size(); ++i) {
    Batch& batch = in_flight_[i];
    const std::uint32_t position = message.nlmsg_seq - batch.first_sequence;
    if (position >= batch.requests.size()) {
      continue;
    }
    if (!is_success(batch.operation, error) && batch.error.empty()) {
      const Request& request = batch.requests[position];
      batch.error = describe(batch, request,
                             reason(std::get_if<conf::VirtualAddress>(&request.subject), error));
    }
    if (position + 1 == batch.requests.size()) {
      finish(i);
    }
    return;
  }
}

void AddressRequests::finish(std::size_t position) {
  Batch& batch = in_flight_[position];
  applied_.push_back({batch.id, std::move(batch.error)});
  in_flight_.erase(in_flight_.begin() + static_cast<std::ptrdiff_t>(position));
}

void AddressRequests::fail_all(const std::string& error) {
  while (!in_flight_.empty()) {
    if (in_flight_.front().error.empty()) {
      in_flight_.front().error = error;
    }
    finish(0);
  }
}

}  // namespace haguard::vrrp
