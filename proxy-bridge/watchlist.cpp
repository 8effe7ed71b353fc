#include "proxy-bridge/watchlist.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

namespace haguard::proxy {
namespace {

constexpr std::size_t kDeathsKept = 4;
constexpr std::size_t kMostFormer = 64;

/// "worker 11 died (signal 9)", "worker 11 exited with code 1".
std::string obituary(const char* role, const ProcessGone& gone) {
  if (gone.how.empty()) {
    return fmt::format("{} {} died", role, gone.pid);
  }
  if (gone.how.starts_with("exited")) {
    return fmt::format("{} {} {}", role, gone.pid, gone.how);
  }
  return fmt::format("{} {} died ({})", role, gone.pid, gone.how);
}

/// What HAProxy exits with when it was told to stop: by nobody it had to wait for, INT, TERM.
bool is_orderly(std::string_view how) {
  return how == "exited with code 0" || how == "exited with code 130" ||
         how == "exited with code 143";
}

}  // namespace

void Watchlist::update(int master, int worker, std::vector<Action>& out) {
  former_.erase(worker);  // a failed reload: it serves again
  std::set<int> wanted = former_;
  wanted.insert({master, worker});
  std::erase_if(wanted, [this](int pid) { return pid == 0 || is_gone(pid); });
  for (const int pid : watched_) {
    if (!wanted.contains(pid)) {
      out.emplace_back(ForgetProcess{pid});
    }
  }
  for (const int pid : wanted) {
    if (!watched_.contains(pid)) {
      out.emplace_back(WatchProcess{pid});
    }
  }
  watched_ = std::move(wanted);
}

void Watchlist::add_former(int pid) {
  if (pid != 0 && former_.size() < kMostFormer && !is_gone(pid)) {
    former_.insert(pid);
  }
}

std::optional<std::string> Watchlist::former_gone(const ProcessGone& gone) {
  if (former_.erase(gone.pid) == 0) {
    return std::nullopt;
  }
  watched_.erase(gone.pid);
  return obituary("former worker", gone);
}

bool Watchlist::gone(const char* role, const ProcessGone& gone) {
  if (watched_.erase(gone.pid) == 0) {
    return false;
  }
  gone_.push_back(gone.pid);
  if (gone_.size() > kDeathsKept) {
    gone_.pop_front();
  }
  const bool killed = gone.how.starts_with("signal");
  if (cause_.empty() || (killed && !killed_)) {
    cause_ = obituary(role, gone);
    killed_ = killed;
    orderly_ = is_orderly(gone.how);
  }
  return true;
}

void Watchlist::recovered() {
  cause_.clear();
  killed_ = false;
}

bool Watchlist::is_gone(int pid) const {
  return std::ranges::find(gone_, pid) != gone_.end();
}

}  // namespace haguard::proxy
