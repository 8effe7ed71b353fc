#include <array>
#include <cstring>

#include <linux/rtnetlink.h>

#include "tests/bench/floor.h"

namespace haguard::bench {
namespace {

void append(Bytes& bytes, const void* data, std::size_t size) {
  const auto* first = static_cast<const std::uint8_t*>(data);
  bytes.insert(bytes.end(), first, first + size);
  bytes.resize(NLMSG_ALIGN(bytes.size()));
}

void append_attribute(Bytes& bytes, std::uint16_t type, const void* data, std::size_t size) {
  const rtattr head{static_cast<std::uint16_t>(RTA_LENGTH(size)), type};
  append(bytes, &head, sizeof(head));
  append(bytes, data, size);
}

Bytes request(std::uint16_t type, int family, unsigned number, unsigned index, bool last) {
  const Bytes host = address(family, number);
  ifaddrmsg body{};
  body.ifa_family = static_cast<std::uint8_t>(family);
  body.ifa_prefixlen = static_cast<std::uint8_t>(host.size() * 8);
  body.ifa_index = index;
  Bytes bytes(NLMSG_HDRLEN);
  append(bytes, &body, sizeof(body));
  append_attribute(bytes, IFA_LOCAL, host.data(), host.size());
  append_attribute(bytes, IFA_ADDRESS, host.data(), host.size());
  if (family == AF_INET6) {
    const std::uint32_t flags = IFA_F_NODAD;
    append_attribute(bytes, IFA_FLAGS, &flags, sizeof(flags));
  }
  nlmsghdr head{};
  head.nlmsg_len = static_cast<std::uint32_t>(bytes.size());
  head.nlmsg_type = type;
  head.nlmsg_flags = NLM_F_REQUEST;
  head.nlmsg_flags |= type == RTM_NEWADDR ? NLM_F_CREATE | NLM_F_EXCL : 0;
  head.nlmsg_flags |= last ? NLM_F_ACK : 0;
  std::memcpy(bytes.data(), &head, sizeof(head));
  return bytes;
}

Bytes batch(std::uint16_t type, int family, unsigned count, unsigned index) {
  Bytes all;
  for (unsigned number = 0; number < count; ++number) {
    const Bytes one = request(type, family, number, index, number + 1 == count);
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

/// Only the last request is acknowledged; an answer before that is an error.
void carry_out(const Socket& socket, const Bytes& requests) {
  checked(::send(socket.get(), requests.data(), requests.size(), 0), "netlink request");
  std::array<char, 512> answer{};
  const auto size =
      checked(::recv(socket.get(), answer.data(), answer.size(), 0), "netlink answer");
  nlmsgerr result{};
  if (size < NLMSG_LENGTH(sizeof(result))) {
    throw std::runtime_error("netlink: short answer");
  }
  std::memcpy(&result, &answer[NLMSG_HDRLEN], sizeof(result));
  errno = -result.error;
  if (errno != 0) {
    fail("address");
  }
}

}  // namespace

Pair measure_addresses(int family, unsigned count, unsigned runs, const char* interface) {
  const unsigned index = index_of(interface);
  const Socket socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  const Bytes add = batch(RTM_NEWADDR, family, count, index);
  const Bytes remove = batch(RTM_DELADDR, family, count, index);
  Pair took;
  for (unsigned run = 0; run < runs; ++run) {
    took.first.push_back(timed([&] { carry_out(socket, add); }));
    took.second.push_back(timed([&] { carry_out(socket, remove); }));
  }
  return took;
}

}  // namespace haguard::bench
