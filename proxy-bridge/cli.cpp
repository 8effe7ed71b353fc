#include "proxy-bridge/cli.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <deque>
#include <string_view>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/error_code.hpp>
#include <sys/socket.h>
#include <sys/un.h>

#include "proxy-bridge/door.h"
#include "proxy-bridge/reply.h"

namespace haguard::proxy {
namespace {

using namespace std::chrono_literals;
using Stream = boost::asio::local::stream_protocol;
using Error = boost::system::error_code;

constexpr std::size_t kMaxReply = std::size_t{8} * 1024 * 1024;
/// Ends every reply in interactive mode.
constexpr std::string_view kPrompt = "\n> ";
/// Until a place in a full backlog is tried for again.
constexpr auto kBacklogPause = 50ms;

Failure failure_of(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
      return Failure::Missing;
    case EACCES:
    case EPERM:
      return Failure::Denied;
    case ECONNREFUSED:
      return Failure::Refused;
    default:
      return Failure::Closed;
  }
}

/// "a;b" -> a, b. Interactive mode ends the reply to each of several joined commands with a prompt
/// in some versions and only the last one in others, so they are asked one by one.
std::deque<std::string> split(std::string_view commands) {
  std::deque<std::string> parts;
  for (std::size_t end = 0; end != std::string_view::npos;) {
    end = commands.find(';');
    parts.emplace_back(commands.substr(0, end));
    commands.remove_prefix(end == std::string_view::npos ? commands.size() : end + 1);
  }
  return parts;
}

/// What happened to a conversation; the last thing it says.
using OnReply = std::function<void(std::string)>;
using OnFailure = std::function<void(Failure)>;

/// One connection. It lives as long as its handlers do; after close() it says nothing.
class Conversation : public std::enable_shared_from_this<Conversation> {
 public:
  Conversation(boost::asio::io_context& io, std::string path, bool interactive, OnReply on_reply,
               OnFailure on_failure)
      : socket_(io),
        timer_(io),
        path_(std::move(path)),
        interactive_(interactive),
        on_reply_(std::move(on_reply)),
        on_failure_(std::move(on_failure)) {}

  [[nodiscard]] bool idle() const { return interactive_ && connected_ && !asking_ && !closed_; }

  /// The first question; connects. Whatever becomes of it is told later, never from in here.
  void open(const std::string& commands) {
    asking_ = true;
    if (interactive_) {
      commands_ = split(commands);
      commands_.emplace_front("prompt");
    } else if (!commands.empty()) {
      commands_ = {commands};
    }
    connect();
  }

  /// A further question on an idle connection.
  void ask(const std::string& commands) {
    asking_ = true;
    commands_ = split(commands);
    send_next();
  }

  void close() {
    closed_ = true;
    Error ignored;
    socket_.close(ignored);
  }

 private:
  // Not Asio's connect: on EAGAIN, a full backlog, it would wait and then report success.
  void connect() {
    const int error = try_connect();
    if (error == 0) {
      connected_ = true;
      if (!commands_.empty()) {
        send_next();
      }
      read();
    } else if (error == EAGAIN) {
      timer_.expires_after(kBacklogPause);
      timer_.async_wait([self = shared_from_this()](const Error&) {
        if (!self->closed_) {
          self->connect();
        }
      });
    } else {
      boost::asio::post(socket_.get_executor(),
                        [self = shared_from_this(), error] { self->fail(failure_of(error)); });
    }
  }

  int try_connect() {
    if (path_.size() >= sizeof(sockaddr_un::sun_path)) {
      return ENAMETOOLONG;
    }
    const Stream::endpoint endpoint(path_);
    Error error;
    if (!socket_.is_open()) {
      socket_.open(Stream(), error);
    }
    if (!error) {
      socket_.non_blocking(true, error);
    }
    if (error) {
      return error.value();
    }
    const int result = ::connect(socket_.native_handle(), endpoint.data(),
                                 static_cast<socklen_t>(endpoint.size()));
    return result == 0 ? 0 : errno;
  }

  void send_next() {
    outgoing_ = commands_.front() + "\n";
    commands_.pop_front();
    boost::asio::async_write(socket_, boost::asio::buffer(outgoing_),
                             [self = shared_from_this()](const Error& error, std::size_t) {
                               if (error) {
                                 self->fail(Failure::Closed);
                               }
                             });
  }

  void read() {
    socket_.async_read_some(boost::asio::buffer(chunk_),
                            [self = shared_from_this()](const Error& error, std::size_t size) {
                              if (!self->closed_) {
                                error ? self->ended() : self->received({self->chunk_.data(), size});
                              }
                            });
  }

