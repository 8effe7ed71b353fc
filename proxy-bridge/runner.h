#pragma once
// When HAProxy is started, and how it is stopped: the decision core of the managed mode. One that
// runs already is adopted. HAProxy never starts a worker again, and its master may end with code 0
// after a crash, so it is started after each end that was not asked for, after a pause that doubles
// from 100 ms to 10 s and begins anew once it has run for 10 s.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "conf/config.h"
#include "conf/units.h"
#include "proxy-bridge/condition.h"
#include "proxy-bridge/run_event.h"

namespace haguard::proxy {

/// A line for the log.
struct RunNews {
  enum class Kind : std::uint8_t {
    Said,     ///< by us
    Started,  ///< a master was launched
    Printed,  ///< by HAProxy
  };
  conf::LogLevel level = conf::LogLevel::Info;
  std::string text;
  Kind kind = Kind::Said;
};

struct RunOutput {
  std::vector<RunAction> actions;
  std::vector<RunNews> news;
  /// It has ended so soon that its files are to blame: the last good ones should come back.
  bool files_refused = false;
};

class Runner {
 public:
  static constexpr Duration kShortestPause = std::chrono::milliseconds(100);
  static constexpr Duration kLongestPause = std::chrono::seconds(10);
  /// Who has run for so long is started again after the shortest pause.
  static constexpr Duration kSettled = std::chrono::seconds(10);
  /// An end so soon after the start, without a worker ever seen, is a start that was refused.
  static constexpr Duration kRefusal = std::chrono::seconds(1);
  /// From SIGTERM to SIGKILL.
  static constexpr Duration kTermPatience = std::chrono::seconds(5);
  /// From SIGKILL until it is left behind: it may hang in the kernel.
  static constexpr Duration kKillPatience = std::chrono::seconds(1);
  /// Lines of its output in a second that go to the log.
  static constexpr unsigned kMostLines = 100;

  [[nodiscard]] static constexpr Duration longest_stop(Duration drain_timeout) {
    return drain_timeout + kTermPatience + kKillPatience;
  }

  /// `drain_timeout`: from the soft stop to SIGTERM.
  explicit Runner(Duration drain_timeout) : drain_timeout_(drain_timeout) {}

  /// For the next stop.
  void change(Duration drain_timeout) { drain_timeout_ = drain_timeout; }

  void start(RunOutput& out);
  void handle(const RunEvent& event, Instant now, RunOutput& out);
  void observe(const Condition& condition);
  /// Files were put back: no pause is needed any more.
  void files_restored(Instant now);
  void advance(Instant now, RunOutput& out);
  [[nodiscard]] Instant next_deadline() const;

  /// It is stopped softly, and not started again.
  void stop(Instant now, RunOutput& out);
  /// A stop that is under way, or that comes, is to be over soon.
  void hurry(Instant now, RunOutput& out);
  [[nodiscard]] bool stopped() const { return state_ == State::Stopped; }

  /// Why it does not run, and when it will be started: "exited with code 1: no such file; starting
  /// again in 3.0 s". Empty while it runs.
  [[nodiscard]] std::string detail(Instant now) const;

 private:
  enum class State { Looking, Launching, Running, Pausing, Stopping, Stopped };

  void found(std::optional<int> pid, Instant now, RunOutput& out);
  void launched(const MasterLaunched& launched, Instant now, RunOutput& out);
  void ended(const std::string& how, Instant now, RunOutput& out);
  void printed(const std::string& line, Instant now, RunOutput& out);
  void run(int pid, Instant now);
  void pause(std::string why, Instant now, RunOutput& out);
  void begin_stop(Instant now, RunOutput& out);
  void signal(StopSignal signal, Instant now, RunOutput& out);
  void be_stopped(conf::LogLevel level, std::string text, RunOutput& out);

  Duration drain_timeout_;
  State state_ = State::Looking;
  bool stop_wanted_ = false;
  bool hurried_ = false;
  int pid_ = 0;
  bool adopted_ = false;
  bool served_ = false;  ///< a worker of it was seen
  Instant started_{};
  Duration pause_ = kShortestPause;  ///< the next one
  std::string why_;                  ///< it ended
  Instant due_ = kNever;             ///< the next start, or the next signal
  StopSignal sent_ = StopSignal::Soft;
  std::string said_;  ///< the last lines of it, for what it says when it ends

  // Of the second that has begun with the line that came then.
  Instant second_{};
  unsigned lines_ = 0;
};

}  // namespace haguard::proxy
