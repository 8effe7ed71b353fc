#include "proxy-bridge/pid_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace haguard::proxy {
namespace {

/// The first bytes of a small file; empty when it cannot be read.
std::string head_of(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) {
    return {};
  }
  std::array<char, 32> bytes{};
  const ssize_t size = ::read(file, bytes.data(), bytes.size());
  ::close(file);
  return {bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
}

}  // namespace

std::optional<int> haproxy_in(const std::string& pid_file) {
  const std::string text = head_of(pid_file);
  int pid = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
  const bool whole = stop == text.data() + text.size() || *stop == '\n';
  if (error != std::errc{} || !whole || pid <= 0 ||
      head_of("/proc/" + std::to_string(pid) + "/comm") != "haproxy\n") {
    return std::nullopt;
  }
  return pid;
}

}  // namespace haguard::proxy
