#pragma once
// Bytes that are built once and sent many times: copies share them, and nobody changes them.

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

namespace haguard::vrrp {

class SharedBytes {
 public:
  SharedBytes() = default;
  /// A copy of what is in a vector, an array or the like.
  template <typename Range>
  requires std::constructible_from < std::span<const std::uint8_t>,
  const Range& > &&(!std::same_as<Range, SharedBytes>)SharedBytes(const Range& range) {
    const std::span<const std::uint8_t> bytes(range);
    auto copy = std::make_shared<std::uint8_t[]>(bytes.size());
    std::ranges::copy(bytes, copy.get());
    bytes_ = std::move(copy);
    size_ = bytes.size();
  }

  [[nodiscard]] const std::uint8_t* data() const { return bytes_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const std::uint8_t* begin() const { return data(); }
  [[nodiscard]] const std::uint8_t* end() const { return data() + size_; }

 private:
  std::shared_ptr<const std::uint8_t[]> bytes_;
  std::size_t size_ = 0;
};

}  // namespace haguard::vrrp
