#include "vrrp/link_watch.h"

#include <array>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

namespace haguard::vrrp {
namespace {

constexpr std::array<int, 3> kGroups{RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR};
/// Room for the notifications of several thousand addresses set in one go.
constexpr int kReceiveBuffer = 4 * 1024 * 1024;
/// A storm of link changes shall not keep the loop from the advertisements.
constexpr int kDatagramsPerDrain = 1024;
/// On a host whose links change all the time no reading may ever be undisturbed. After so many the
/// result is taken: the notifications that arrived meanwhile are in it.
constexpr int kMaxAttempts = 10;

/// NLMSG_ERROR and NLMSG_DONE begin with the outcome: 0, or a negative errno.
int dump_error(nlmsghdr& message) {
  int error = 0;
  if (nlmsg_datalen(&message) >= static_cast<int>(sizeof(error))) {
    std::memcpy(&error, nlmsg_data(&message), sizeof(error));
  }
  return -error;
}

}  // namespace

LinkWatch::LinkWatch(boost::asio::io_context& io, std::set<std::string> interfaces,
                     std::set<IpAddress> virtual_addresses, Handlers handlers)
    : interfaces_(std::move(interfaces)),
      handlers_(std::move(handlers)),
      socket_(io, kGroups, kReceiveBuffer, [this] { handlers_.on_readable(); }),
      table_(std::move(virtual_addresses)) {}

void LinkWatch::start() {
  socket_.arm();
  begin_reading();
}

void LinkWatch::follow(std::set<std::string> interfaces, std::set<IpAddress> virtual_addresses) {
  interfaces_ = std::move(interfaces);
  table_.keep_apart(std::move(virtual_addresses));
  told_links_.clear();
  told_virtual_addresses_.clear();
  settled_ = false;
  // As after a loss: whatever is being read now is read in full once more.
  lost_ = true;
  if (reading_ == Reading::Nothing) {
    begin_reading();
  }
}

void LinkWatch::drain() {
  receive();
  // Not earlier: an address may be gone in one notification and back in the next.
  publish_virtual_addresses();
  socket_.arm();
}

void LinkWatch::receive() {
  for (int i = 0; i < kDatagramsPerDrain; ++i) {
    switch (socket_.receive([this](nlmsghdr& message) { handle(message); })) {
      case NetlinkSocket::Receive::Datagram:
        break;
      case NetlinkSocket::Receive::Lost:
        lost();
        break;
      case NetlinkSocket::Receive::Empty:
        // Not earlier: an overrun socket drops what comes, silently, until it has been emptied.
        if (lost_ && reading_ == Reading::Nothing) {
          begin_reading();
        }
        return;
    }
  }
}

void LinkWatch::begin_reading() {
  lost_ = false;
  interrupted_ = false;
  request(Reading::Links);
}

void LinkWatch::request(Reading what) {
  reading_ = what;
  first_answer_ = true;
  const bool links = what == Reading::Links;
  const auto message = make_netlink_message(links ? RTM_GETLINK : RTM_GETADDR,
                                            NLM_F_REQUEST | NLM_F_DUMP, ++sequence_);
  ifinfomsg all_links{};
  ifaddrmsg all_addresses{};  // AF_UNSPEC: of every family
  if (links) {
    nlmsg_append(message.get(), &all_links, sizeof(all_links), NLMSG_ALIGNTO);
  } else {
    nlmsg_append(message.get(), &all_addresses, sizeof(all_addresses), NLMSG_ALIGNTO);
  }
  if (const auto error = socket_.send(message)) {
    reading_ended(error.message());
  }
}

void LinkWatch::handle(nlmsghdr& message) {
  // Notifications carry port and sequence number of whoever caused the change.
  if (reading_ != Reading::Nothing && message.nlmsg_pid == socket_.port() &&
      message.nlmsg_seq == sequence_) {
    handle_answer(message);
    return;
  }
  note_coming_and_going(message);
  table_.apply(message);
  table_changed_ = true;
  if (settled_) {
    publish_links();
  }
}

void LinkWatch::note_coming_and_going(nlmsghdr& message) {
  if (message.nlmsg_type != RTM_NEWADDR && message.nlmsg_type != RTM_DELADDR) {
    return;
  }
  const auto address = parse_address(message);
  if (!address) {
    return;
  }
  const std::pair key(address->index, address->address);
  if (message.nlmsg_type == RTM_NEWADDR) {
    came_.insert(key);
  } else if (came_.contains(key)) {
    // Else both ends of the drain look alike, and nobody learns that what came is gone.
    publish_virtual_addresses();
  }
}

void LinkWatch::handle_answer(nlmsghdr& message) {
  if (message.nlmsg_type != NLMSG_ERROR && std::exchange(first_answer_, false)) {
    if (reading_ == Reading::Links) {
      table_.clear_links();
    } else {
      table_.clear_addresses();
    }
  }
  interrupted_ = interrupted_ || (message.nlmsg_flags & NLM_F_DUMP_INTR) != 0;
  if (message.nlmsg_type != NLMSG_ERROR && message.nlmsg_type != NLMSG_DONE) {
    table_.apply(message);
    return;
  }
  if (const int error = dump_error(message); error != 0) {
    reading_ended(std::generic_category().message(error));
  } else if (reading_ == Reading::Links) {
    request(Reading::Addresses);
  } else {
    reading_ended(interrupted_ ? "they keep changing" : "");
  }
}

void LinkWatch::reading_ended(const std::string& failure) {
  reading_ = Reading::Nothing;
  if (lost_) {
    return;  // drain() begins again
  }
  if (!failure.empty() && ++attempts_ < kMaxAttempts) {
    begin_reading();
    return;
  }
  if (!failure.empty()) {
    handlers_.on_warning(
        fmt::format("links and addresses could not be read in {} attempts, what is known of them "
                    "may be incomplete: {}",
                    kMaxAttempts, failure));
  }
  attempts_ = 0;
  settled_ = true;
  table_changed_ = true;
  publish_links();
  if (told_virtual_addresses_.empty()) {
    publish_virtual_addresses();  // what there was at start comes before any change of it
  }
}

void LinkWatch::lost() {
  settled_ = false;
  if (!std::exchange(lost_, true)) {
    handlers_.on_warning(
        "the kernel dropped notifications about links and addresses (too many at once): "
        "reading all of them again");
  }
}

void LinkWatch::publish_links() {
  for (const auto& interface : interfaces_) {
    auto status = table_.status(interface);
    const auto [told, is_first] = told_links_.try_emplace(interface);
    if (is_first || told->second != status) {
      told->second = status;
      handlers_.on_link(status);
    }
  }
}

void LinkWatch::publish_virtual_addresses() {
  came_.clear();
  if (!settled_ || !std::exchange(table_changed_, false)) {
    return;
  }
  for (const auto& interface : interfaces_) {
    auto held = table_.held(interface);
    const auto [told, is_first] = told_virtual_addresses_.try_emplace(interface);
    if (is_first || told->second != held) {
      told->second = held;
      handlers_.on_virtual_addresses(interface, held);
    }
  }
}

}  // namespace haguard::vrrp
