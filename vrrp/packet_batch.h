#pragma once
// The buffers to read many packets with one system call. Sockets of any family may share them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <system_error>

#include <netinet/in.h>
#include <sys/socket.h>

namespace haguard::vrrp {

class PacketBatch {
 public:
  static constexpr std::size_t kPackets = 32;

  PacketBatch();

  /// Number of packets read, or the error; EAGAIN when there is none.
  std::error_code read(int descriptor, std::size_t& count);

  /// What was received; empty when it did not fit.
  [[nodiscard]] std::span<const std::uint8_t> bytes(std::size_t position) const;
  /// All zero as far as the kernel has not filled it in.
  [[nodiscard]] const sockaddr_storage& sender(std::size_t position) const;
  /// The ancillary data of that kind.
  template <typename Value>
  [[nodiscard]] std::optional<Value> control(std::size_t position, int level, int type) const {
    const auto* data = find_control(position, level, type, sizeof(Value));
    if (data == nullptr) {
      return std::nullopt;
    }
    Value value;
    std::memcpy(&value, data, sizeof(value));
    return value;
  }

 private:
  /// An advertisement has at most 60 + 8 + 255 * 4 bytes with the header of IPv4, and 8 + 255 * 16
  /// bytes in IPv6. Longer packets are not for us.
  static constexpr std::size_t kPacketSize = 4096;
  static constexpr std::size_t kControlSize =
      CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(int));
  struct Slot {
    alignas(cmsghdr) std::array<std::uint8_t, kControlSize> control;
    sockaddr_storage sender;
    std::array<std::uint8_t, kPacketSize> bytes;
    iovec part;
  };

  [[nodiscard]] const std::uint8_t* find_control(std::size_t position, int level, int type,
                                                 std::size_t size) const;

  std::array<Slot, kPackets> slots_;
  std::array<mmsghdr, kPackets> headers_;
};

}  // namespace haguard::vrrp
