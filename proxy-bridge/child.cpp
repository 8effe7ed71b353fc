#include "proxy-bridge/child.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <optional>
#include <string_view>
#include <unistd.h>
#include <utility>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>
#include <sys/socket.h>
#include <sys/wait.h>

#include "conf/report.h"
#include "proxy-bridge/child_keeper.h"
#include "proxy-bridge/child_user.h"
#include "proxy-bridge/process_copy.h"
#include "proxy-bridge/tcp_connection.h"

namespace haguard::proxy {
namespace {

using boost::asio::posix::stream_descriptor;
using Error = boost::system::error_code;

constexpr std::size_t kPiece = 4096;
constexpr std::size_t kPipe = std::size_t{64} << 10U;  ///< what one holds: pipe(7)

std::string reason_of(int error) {
  return reason({error, boost::system::system_category()});
}

std::string_view first_line(std::string_view output) {
  output.remove_prefix(std::min(output.find_first_not_of(" \t\r\n"), output.size()));
  output = output.substr(0, output.find_first_of("\r\n"));
  return output;
}

/// A pair of descriptors, of which whatever is not taken is closed.
class Pair {
 public:
  Pair() = default;
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  ~Pair() {
    for (const int descriptor : ends) {
      if (descriptor >= 0) {
        ::close(descriptor);
      }
    }
  }
  [[nodiscard]] int take(std::size_t end) { return std::exchange(ends.at(end), -1); }

  std::array<int, 2> ends{-1, -1};
};

/// False while it runs.
bool reap(int pidfd) {
  siginfo_t info{};
  return ::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED | WNOHANG) != 0 ||
         info.si_pid != 0;
}

}  // namespace

std::string ChildEnd::to_string() const {
  if (kind == Kind::NotStarted) {
    return "cannot run: " + reason;
  }
  const std::string_view line = first_line(output);
  return (kind == Kind::Exited ? "exit " : "signal ") + std::to_string(code) +
         (line.empty() ? "" : ": " + conf::printable(line));
}

/// Its handlers may run after the Child has gone; they hold it.
class Child::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(boost::asio::io_context& io, OnEnd on_end)
      : io_(io), on_end_(std::move(on_end)), line_(io), output_(io), keeper_(io) {}

  void start(const Program& program) {
    output_kept_ = program.output;
    if (const auto reason = try_start(program)) {
      end_.reason = *reason;
      boost::asio::post(io_, [self = shared_from_this()] { self->finish(); });
      return;
    }
    await_news();
    await_keeper();
    read_output();
  }

  /// The keeper kills everything when it loses the line to us.
  void drop() {
    on_end_ = nullptr;
    Error ignored;
    line_.close(ignored);
    output_.close(ignored);
  }

 private:
  /// Why it could not be started.
  std::optional<std::string> try_start(const Program& program) {
    KeeperOrders orders;
    if (!program.user.empty()) {
      orders.identity = find_user(program.user);
      if (!orders.identity) {
        return "no user " + conf::in_quotes(program.user);
      }
    }
    Pair line;
    Pair output;
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, line.ends.data()) !=
            0 ||
        ::pipe2(output.ends.data(), O_CLOEXEC) != 0) {
      return reason_of(errno);
    }
    const auto arguments = pointers(program.command);
    const auto environment = pointers(program.environment);
    orders.arguments = arguments.data();
    orders.environment = environment.data();
    orders.directory = program.directory.c_str();
    orders.nice = program.nice;
    orders.output = output.ends[1];
    orders.line = line.ends[1];
    if (const int error = copy(orders)) {
      return reason_of(error);
    }
    line_.assign(line.take(0));
    output_.assign(output.take(0));
    output_.non_blocking(true);
    return std::nullopt;
  }

  int copy(const KeeperOrders& orders) {
    int pidfd = -1;
    const SignalsBlocked blocked;
    const pid_t keeper = copy_process(&pidfd);
    if (keeper == 0) {
      keep(orders);
    }
    if (keeper < 0) {
      return errno;
    }
    keeper_.assign(pidfd);
    return 0;
  }

  // That something can be read is a hint only: a fresh copy of the daemon may hold a descriptor
  // that was closed here, which the event queue then still speaks of.

  void await_news() {
    line_.async_wait(stream_descriptor::wait_read, [self = shared_from_this()](const Error& error) {
      if (!error) {
        self->hear();
      }
    });
  }

  void await_keeper() {
    keeper_.async_wait(stream_descriptor::wait_read,
                       [self = shared_from_this()](const Error& error) {
                         if (!error && !reap(self->keeper_.native_handle())) {
                           self->await_keeper();
                         }
                       });
  }

  void hear() {
    KeeperReport report;
    const auto size = ::recv(line_.native_handle(), &report, sizeof(report), 0);
    if (size < 0 && errno == EAGAIN) {
      await_news();
      return;
    }
    if (size != static_cast<ssize_t>(sizeof(report))) {
      // Somebody has killed the keeper.
      report = {KeeperNews::Signalled, SIGKILL};
    }
    end_.code = report.value;
    switch (report.news) {
      case KeeperNews::Exited:
        end_.kind = ChildEnd::Kind::Exited;
        break;
      case KeeperNews::Signalled:
        end_.kind = ChildEnd::Kind::Signalled;
        break;
      case KeeperNews::CannotRun:
        end_.reason = reason_of(report.value);
        break;
      case KeeperNews::CannotEnterDirectory:
        end_.reason = "cannot enter its directory: " + reason_of(report.value);
        break;
      case KeeperNews::CannotBecomeUser:
        end_.reason = "cannot become its user: " + reason_of(report.value);
        break;
    }
    // What it has written is in the pipe; what others still write does not matter.
    for (std::size_t read = 0; read < kPipe && read_some() > 0; read += kPiece) {
    }
    end_.output = output_kept_.take();
    finish();
  }

  void finish() {
    const auto on_end = std::move(on_end_);
    drop();
    if (on_end) {
      on_end(std::move(end_));
    }
  }

  void read_output() {
    output_.async_wait(stream_descriptor::wait_read,
                       [self = shared_from_this()](const Error& error) {
                         if (!error && (self->read_some() > 0 || errno == EAGAIN)) {
                           self->read_output();
                         }
                       });
  }

  /// As read(2). Also what is not kept: else the program would wait for us.
  ssize_t read_some() {
    std::array<char, kPiece> bytes{};
    const auto size = ::read(output_.native_handle(), bytes.data(), bytes.size());
    if (size > 0) {
      output_kept_.add({bytes.data(), static_cast<std::size_t>(size)});
    }
    return size;
  }

  boost::asio::io_context& io_;
  OnEnd on_end_;
  ChildEnd end_;
  KeptOutput output_kept_;
  stream_descriptor line_;  ///< to the keeper
  stream_descriptor output_;
  stream_descriptor keeper_;  ///< a pidfd
};

Child::Child(boost::asio::io_context& io, const Program& program, OnEnd on_end)
    : impl_(std::make_shared<Impl>(io, std::move(on_end))) {
  impl_->start(program);
}

Child::~Child() {
  impl_->drop();
}

}  // namespace haguard::proxy
