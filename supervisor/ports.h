#pragma once
// The ports of the daemon, put together: what they see becomes events, actions become calls.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "conf/config.h"
#include "health/probe.h"
#include "proxy-bridge/cli.h"
#include "proxy-bridge/files.h"
#include "proxy-bridge/knocker.h"
#include "proxy-bridge/launcher.h"
#include "proxy-bridge/listener_finder.h"
#include "proxy-bridge/process.h"
#include "proxy-bridge/trials.h"
#include "supervisor/event.h"
#include "supervisor/message_table.h"
#include "supervisor/mode_file.h"
#include "supervisor/node.h"
#include "supervisor/record_file.h"
#include "vrrp/kernel.h"
#include "vrrp/neighbor_watch.h"
#include "vrrp/virtual_devices.h"
#include "vrrp/wire.h"

namespace haguard::supervisor {

class Ports {
 public:
  struct Handlers {
    /// From within drain(), perform(), or a handler of the io_context.
    std::function<void(const Event&)> on_event;
    std::function<void(MessageId id, const std::string& message)> on_warning;
  };

  /// All arguments must outlive it; what cannot change while it lives is read from `config`. Throws
  /// std::exception when the system refuses what cannot be done without.
  Ports(boost::asio::io_context& io, const conf::Config& config, const Node& node,
        const RecordFile& record, const ModeFile& mode, Handlers handlers);

  /// Begins to follow links.
  void start();
  /// The node has another configuration: follows what that is about, and tells everything about it
  /// anew.
  void reconfigure();
  /// Takes in a bounded amount of what is waiting; false when nothing was.
  bool drain();
  /// In this order.
  void perform(const std::vector<Action>& actions);
  /// Tries again what has failed. To be called a few times a second.
  void tend();

 private:
  void emit(const Event& event);
  void link_changed(const vrrp::LinkStatus& link);
  void listen_as_told(const vrrp::LinkStatus& link);
  void addresses_found(const std::string& interface,
                       const std::vector<vrrp::HeldAddress>& addresses);
  void listen(const std::string& interface, int index);
  void perform(const Action& action);
  void perform(const proxy::Action& action);
  void perform(const proxy::ReloadAction& action);
  void perform(const proxy::RunAction& action);
  void hang_up(proxy::Line line);
  /// What a port warns with, as this kind of message.
  [[nodiscard]] std::function<void(const std::string&)> warning(MessageId id) const;
  void save(const SaveRecord& record);
  void save(const SaveMode& mode);
  [[nodiscard]] std::uint64_t next_batch(RouterId router);
  void start_probe(CheckId check);
  void stop_listening();

  // supervisor/ports_addresses.cpp
  void add(const std::vector<RouterId>& routers);
  void put_off_renewal(RouterId router);
  void renew_some();
  void remove(RouterId router);
  void rest_one();
  void check_devices(const std::string& interface);
  void check_device(const VirtualRouter& router);

  boost::asio::io_context& io_;
  const conf::Config& config_;
  const Node& node_;
  const RecordFile& record_;
  const ModeFile& mode_;
  Handlers handlers_;
  std::set<std::string> interfaces_;  ///< of the virtual routers, as opposed to those of checks
  std::set<std::pair<std::string, vrrp::Family>> heard_;  ///< where routers of which family listen
  std::map<std::string, int> listening_;                  ///< interfaces that are there -> index
  std::uint64_t batches_ = 0;
  std::uint64_t events_ = 0;
  std::set<RouterId> holding_;                    ///< their addresses were added
  std::deque<RouterId> renewals_;                 ///< of leases that are due
  bool may_renew_ = false;                        ///< a turn of the loop has begun
  std::set<RouterId> resting_;                    ///< their devices are to be set down
  bool may_rest_ = false;                         ///< a turn of the loop has begun
  std::map<RouterId, std::string> device_flaws_;  ///< as told
  vrrp::VirtualDevices devices_;
  vrrp::Kernel kernel_;
  vrrp::Wire wire_;
  vrrp::NeighborWatch neighbors_;
  proxy::Cli cli_;
  proxy::Knocker knocker_;
  proxy::ListenerFinder listeners_;
  proxy::Processes processes_;
  std::optional<proxy::Files> files_;  ///< none: HAProxy is not watched
  proxy::Trials trials_;
  std::optional<proxy::Launcher> launcher_;  ///< none: HAProxy is not ours to run
  health::Probes probes_;
};

}  // namespace haguard::supervisor