  /// One-shot connections end with their reply, held ones for other reasons.
  void ended() {
    if (interactive_ || reply_.empty()) {
      fail(Failure::Closed);
    } else {
      close();
      on_reply_(std::move(reply_));
    }
  }

  void received(std::string_view bytes) {
    reply_ += bytes;
    if (!asking_ || reply_.size() > kMaxReply) {
      fail(Failure::Closed);
      return;
    }
    if (!interactive_ && is_refusal(reply_)) {
      ended();
      return;
    }
    read();
    if (interactive_ && std::string_view(reply_).substr(part_).ends_with(kPrompt)) {
      part_ended();
    }
  }

  /// Keeps the line break before the prompt, which is the empty line that ends a reply.
  void part_ended() {
    reply_.resize(greeted_ ? reply_.size() + 1 - kPrompt.size() : 0);
    greeted_ = true;
    part_ = reply_.size();
    if (!commands_.empty()) {
      send_next();
      return;
    }
    asking_ = false;
    part_ = 0;
    on_reply_(std::exchange(reply_, {}));
  }

  void fail(Failure failure) {
    if (!closed_) {
      close();
      on_failure_(failure);
    }
  }

  Stream::socket socket_;
  boost::asio::steady_timer timer_;
  std::string path_;
  bool interactive_;
  OnReply on_reply_;
  OnFailure on_failure_;

  std::deque<std::string> commands_;  ///< not yet sent
  std::string outgoing_;
  std::string reply_;     ///< to all commands of the question
  std::size_t part_ = 0;  ///< where the reply to the last command begins
  std::array<char, 16384> chunk_{};
  bool connected_ = false;
  bool greeted_ = false;  ///< the reply to `prompt` was read
  bool asking_ = false;
  bool closed_ = false;
};

}  // namespace

/// At most one conversation per line.
class Cli::Impl {
 public:
  Impl(boost::asio::io_context& io, const conf::Haproxy& settings, OnEvent on_event)
      : io_(io),
        admin_socket_(settings.admin_socket),
        master_socket_(settings.master_socket),
        on_event_(std::move(on_event)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    for (const Line line :
         {Line::Held, Line::Witness, Line::Master, Line::Presence, Line::Reload, Line::Gate}) {
      hang_up(line);
    }
  }

  void ask(Line line, const std::string& command, std::uint64_t question) {
    if (line == Line::Door) {
      look(question);
      return;
    }
    questions_[index(line)] = question;
    std::shared_ptr<Conversation>& current = conversation(line);
    if (current && current->idle()) {
      current->ask(command);
      return;
    }
    hang_up(line);
    current = std::make_shared<Conversation>(
        io_, leads_to_master(line) ? master_socket_ : admin_socket_, line == Line::Held,
        [this, line](std::string text) {
          on_event_(Answered{line, std::move(text), questions_[index(line)]});
        },
        [this, line](Failure failure) {
          on_event_(Failed{line, failure, questions_[index(line)]});
        });
    current->open(command);
  }

  void hang_up(Line line) {
    if (const auto current = std::exchange(conversation(line), nullptr)) {
      current->close();
    }
  }

 private:
  void look(std::uint64_t question) {
    if (is_abandoned(admin_socket_)) {
      on_event_(Failed{Line::Door, Failure::Refused, question});
    }
  }

  std::shared_ptr<Conversation>& conversation(Line line) { return conversations_[index(line)]; }
  static std::size_t index(Line line) { return static_cast<std::size_t>(line); }
  static bool leads_to_master(Line line) {
    return line == Line::Master || line == Line::Presence || line == Line::Reload;
  }

  boost::asio::io_context& io_;
  std::string admin_socket_;
  std::string master_socket_;
  OnEvent on_event_;
  std::array<std::shared_ptr<Conversation>, kLines> conversations_;
  std::array<std::uint64_t, kLines> questions_{};  ///< the last one on each line
};

Cli::Cli(boost::asio::io_context& io, const conf::Haproxy& settings, OnEvent on_event)
    : impl_(std::make_unique<Impl>(io, settings, std::move(on_event))) {}

Cli::~Cli() = default;

void Cli::ask(Line line, const std::string& command, std::uint64_t question) {
  impl_->ask(line, command, question);
}

void Cli::hang_up(Line line) {
  impl_->hang_up(line);
}

}  // namespace haguard::proxy
