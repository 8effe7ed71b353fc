#include "proxy-bridge/master_pid.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>
#include <variant>

#include <sys/socket.h>
#include <sys/un.h>

#include "conf/file.h"

namespace haguard::proxy {
namespace {

constexpr int kTries = 20;
constexpr auto kPause = std::chrono::milliseconds(10);
constexpr std::size_t kLongestCommandLine = std::size_t{1} << 20U;

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

bool is_haproxy(int pid) {
  return pid > 0 && head_of("/proc/" + std::to_string(pid) + "/comm") == "haproxy\n";
}

}  // namespace

std::string command_line_of(int pid) {
  auto content = conf::read_file("/proc/" + std::to_string(pid) + "/cmdline", kLongestCommandLine);
  auto* file = std::get_if<conf::FileContent>(&content);
  return file != nullptr ? std::move(file->text) : std::string();
}

std::string await_command_line_of(int pid) {
  std::string text = command_line_of(pid);
  for (int i = 0; i < kTries && text.empty() && is_running(pid); ++i) {
    std::this_thread::sleep_for(kPause);
    text = command_line_of(pid);
  }
  return text;
}

bool is_running(int pid) {
  return pid > 0 && (::kill(pid, 0) == 0 || errno != ESRCH);
}

uid_t user_of(int pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("Uid:")) {
      uid_t real = 0;
      uid_t effective = 0;
      std::istringstream(line.substr(line.find(':') + 1)) >> real >> effective;
      return effective;
    }
  }
  return 0;
}

std::optional<int> haproxy_in(const std::string& pid_file) {
  const std::string text = head_of(pid_file);
  int pid = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
  const bool whole = stop == text.data() + text.size() || *stop == '\n';
  return error == std::errc{} && whole && is_haproxy(pid) ? std::optional(pid) : std::nullopt;
}

std::optional<int> haproxy_behind(const std::string& master_socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (master_socket.size() >= sizeof address.sun_path) {
    return std::nullopt;
  }
  master_socket.copy(address.sun_path, master_socket.size());
  const int connection = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (connection < 0) {
    return std::nullopt;
  }
  ucred peer{};
  socklen_t size = sizeof peer;
  const bool found =
      ::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0;
  ::close(connection);
  return found && is_haproxy(peer.pid) ? std::optional(peer.pid) : std::nullopt;
}

}  // namespace haguard::proxy
