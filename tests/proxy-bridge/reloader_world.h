#pragma once
// A reloader with a HAProxy that is a few numbers, and files that are a digest, in simulated time.

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proxy-bridge/reloader.h"

namespace haguard::proxy {

using namespace std::chrono_literals;

class ReloaderWorld {
 public:
  explicit ReloaderWorld(conf::Reload settings = {}) : reloader(haproxy_settings(settings)) {
    condition.status = Status::Running;
    condition.version = "2.6.12";
    condition.master_pid = 10;
    condition.worker_pid = 11;
    condition.worker_started = 1000;
    condition.proxies = {{.name = "fe", .frontend = true, .status = "OPEN"}};
    tell_processes(0, {11});
  }

  Reloader reloader;
  Condition condition;
  Instant now{1h};
  std::string disk = "d1";  ///< digest of what is on disk
  WallClock changed_at{900s};
  std::vector<ReloadAction> actions;  ///< since clear()
  std::vector<Action> questions;
  Instant patient_until{};
  std::vector<Reloader::Over> over;
  std::vector<std::string> warnings;
  bool listener = true;  ///< one is known that may be knocked at

  static conf::Haproxy haproxy_settings(const conf::Reload& reload) {
    conf::Haproxy settings;
    settings.reload = reload;
    return settings;
  }

  [[nodiscard]] Survey survey() const { return {disk, {"/haproxy.cfg"}, "", changed_at}; }

  /// The daemon starts beside a HAProxy that has read what is on disk.
  void start(const StateLoaded& state = {{{1, WallClock{}, "d1", "2.6.12", 1}}, "", 0, ""}) {
    with([this](ReloadOutput& out) { reloader.start(out); });
    say(state);
    look();
    say(FilesSurveyed{survey(), condition.master_pid});
  }

  void say(const ReloadEvent& event) {
    with([&](ReloadOutput& out) { reloader.handle(event, condition, now, out); });
  }
  void answer(const std::string& text) {
    with([&](ReloadOutput& out) { reloader.handle(Answered{Line::Reload, text}, now, out); });
    look();
  }
  void fail(Failure failure) {
    with([&](ReloadOutput& out) { reloader.handle(Failed{Line::Reload, failure}, now, out); });
    look();
  }
  void look() {
    with([this](ReloadOutput& out) { reloader.observe(condition, now, out); });
  }
  std::optional<std::string> request() {
    std::optional<std::string> why;
    with([&](ReloadOutput& out) { why = reloader.request(condition, now, out); });
    return why;
  }
  std::optional<std::string> roll_back(std::optional<unsigned> generation) {
    std::optional<std::string> why;
    with([&](ReloadOutput& out) { why = reloader.roll_back(generation, condition, now, out); });
    return why;
  }
  void pass(Duration span) {
    const Instant end = now + span;
    while (reloader.next_deadline() <= end) {
      now = std::max(now, reloader.next_deadline());
      with([this](ReloadOutput& out) { reloader.advance(condition, now, out); });
    }
    now = end;
  }

  void tell_processes(unsigned reloads, std::vector<int> workers, unsigned failed = 0) {
    ProcessList list;
    list.master = {condition.master_pid, reloads, {}};
    list.failed_reloads = failed;
    for (const int pid : workers) {
      list.workers.push_back({pid, 0, {}});
    }
    condition.processes = list;
    ++condition.lists;
  }
  /// The new worker serves, and the master says so.
  void take_over(int worker, unsigned reloads) {
    condition.worker_pid = worker;
    condition.worker_started += 100;
    tell_processes(reloads, {worker});
    look();
  }
  void die(const std::string& detail, bool orderly = false) {
    condition.status = Status::Dead;
    condition.detail = detail;
    condition.orderly_end = orderly;
    condition.master_pid = 0;
    condition.processes.reset();
    look();
  }

  /// Files collected, valid, binds free, journal written: the order leaves.
  void up_to_the_order() {
    say(FilesStaged{survey(), WallClock{2000s}, ""});
    now += 20ms;
    say(Validated{true, "", ""});
    now += 1ms;
    say(BindsTried{{}, 2, 0});
    say(JournalWritten{});
  }
  void reload_well(int worker, unsigned reloads) {
    up_to_the_order();
    now += 5ms;
    fail(Failure::Closed);  // all that 2.6 says
    take_over(worker, reloads);
    condition.knock_answered = true;
    look();
  }

  template <typename Kind>
  [[nodiscard]] std::size_t count() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        actions, [](const ReloadAction& one) { return std::holds_alternative<Kind>(one); }));
  }
  template <typename Kind>
  [[nodiscard]] const Kind* last() const {
    for (auto one = actions.rbegin(); one != actions.rend(); ++one) {
      if (const Kind* found = std::get_if<Kind>(&*one)) {
        return found;
      }
    }
    return nullptr;
  }
  [[nodiscard]] std::size_t orders() const {
    return static_cast<std::size_t>(std::ranges::count_if(questions, [](const Action& one) {
      const Ask* ask = std::get_if<Ask>(&one);
      return ask != nullptr && ask->line == Line::Reload && ask->command == "reload";
    }));
  }
  [[nodiscard]] std::string journal() const {
    const auto* written = last<WriteJournal>();
    return written == nullptr ? "" : written->text;
  }

 private:
  template <typename Call>
  void with(Call&& call) {
    ReloadOutput out;
    call(out);
    take(out);
  }

  void take(const ReloadOutput& out) {
    actions.insert(actions.end(), out.actions.begin(), out.actions.end());
    questions.insert(questions.end(), out.questions.begin(), out.questions.end());
    patient_until = out.patient_until.value_or(patient_until);
    if (out.knock) {
      condition.knock_answered.reset();
      ReloadOutput more;
      reloader.knocking(listener, condition, now, more);
      take(more);
    }
    Reloader::News news = reloader.take_news();
    over.insert(over.end(), news.over.begin(), news.over.end());
    warnings.insert(warnings.end(), news.warnings.begin(), news.warnings.end());
  }
};

}  // namespace haguard::proxy
