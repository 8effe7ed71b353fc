#pragma once
// Port: one program of the user, run without a shell and never waited for. It has a session of its
// own, the default signals, nothing open but /dev/null as input and a pipe as output, umask 022 and
// normal scheduling. Whatever it leaves running when it ends or is killed is
// killed with it, in a session of its own or not, and nothing of it stays as a zombie.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "proxy-bridge/kept_output.h"

namespace haguard::proxy {

struct Program {
  std::vector<std::string> command;      ///< an absolute path and its arguments
  std::vector<std::string> environment;  ///< "NAME=value"; there is nothing else in it
  std::string user;                      ///< of /etc/passwd; empty: as the daemon
  std::string directory = "/";           ///< where it starts
  int nice = 0;                          ///< 0..19
  KeptOutput output{};                   ///< how much of what it prints is wanted
};

/// The one that a program of ours needs: where the system's own programs are.
inline constexpr const char* kPath = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";

struct ChildEnd {
  enum class Kind : std::uint8_t { Exited, Signalled, NotStarted };
  Kind kind = Kind::NotStarted;
  int code = 0;        ///< exit code or signal
  std::string reason;  ///< NotStarted: "no such file or directory"
  std::string output;  ///< as it came, with a gap where there was more than was wanted

  [[nodiscard]] bool success() const { return kind == Kind::Exited && code == 0; }
  /// "exit 2: no such host", "signal 9", "cannot run: permission denied": with the first line of
  /// the output that is not empty, shortened and printable.
  [[nodiscard]] std::string to_string() const;
};

class Child {
 public:
  using OnEnd = std::function<void(ChildEnd)>;

  /// `on_end` is called once, from a handler of the io_context, unless the child is destroyed
  /// before. It may destroy it.
  Child(boost::asio::io_context& io, const Program& program, OnEnd on_end);
  /// Kills it.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace haguard::proxy
