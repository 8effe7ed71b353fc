#include "vrrp/packet_batch.h"

#include <cerrno>

namespace haguard::vrrp {

PacketBatch::PacketBatch() : slots_{}, headers_{} {
  for (std::size_t i = 0; i < kPackets; ++i) {
    Slot& slot = slots_[i];
    slot.part = {slot.bytes.data(), slot.bytes.size()};
    headers_[i].msg_hdr.msg_iov = &slot.part;
    headers_[i].msg_hdr.msg_iovlen = 1;
    headers_[i].msg_hdr.msg_name = &slot.sender;
    headers_[i].msg_hdr.msg_control = slot.control.data();
  }
}

std::error_code PacketBatch::read(int descriptor, std::size_t& count) {
  count = 0;
  // The kernel has overwritten them with what it filled in.
  for (auto& header : headers_) {
    header.msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    header.msg_hdr.msg_controllen = kControlSize;
  }
  int received = 0;
  do {
    received = ::recvmmsg(descriptor, headers_.data(), kPackets, MSG_DONTWAIT, nullptr);
  } while (received < 0 && errno == EINTR);
  if (received < 0) {
    return {errno, std::generic_category()};
  }
  count = static_cast<std::size_t>(received);
  return {};
}

std::span<const std::uint8_t> PacketBatch::bytes(std::size_t position) const {
  const mmsghdr& header = headers_[position];
  if ((header.msg_hdr.msg_flags & MSG_TRUNC) != 0) {
    return {};
  }
  return std::span(slots_[position].bytes).first(header.msg_len);
}

const sockaddr_storage& PacketBatch::sender(std::size_t position) const {
  return slots_[position].sender;
}

const std::uint8_t* PacketBatch::find_control(std::size_t position, int level, int type,
                                              std::size_t size) const {
  msghdr header = headers_[position].msg_hdr;  // CMSG_NXTHDR does not take a const one
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level == level && part->cmsg_type == type && part->cmsg_len == CMSG_LEN(size)) {
      return CMSG_DATA(part);
    }
  }
  return nullptr;
}

}  // namespace haguard::vrrp
