#pragma once
// The protocol loop: owns the clock, the one timer, the signals and the ports. Each turn first
// takes in everything that has arrived, and only then judges the time: a daemon that was starved
// hears its peer's queued advertisements before it may declare the peer gone.

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "conf/config.h"
#include "supervisor/boot_timer.h"
#include "supervisor/commands.h"
#include "supervisor/hooks.h"
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
  };

  /// All arguments must outlive it. Throws std::exception when the ports cannot be opened.
  Loop(boost::asio::io_context& io, const conf::Config& config, Node& node, Audience audience);

  /// Returns when the addresses are handed over after an order to stop, and the hooks have run.
  void run();

 private:
  void start();
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
  void arm();
  void next_signal();
  void on_signal(int signal);
  void stop(int signal);
  void extend_timeout(Duration work);
  void log_status();

  boost::asio::io_context& io_;
  Node& node_;
  Audience audience_;
  Duration hooks_timeout_;
  Duration haproxy_stop_;  ///< the longest that the end of HAProxy takes; zero: not ours
  Names names_;
  Ports ports_;
  BootTimer timer_;
  boost::asio::signal_set signals_;
  Output output_;  ///< decided, not yet carried out
  Instant armed_ = kNever;
  Instant heartbeat_{};
  Instant hooks_end_ = kNever;  ///< after an exit
  bool news_ = false;           ///< worth a snapshot before the next heartbeat
  bool stopping_ = false;
  bool exit_ = false;
};

}  // namespace haguard::supervisor
