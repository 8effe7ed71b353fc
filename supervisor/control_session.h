#pragma once
// One client of the control socket. Reads the next line only after the answer to the last one is
// gone, so a client that does not read costs one answer, and not for longer than the timeout. One
// who follows the events is sent no more than a batch at a time, and is dropped when he falls
// behind.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include "supervisor/control_protocol.h"

namespace haguard::supervisor {

/// Lives as long as one of its handlers is pending.
class ControlSession : public std::enable_shared_from_this<ControlSession> {
 public:
  using Socket = boost::asio::local::stream_protocol::socket;
  using Clock = boost::asio::steady_timer::clock_type;
  static constexpr Clock::time_point kBusy = Clock::time_point::max();

  using MayChange = std::function<bool(const std::string& command)>;

  /// `may_follow`: whether one more may follow the events; `may_change`: as in ControlAnswers. Both
  /// are called until close().
  ControlSession(Socket socket, const ControlSources& sources, std::function<bool()> may_follow,
                 MayChange may_change);

  void read();
  /// There may be new events.
  void tell_events();
  void close();

  /// Since when its next line is waited for; kBusy while it is owed something.
  [[nodiscard]] Clock::time_point idle_since() const { return idle_since_; }
  [[nodiscard]] bool follows() const { return followed_.has_value(); }

 private:
  void received(boost::system::error_code error, std::size_t length);
  void write(const nlohmann::json& reply);
  void send();
  void sent(boost::system::error_code error);
  void hear_end();
  void watch();

  Socket socket_;
  boost::asio::steady_timer deadline_;
  ControlSources sources_;
  std::function<bool()> may_follow_;
  MayChange may_change_;
  Clock::time_point idle_since_ = kBusy;
  std::optional<std::uint64_t> followed_;  ///< the last event sent to one who follows
  std::string input_;
  std::string output_;
  char ignored_byte_ = 0;
  bool hears_end_ = false;
  bool writing_ = false;
  bool last_ = false;
};

}  // namespace haguard::supervisor
