#pragma once
// A packet socket on one interface, in and out, for what a port would not do.

#include <cstdint>
#include <string>
#include <vector>

namespace haguard::vrrp {

using Bytes = std::vector<std::uint8_t>;

class FrameTap {
 public:
  /// `protocol` is an EtherType. Throws nothing: a failure fails the test.
  FrameTap(std::uint16_t protocol, const std::string& interface);
  ~FrameTap();
  FrameTap(const FrameTap&) = delete;
  FrameTap& operator=(const FrameTap&) = delete;

  /// The next frame for which `wanted` holds; empty after a second without one.
  template <typename Predicate>
  Bytes next(Predicate wanted) {
    for (Bytes frame = receive(); !frame.empty(); frame = receive()) {
      if (wanted(frame)) {
        return frame;
      }
    }
    return {};
  }

  void send(const Bytes& frame);

 private:
  /// Empty after a second without a frame.
  Bytes receive();

  int descriptor_;
};

}  // namespace haguard::vrrp
