#include "proxy-bridge/log_pipe.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <string_view>
#include <unistd.h>
#include <utility>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <sys/stat.h>

#include "proxy-bridge/printed_lines.h"
#include "proxy-bridge/tcp_connection.h"

namespace haguard::proxy {
namespace {

using namespace std::chrono_literals;
using boost::asio::posix::stream_descriptor;
using Error = boost::system::error_code;

constexpr std::size_t kPiece = std::size_t{16} << 10U;
constexpr std::size_t kPipe = std::size_t{64} << 10U;  ///< what one holds: pipe(7)
/// Between two pieces, so that a flood leaves the loop time for everything else.
constexpr auto kRest = 10ms;

/// 0, or errno. What stands there and is no pipe is an accident of somebody: it makes way.
int make_pipe(const std::string& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) == 0 && S_ISFIFO(found.st_mode)) {
    return 0;
  }
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return errno;
  }
  return ::mkfifo(path.c_str(), 0600) == 0 ? 0 : errno;
}

int open_end(const std::string& path) {
  return ::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
}

}  // namespace

/// Its handlers may run after the LogPipe has gone; they hold it.
class LogPipe::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(boost::asio::io_context& io, std::string path, OnLine on_line)
      : path_(std::move(path)), on_line_(std::move(on_line)), pipe_(io), rest_(io) {}

  void open() {
    int error = make_pipe(path_);
    const int end = error == 0 ? open_end(path_) : -1;
    error = end < 0 && error == 0 ? errno : error;
    if (error != 0) {
      error_ = path_ + ": " + reason({error, boost::system::system_category()});
      return;
    }
    pipe_.assign(end);
    await();
  }

  void close() {
    on_line_ = nullptr;
    Error ignored;
    pipe_.close(ignored);
    rest_.cancel();
  }

  [[nodiscard]] int open_for_writing() const {
    return pipe_.is_open() ? open_end(path_) : ::open("/dev/null", O_RDWR | O_CLOEXEC);
  }

  void catch_up() {
    for (std::size_t read = 0; read < kPipe && read_some(); read += kPiece) {
    }
    tell(lines_.finish());
  }

  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  void await() {
    pipe_.async_wait(stream_descriptor::wait_read, [self = shared_from_this()](const Error& error) {
      if (!error && self->on_line_) {
        self->read_some();
        self->rest();
      }
    });
  }

  void rest() {
    rest_.expires_after(kRest);
    rest_.async_wait([self = shared_from_this()](const Error& error) {
      if (!error && self->on_line_) {
        self->await();
      }
    });
  }

  /// False when there was nothing.
  bool read_some() {
    std::array<char, kPiece> bytes{};
    const auto size =
        pipe_.is_open() ? ::read(pipe_.native_handle(), bytes.data(), bytes.size()) : 0;
    if (size <= 0) {
      return false;
    }
    tell(lines_.add({bytes.data(), static_cast<std::size_t>(size)}));
    return true;
  }

  void tell(std::vector<std::string> lines) {
    for (std::string& line : lines) {
      on_line_(std::move(line));
    }
  }

  std::string path_;
  OnLine on_line_;
  std::string error_;
  PrintedLines lines_;
  stream_descriptor pipe_;
  boost::asio::steady_timer rest_;
};

LogPipe::LogPipe(boost::asio::io_context& io, const std::string& directory, OnLine on_line)
    : impl_(std::make_shared<Impl>(io, directory + "/haproxy.log", std::move(on_line))) {
  impl_->open();
}

LogPipe::~LogPipe() {
  impl_->close();
}

const std::string& LogPipe::error() const {
  return impl_->error();
}

int LogPipe::open_for_writing() const {
  return impl_->open_for_writing();
}

void LogPipe::catch_up() {
  impl_->catch_up();
}

}  // namespace haguard::proxy
