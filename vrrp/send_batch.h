#pragma once
// Packets to send with one system call, all by the same socket.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <system_error>

#include <netinet/in.h>
#include <sys/socket.h>

#include "vrrp/shared_bytes.h"

namespace haguard::vrrp {

class SendBatch {
 public:
  static constexpr std::size_t kPackets = 64;

  /// One piece of ancillary data, as in cmsg(3).
  struct Ancillary {
    int level = 0;
    int type = 0;
    std::span<const std::uint8_t> data;  ///< as large as an in6_pktinfo at most
  };

  SendBatch();

  [[nodiscard]] bool full() const { return count_ == kPackets; }
  /// To the address of the socket's family. Not when it is full.
  void add(std::span<const std::uint8_t> to, const Ancillary& ancillary, SharedBytes message);
  /// What became of each of them, in the order in which they were added. It is empty then.
  using OnResult = std::function<void(std::size_t position, const std::error_code& error)>;
  void send(int descriptor, const OnResult& on_result);

 private:
  struct Slot {
    alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(in6_pktinfo))> control;
    sockaddr_storage to;
    iovec part;
    SharedBytes message;
  };

  std::array<Slot, kPackets> slots_;
  std::array<mmsghdr, kPackets> headers_;
  std::size_t count_ = 0;
};

}  // namespace haguard::vrrp
