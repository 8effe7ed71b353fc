#pragma once
// The protocol loop: owns the clock, the one timer, the signals and the ports. Each turn first
// takes in everything that has arrived, and only then judges the time: a daemon that was starved
// hears its peer's queued advertisements before it may declare the peer gone.

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "conf/config.h"
#include "supervisor/boot_timer.h"
#include "supervisor/commands.h"
#include "supervisor/config_loader.h"
#include "supervisor/hooks.h"
#include "supervisor/http_front.h"
#include "supervisor/journal.h"
#include "supervisor/log.h"
#include "supervisor/metrics.h"
#include "supervisor/node.h"
#include "supervisor/notify.h"
#include "supervisor/ports.h"
#include "supervisor/publication.h"

namespace haguard::supervisor {

class Loop {
 public:
  /// Who is told what became true.
  struct Audience {
    Log& log;
    Journal& journal;
    Metrics& metrics;
    Publication& publication;
    ServiceManager& service_manager;
    const RecordFile& record;
    const ModeFile& mode;
    Hooks& hooks;
    Commands& commands;
    HttpFront& http;
  };

  /// `first` is what the node began with. All arguments must outlive it.
  /// Throws std::exception when the ports cannot be opened.
  Loop(boost::asio::io_context& io, const conf::Parsed& first, Node& node, Audience audience);

  /// Throws std::exception when it cannot begin; else it has said READY to the service manager.
  void start();
  /// After start(). Returns when the addresses are handed over after an order to stop, and the
  /// hooks have run. An exception ends the process by abort(3), with its text on stderr: from here
  /// on no end may look like a start that was refused, which is not tried again.
  void run() noexcept;

 private:
  [[nodiscard]] bool finished();
  /// Sleeps until something has happened and runs its handlers.
  void wait();
  void turn();
  /// Before anything that arrived meanwhile is heard.
  void judge_stall();
  /// Carries out what the node has decided, and tells what it has noticed.
  void flush();
  void tell(const Notice& notice);
  /// To the log and the journal.
  void say(Message message);
  void publish(Instant now);
  void arm();
  void next_signal();
  void on_signal(int signal);
  void stop(int signal);
  void extend_timeout(Duration work);
  /// Zero: it is not ours to stop.
  [[nodiscard]] static Duration longest_stop(const conf::Haproxy& haproxy);
  void log_status();
  [[nodiscard]] Status snapshot(Instant now) const;

  // supervisor/loop_reload.cpp: another configuration.
  /// An addition to the addresses of a router that holds them, which the kernel may refuse.
  struct Trial {
    std::set<RouterId> waiting;
    std::string error;
    std::vector<std::string> lines;  ///< what has changed
    Instant until{};
  };
  void on_event(const Event& event);
  void reload(std::optional<RequestId> request);
  void loaded(LoadedConfig loaded);
  void take(LoadedConfig loaded, std::vector<std::string> lines);
  [[nodiscard]] std::set<RouterId> apply(const conf::Config& next);
  void judge_trial();
  void accepted(const std::vector<std::string>& lines);
  void refused(const conf::Problems& problems);
  void answer_reload(bool ok, const std::string& detail, const std::vector<std::string>& lines);

  boost::asio::io_context& io_;
  const conf::Config& first_config_;
  Node& node_;
  Audience audience_;
  Duration hooks_timeout_;
  Duration haproxy_stop_;  ///< the longest that the end of HAProxy takes; zero: not ours
  Names names_;
  Ports ports_;
  BootTimer timer_;
  boost::asio::signal_set signals_;
  Output output_;  ///< decided, not yet carried out
  Output batch_;   ///< being carried out: only used within flush()
  Instant armed_ = kNever;
  Instant heartbeat_{};
  ConfigLoader loader_;
  /// Of the configuration in force and the one before; null: the first one.
  std::unique_ptr<const conf::Parsed> parsed_;
  std::unique_ptr<const conf::Parsed> former_;
  std::string config_digest_;
  std::string former_digest_;
  std::vector<RequestId> reload_requests_;
  std::optional<Trial> trial_;
  Instant hooks_end_ = kNever;  ///< after an exit
  bool news_ = true;            ///< worth a snapshot
  Instant published_at_{};
  bool stopping_ = false;
  bool exit_ = false;
};

}  // namespace haguard::supervisor
