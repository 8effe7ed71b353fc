#include "vrrp/send_batch.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace haguard::vrrp {

SendBatch::SendBatch() : slots_{}, headers_{} {
  for (std::size_t i = 0; i < kPackets; ++i) {
    headers_[i].msg_hdr.msg_name = &slots_[i].to;
    headers_[i].msg_hdr.msg_iov = &slots_[i].part;
    headers_[i].msg_hdr.msg_iovlen = 1;
  }
}

void SendBatch::add(std::span<const std::uint8_t> to, const Ancillary& ancillary,
                    SharedBytes message) {
  Slot& slot = slots_.at(count_);
  msghdr& header = headers_.at(count_).msg_hdr;
  ++count_;
  std::memcpy(&slot.to, to.data(), std::min(to.size(), sizeof(slot.to)));
  header.msg_namelen = static_cast<socklen_t>(to.size());
  slot.message = std::move(message);
  slot.part = {const_cast<std::uint8_t*>(slot.message.data()), slot.message.size()};
  header.msg_control = ancillary.data.empty() ? nullptr : slot.control.data();
  header.msg_controllen = ancillary.data.empty() ? 0 : CMSG_SPACE(ancillary.data.size());
  if (cmsghdr* option = CMSG_FIRSTHDR(&header)) {
    option->cmsg_level = ancillary.level;
    option->cmsg_type = ancillary.type;
    option->cmsg_len = CMSG_LEN(ancillary.data.size());
    std::memcpy(CMSG_DATA(option), ancillary.data.data(), ancillary.data.size());
  }
}

/// The call ends at the first packet that cannot be sent, and tells why only when that is the first
/// one of all.
void SendBatch::send(int descriptor, const OnResult& on_result) {
  std::size_t done = 0;
  while (done < count_) {
    const int sent = ::sendmmsg(descriptor, headers_.data() + done,
                                static_cast<unsigned>(count_ - done), MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) {
      continue;
    }
    if (sent < 0) {
      on_result(done++, {errno, std::generic_category()});
    }
    for (int i = 0; i < sent; ++i) {
      on_result(done++, {});
    }
  }
  count_ = 0;
}

}  // namespace haguard::vrrp
