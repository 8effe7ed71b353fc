#include "vrrp/address_requests.h"

#include <algorithm>
#include <cstring>

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
                            std::uint32_t sequence) {
  const bool add = operation == AddressOperation::Add;
  const int flags = NLM_F_REQUEST | (add ? NLM_F_CREATE | NLM_F_REPLACE : 0);
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

NetlinkMessage make_set_up(unsigned interface_index, std::uint32_t sequence) {
  auto message = make_netlink_message(RTM_SETLINK, NLM_F_REQUEST, sequence);
  ifinfomsg header{};
  header.ifi_index = static_cast<int>(interface_index);
  header.ifi_flags = unsigned{IFF_UP};
  header.ifi_change = unsigned{IFF_UP};
  nlmsg_append(message.get(), &header, sizeof(header), NLMSG_ALIGNTO);
  return message;
}

/// Whether `sequence` comes before `end`, wherever they wrap around.
bool is_before(std::uint32_t sequence, std::uint32_t end) {
  return static_cast<std::int32_t>(sequence - end) < 0;
}

}  // namespace

AddressRequests::AddressRequests(boost::asio::io_context& io, std::function<void()> on_readable)
    : socket_(io, {}, kReceiveBuffer, std::move(on_readable)) {
  socket_.arm();
}

void AddressRequests::add(const std::vector<AddressBatch>& batches) {
  Indices indices;
  for (const AddressBatch& batch : batches) {
    enqueue({batch.id, AddressOperation::Add, batch.terms, next_sequence_, {}, {}}, batch.addresses,
            indices);
  }
  send_train();
}

void AddressRequests::remove(std::uint64_t batch,
                             const std::vector<conf::VirtualAddress>& addresses) {
  Indices indices;
  enqueue({batch, AddressOperation::Remove, {}, next_sequence_, {}, {}}, addresses, indices);
  send_train();
}

void AddressRequests::enqueue(Batch batch, const std::vector<conf::VirtualAddress>& addresses,
                              Indices& indices) {
  resolve(batch, addresses, indices);
  if (batch.requests.empty()) {
    applied_.push_back({batch.id, std::move(batch.error)});
    return;
  }
  const std::uint32_t end = batch.end_sequence();
  in_flight_.push_back(std::move(batch));
  // A train that cannot be sent ends the batch.
  const auto is_open = [&] {
    return !in_flight_.empty() && in_flight_.back().end_sequence() == end;
  };
  for (std::size_t i = 0; is_open() && i < in_flight_.back().requests.size(); ++i) {
    ++next_sequence_;
    couple(message(in_flight_.back(), i));
  }
  next_sequence_ = end;
}

void AddressRequests::couple(const NetlinkMessage& message) {
  const nlmsghdr* header = nlmsg_hdr(message.get());
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(header);
  last_in_train_ = train_.size();
  train_.insert(train_.end(), bytes, bytes + header->nlmsg_len);
  train_.resize(NLMSG_ALIGN(train_.size()));
  if (++train_length_ == kTrain) {
    send_train();
  }
}

void AddressRequests::resolve(Batch& batch, const std::vector<conf::VirtualAddress>& addresses,
                              Indices& indices) {
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

NetlinkMessage AddressRequests::message(const Batch& batch, std::size_t position) {
  const Request& request = batch.requests[position];
  const auto sequence = batch.first_sequence + static_cast<std::uint32_t>(position);
  if (const auto* address = std::get_if<conf::VirtualAddress>(&request.subject)) {
    return make_request(batch.operation, *address, request.interface_index, batch.terms, sequence);
  }
  return make_set_up(request.interface_index, sequence);
}

std::string AddressRequests::describe(const Batch& batch, const Request& request,
                                      std::string_view reason) {
  if (const auto* address = std::get_if<conf::VirtualAddress>(&request.subject)) {
    return vrrp::describe(batch.operation == AddressOperation::Add, *address, reason);
  }
  return fmt::format("cannot set {} up: {}", std::get<std::string>(request.subject), reason);
}

void AddressRequests::send_train() {
  if (train_length_ == 0) {
    return;
  }
  nlmsghdr last{};
  std::memcpy(&last, train_.data() + last_in_train_, sizeof(last));
  last.nlmsg_flags |= NLM_F_ACK;
  std::memcpy(train_.data() + last_in_train_, &last, sizeof(last));
  if (const auto error = socket_.send(train_)) {
    fail_train(error.message());
  }
  train_.clear();
  train_length_ = 0;
  // The answers to a train are read before the next one leaves, so that the queue never overflows.
  collect();
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
  note_failure(message.nlmsg_seq, error);
  finish_before(message.nlmsg_seq + 1);
}

void AddressRequests::note_failure(std::uint32_t sequence, int error) {
  const auto batch = std::ranges::find_if(in_flight_, [sequence](const Batch& candidate) {
    return is_before(sequence, candidate.end_sequence());
  });
  if (batch == in_flight_.end() || is_success(batch->operation, error) || !batch->error.empty()) {
    return;
  }
  const std::uint32_t position = sequence - batch->first_sequence;
  if (position < batch->requests.size()) {
    const Request& request = batch->requests[position];
    batch->error = describe(*batch, request,
                            reason(std::get_if<conf::VirtualAddress>(&request.subject), error));
  }
}

/// What comes before an answer has been worked on.
void AddressRequests::finish_before(std::uint32_t end) {
  while (!in_flight_.empty() && !is_before(end, in_flight_.front().end_sequence())) {
    applied_.push_back({in_flight_.front().id, std::move(in_flight_.front().error)});
    in_flight_.pop_front();
  }
}

/// The train cannot be sent: its requests are the last ones.
void AddressRequests::fail_train(const std::string& reason) {
  const std::uint32_t begin = next_sequence_ - train_length_;
  for (Batch& batch : in_flight_) {
    if (is_before(begin, batch.end_sequence()) && batch.error.empty()) {
      batch.error = describe(batch, batch.requests.front(), reason);
    }
  }
  finish_before(in_flight_.empty() ? begin : in_flight_.back().end_sequence());
}

void AddressRequests::fail_all(const std::string& error) {
  for (Batch& batch : in_flight_) {
    batch.error = batch.error.empty() ? error : batch.error;
  }
  finish_before(next_sequence_);
}

}  // namespace haguard::vrrp
