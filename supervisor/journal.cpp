#include "supervisor/journal.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

namespace haguard::supervisor {

Journal::Journal(WallTime started)
    : last_(static_cast<std::uint64_t>(
          std::max<std::int64_t>(0, started.time_since_epoch().count()))) {}

void Journal::add(Message message, WallTime now) {
  if (message.text.size() > kMaxText) {
    message.text.resize(kMaxText);
  }
  {
    const std::lock_guard lock(mutex_);
    entries_.push_back(
        std::make_shared<const JournalEntry>(JournalEntry{last_ + 1, now, std::move(message)}));
    ++last_;
    if (entries_.size() > kCapacity) {
      entries_.pop_front();
    }
  }
  if (listener_) {
    listener_();
  }
}

Journal::Entries Journal::latest(std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  const auto count = std::min(limit, entries_.size());
  return {entries_.end() - static_cast<std::ptrdiff_t>(count), entries_.end()};
}

Journal::Entries Journal::after(std::uint64_t sequence, std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  const auto begin =
      sequence > last_ ? entries_.begin()
                       : std::ranges::upper_bound(entries_, sequence, {}, &JournalEntry::sequence);
  const auto count = std::min(limit, static_cast<std::size_t>(entries_.end() - begin));
  return {begin, begin + static_cast<std::ptrdiff_t>(count)};
}

std::uint64_t Journal::last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

nlohmann::json to_json(const JournalEntry& entry) {
  return {{"sequence", entry.sequence},
          {"time", to_iso8601(entry.time)},
          {"level", conf::to_string(entry.message.level)},
          {"event", entry.message.name},
          {"text", entry.message.text}};
}

nlohmann::json to_json(const Journal::Entries& entries, std::uint64_t last) {
  auto events = nlohmann::json::array();
  for (const auto& entry : entries) {
    events.push_back(to_json(*entry));
  }
  return {{"events", std::move(events)},
          {"last", entries.empty() ? last : entries.back()->sequence}};
}

}  // namespace haguard::supervisor
