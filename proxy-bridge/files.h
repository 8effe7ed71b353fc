#pragma once
// Port: everything that a safe reload does with files. All of it happens on one thread of its own,
// in the order in which it was asked for, since file systems may be slow; the loop gets events.

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "conf/config.h"
#include "proxy-bridge/reload_event.h"

namespace haguard::proxy {

using OnReloadEvent = std::function<void(ReloadEvent)>;

class Files {
 public:
  /// The state is kept in <state_dir>/haproxy. `on_event` is called in handlers of `io`. Throws
  /// std::system_error when there is no thread to be had.
  Files(boost::asio::io_context& io, const conf::Haproxy& haproxy, const std::string& state_dir,
        OnReloadEvent on_event);
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;
  /// Lets what is under way come to its end, but does not wait for longer than two seconds: a
  /// thread that a dead file system holds is left to itself. What has not begun is dropped.
  ~Files();

  /// A survey comes now, and whenever digest, flaw or time of change differ from the last one.
  void perform(const FollowFiles& action);
  void perform(const LoadReloadState& action);
  void perform(const WriteJournal& action);
  void perform(const StageFiles& action);
  void perform(const KeepStaged& action);
  void perform(const RestoreGeneration& action);
  void perform(const UndoRestore& action);

 private:
  class Worker;
  std::shared_ptr<Worker> worker_;
  std::shared_ptr<OnReloadEvent> on_event_;  ///< gone, nobody is told any more
};

}  // namespace haguard::proxy
