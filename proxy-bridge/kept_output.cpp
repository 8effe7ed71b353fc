#include "proxy-bridge/kept_output.h"

#include <algorithm>
#include <utility>

namespace haguard::proxy {

void KeptOutput::add(std::string_view bytes) {
  const std::size_t taken = std::min(bytes.size(), most_beginning_ - beginning_.size());
  beginning_.append(bytes.substr(0, taken));
  bytes.remove_prefix(taken);
  if (bytes.size() > most_end_) {
    gap_ = true;
    bytes.remove_prefix(bytes.size() - most_end_);
  }
  end_.append(bytes);
  if (end_.size() > 2 * most_end_) {
    gap_ = true;
    end_.erase(0, end_.size() - most_end_);
  }
}

std::string KeptOutput::take() {
  if (end_.size() > most_end_) {
    gap_ = true;
    end_.erase(0, end_.size() - most_end_);
  }
  std::string text = std::exchange(beginning_, {});
  text += std::exchange(gap_, false) ? "\n[...]\n" : "";
  text += std::exchange(end_, {});
  return text;
}

}  // namespace haguard::proxy
