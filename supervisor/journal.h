#pragma once
// The last events of this daemon, word for word as in its log, for those who cannot look into the
// log: the control socket, the status page. The protocol loop adds, any thread reads; whoever reads
// holds the loop up for a few microseconds. Not kept over a restart.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "supervisor/messages.h"
#include "supervisor/status.h"

namespace haguard::supervisor {

struct JournalEntry {
  std::uint64_t sequence = 0;
  WallTime time;
  Message message;
};

class Journal {
 public:
  static constexpr std::size_t kCapacity = 1000;
  /// Longer texts are cut.
  static constexpr std::size_t kMaxText = 1024;

  /// The first entry has a number made of the time of the start, in milliseconds, so that numbers
  /// grow over restarts as well: who asks a new daemon for what came after an old one's event is
  /// answered with everything. They stay below 2^53, which every reader of JSON can count to.
  explicit Journal(WallTime started);

  void add(Message message, WallTime now);
  /// Called after each entry on the thread that added it. For one listener.
  void on_entry(std::function<void()> listener) { listener_ = std::move(listener); }

  /// Shared, so that a reader keeps the loop waiting for the copy of pointers only.
  using Entries = std::vector<std::shared_ptr<const JournalEntry>>;

  /// The last `limit` entries, oldest first.
  [[nodiscard]] Entries latest(std::size_t limit) const;
  /// The first `limit` entries after that number, oldest first; from the oldest on if the number
  /// is none of ours yet.
  [[nodiscard]] Entries after(std::uint64_t sequence, std::size_t limit) const;
  /// Of the newest entry; without one the number before the first.
  [[nodiscard]] std::uint64_t last() const;

 private:
  mutable std::mutex mutex_;
  std::uint64_t last_;
  std::deque<std::shared_ptr<const JournalEntry>> entries_;  ///< numbered without gaps up to last_
  std::function<void()> listener_;
};

/// {"sequence": …, "time": "…", "level": "warning", "event": "check-changed", "text": "…"}
[[nodiscard]] nlohmann::json to_json(const JournalEntry& entry);
/// {"events": […], "last": …}: `last` is what to ask on from.
[[nodiscard]] nlohmann::json to_json(const Journal::Entries& entries, std::uint64_t last);

}  // namespace haguard::supervisor
