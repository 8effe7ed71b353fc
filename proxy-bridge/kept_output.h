#pragma once
// How much of a program's output is kept: its beginning, where a program says why it fails at once,
// and if wanted its end, where one that has warned a lot says what it failed for.

#include <cstddef>
#include <string>
#include <string_view>

namespace haguard::proxy {

class KeptOutput {
 public:
  /// Bytes of the beginning, and of the end beside it.
  explicit KeptOutput(std::size_t beginning = 4096, std::size_t end = 0)
      : most_beginning_(beginning), most_end_(end) {}

  void add(std::string_view bytes);
  /// With a line "[...]" where something is missing. It is empty then.
  [[nodiscard]] std::string take();

 private:
  std::size_t most_beginning_;
  std::size_t most_end_;
  std::string beginning_;
  std::string end_;  ///< up to twice of what is wanted, so that not every byte moves all others
  bool gap_ = false;
};

}  // namespace haguard::proxy
