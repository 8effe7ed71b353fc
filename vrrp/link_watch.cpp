#include "vrrp/link_watch.h"

#include <array>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

namespace haguard::vrrp {
namespace {

constexpr std::array<int, 2> kGroups{RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR};
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

void LinkWatch::drain() {
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
        socket_.arm();
        return;
    }
  }
  socket_.arm();
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
  ifaddrmsg all_addresses{};
  all_addresses.ifa_family = AF_INET;
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
  apply(message);
  if (settled_) {
    publish();
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
    apply(message);
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
  publish();
}

void LinkWatch::apply(nlmsghdr& message) {
  const auto type = message.nlmsg_type;
  if (type == RTM_NEWLINK || type == RTM_DELLINK) {
    if (const auto link = parse_link(message)) {
      type == RTM_NEWLINK ? table_.set(*link) : table_.remove(*link);
    }
  } else if (type == RTM_NEWADDR || type == RTM_DELADDR) {
    if (const auto address = parse_address(message)) {
      type == RTM_NEWADDR ? table_.set(*address) : table_.remove(*address);
    }
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

void LinkWatch::publish() {
  for (const auto& interface : interfaces_) {
    auto status = table_.status(interface);
    const auto [told, is_first] = told_.try_emplace(interface);
    if (is_first || told->second != status) {
      told->second = status;
      handlers_.on_link(status);
    }
  }
}

}  // namespace haguard::vrrp
