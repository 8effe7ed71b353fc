#pragma once
// What a piece of code costs: the allocations are counted here, the instructions by callgrind when
// the program runs under it (`--collect-atstart=no`). Preparations and checks stay outside.

#include <cstddef>
#include <utility>

namespace haguard::bench {

class Meter {
 public:
  /// Without counting it only runs the calls.
  explicit Meter(bool counting) : counting_(counting) {}

  /// Runs `call` and counts what it does. Not to be nested.
  template <typename Call>
  void count(Call&& call) {
    begin();
    std::forward<Call>(call)();
    end();
  }
  [[nodiscard]] std::size_t allocations() const { return allocations_; }

 private:
  void begin();
  void end();

  bool counting_;
  std::size_t before_ = 0;
  std::size_t allocations_ = 0;
};

}  // namespace haguard::bench
