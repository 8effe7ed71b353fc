#include "supervisor/control_session.h"

#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <nlohmann/json.hpp>

namespace haguard::supervisor {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kMaxLine = 65536;
constexpr std::chrono::seconds kTimeout{10};
/// Events for one who follows, in one write.
constexpr std::size_t kBatch = 64;

}  // namespace

ControlSession::ControlSession(Socket socket, const ControlSources& sources,
                               std::function<bool()> may_follow, MayChange may_change)
    : socket_(std::move(socket)),
      deadline_(socket_.get_executor()),
      sources_(sources),
      may_follow_(std::move(may_follow)),
      may_change_(std::move(may_change)) {}

void ControlSession::read() {
  idle_since_ = Clock::now();
  watch();
  asio::async_read_until(socket_, asio::dynamic_buffer(input_, kMaxLine), '\n',
                         [self = shared_from_this()](error_code error, std::size_t length) {
                           self->received(error, length);
                         });
}

void ControlSession::received(error_code error, std::size_t length) {
  idle_since_ = kBusy;
  if (error == asio::error::not_found) {
    last_ = true;
    return write(refusal("line too long"));
  }
  if (error) {
    deadline_.cancel();
    return;
  }
  const auto line = input_.substr(0, length);
  input_.erase(0, length);
  deadline_.cancel();  // the answer may take long, and bounds that itself
  ControlAnswers answers;
  answers.reply = [self = shared_from_this()](const auto& reply) { self->write(reply); };
  answers.follow = [this](std::uint64_t last) {
    if (may_follow_()) {
      followed_ = last;
    }
    return follows();
  };
  answers.may_change = may_change_;
  answer(line, sources_, std::move(answers));
}

void ControlSession::tell_events() {
  if (!followed_ || writing_) {
    return;
  }
  const auto entries = sources_.journal.after(*followed_, kBatch);
  if (entries.empty()) {
    return;
  }
  if (entries.front()->sequence != *followed_ + 1) {
    return close();  // some are lost to him: a new connection tells him so
  }
  followed_ = entries.back()->sequence;
  output_.clear();
  for (const auto& entry : entries) {
    output_ += to_line(to_json(*entry));
  }
  send();
}

void ControlSession::write(const nlohmann::json& reply) {
  output_ = to_line(reply);
  send();
}

void ControlSession::send() {
  writing_ = true;
  watch();
  asio::async_write(
      socket_, asio::buffer(output_),
      [self = shared_from_this()](error_code error, std::size_t) { self->sent(error); });
}

void ControlSession::sent(error_code error) {
  writing_ = false;
  deadline_.cancel();
  if (error || last_) {
    return close();
  }
  if (!followed_) {
    return read();
  }
  if (!std::exchange(hears_end_, true)) {
    hear_end();
  }
  tell_events();
}

/// Whoever follows has nothing more to say; that he is gone must be noticed all the same.
void ControlSession::hear_end() {
  socket_.async_read_some(
      asio::buffer(&ignored_byte_, 1),
      [self = shared_from_this()](error_code /*error*/, std::size_t) { self->close(); });
}

void ControlSession::close() {
  error_code ignored;
  socket_.close(ignored);
  deadline_.cancel();
  followed_.reset();
}

/// Hangs up when the operation that begins now takes too long.
void ControlSession::watch() {
  deadline_.expires_after(kTimeout);
  deadline_.async_wait([self = shared_from_this()](error_code error) {
    if (!error) {
      self->close();
    }
  });
}

}  // namespace haguard::supervisor
