#pragma once
// A little HAProxy with its sockets and processes, in simulated time, and a monitor that watches
// it. Connections stay with the worker that took them, as real ones do.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "proxy-bridge/monitor.h"

namespace haguard::proxy {

using namespace std::chrono_literals;

class FakeHaproxy {
 public:
  struct Worker {
    bool stopping = false;
    bool frozen = false;              ///< takes connections, answers nothing
    bool mute_when_held = false;      ///< answers fresh connections only
    std::optional<std::string> says;  ///< instead of the truth, on the held line
  };

  explicit FakeHaproxy(conf::Haproxy settings = {}, const std::set<std::string>& backends = {"be"})
      : monitor(std::move(settings), backends) {}

  Monitor monitor;
  Instant now{1h};
  std::map<int, Worker> workers;
  int master = 10;                     ///< 0: none
  int listening = 0;                   ///< the worker that takes new stats connections; 0: nobody
  Failure admin = Failure::Refused;    ///< what a connect meets when nobody is listening
  std::optional<Failure> master_line;  ///< what a question to the master meets, instead of a list
  bool master_frozen = false;
  bool at_once = false;  ///< the end of a worker and of its connections are heard in one go
  unsigned failed_reloads = 0;
  unsigned load = 0;   ///< connections, of 20 at most
  std::string former;  ///< rows of the section `# old workers`
  std::optional<int> pid_file;
  bool slots_taken = false;               ///< by others: nothing is answered on the stats socket
  std::vector<conf::Endpoint> listeners;  ///< that the configuration names
  std::vector<std::pair<Instant, Status>> history;
  std::vector<Action> actions;  ///< all of them
  std::set<int> watched;
  unsigned connections = 0;  ///< stats connections opened

  void run_worker(int pid) {
    workers[pid] = {};
    listening = pid;
  }

  void start() {
    std::vector<Action> out;
    monitor.start(now, out);
    perform(out);
  }

  /// Until `span` has passed: facts first, then the monitor's deadlines.
  void run(Duration span) {
    const Instant end = now + span;
    while (next_fact() <= end || monitor.next_deadline() <= end) {
      now = std::max(now, std::min(next_fact(), monitor.next_deadline()));
      wake();
    }
    now = end;
  }

  /// As a daemon that was not scheduled for a while.
  void starve(Duration span) {
    now += span;
    wake();
  }

  /// As the daemon: actions are carried out when all facts were heard.
  void wake() {
    std::vector<Action> out;
    while (!facts_.empty() && facts_.begin()->first <= now) {
      const Event event = facts_.begin()->second;
      facts_.erase(facts_.begin());
      hear(event, out);
    }
    monitor.advance(now, out);
    perform(out);
    ASSERT_GT(monitor.next_deadline(), now) << "the loop would spin";
  }

  void tell(const Event& event) {
    std::vector<Action> out;
    hear(event, out);
    perform(out);
  }

  void hear(const Event& event, std::vector<Action>& out) {
    if (const ProcessGone* gone = std::get_if<ProcessGone>(&event)) {
      watched.erase(gone->pid);  // told once
    }
    monitor.handle(event, now, out);
  }

  /// `mute`: its answers that are under way are lost, its connections close.
  void end(int pid, const std::string& how, bool mute = true) {
    workers.erase(pid);
    if (listening == pid) {
      listening = 0;
    }
    if (master == pid) {
      master = 0;
    }
    if (watched.contains(pid)) {
      facts_.emplace(now + 800us, ProcessGone{pid, how});
    }
    for (const Line line : {Line::Held, Line::Witness}) {
      const auto found = lines_.find(line);
      if (mute && found != lines_.end() && found->second == pid) {
        drop(line);
        facts_.emplace(now + (at_once ? 800us : 900us),
                       Failed{line, Failure::Closed, questions_[line]});
      }
    }
  }

  /// SIGKILL: the worker dies, and the master after it.
  void kill_worker(int pid) {
    end(pid, "signal 9");
    run(1ms);
    end(master, "exited with code 137");
  }

  void freeze(int pid) { workers.at(pid).frozen = true; }

  void thaw(int pid) {
    workers.at(pid).frozen = false;
    answer_all();
  }

  void free_slots() {
    slots_taken = false;
    answer_all();
  }

  void answer_all() {
    for (const auto& [line, question] : std::exchange(unanswered_, {})) {
      answer(line, question);
    }
  }

  void close_held() {
    drop(Line::Held);
    facts_.emplace(now, Failed{Line::Held, Failure::Closed, questions_[Line::Held]});
  }

  [[nodiscard]] bool holds(int pid) const {
    const auto found = lines_.find(Line::Held);
    return found != lines_.end() && found->second == pid;
  }

  [[nodiscard]] const Condition& condition() const { return monitor.condition(); }
  [[nodiscard]] Status status() const { return condition().status; }
  [[nodiscard]] const std::string& detail() const { return condition().detail; }

  /// How long after `since` it first said so.
  [[nodiscard]] Duration delay(Status status, Instant since) const {
    const auto found = std::ranges::find_if(
        history, [&](const auto& entry) { return entry.first >= since && entry.second == status; });
    return found == history.end() ? Duration::max() : found->first - since;
  }

  [[nodiscard]] bool always_running_since(Instant since) const {
    return std::ranges::all_of(history, [since](const auto& entry) {
      return entry.first < since || entry.second == Status::Running;
    });
  }

  template <typename Kind>
  [[nodiscard]] std::size_t count() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        actions, [](const Action& one) { return std::holds_alternative<Kind>(one); }));
  }

  [[nodiscard]] std::size_t asked(Line line) const {
    return static_cast<std::size_t>(std::ranges::count_if(actions, [line](const Action& one) {
      const Ask* ask = std::get_if<Ask>(&one);
      return ask != nullptr && ask->line == line;
    }));
  }

 private:
  void perform(const std::vector<Action>& out) {
    for (const Action& action : out) {
      actions.push_back(action);
      std::visit([this](const auto& one) { perform(one); }, action);
    }
    if (history.empty() || history.back().second != status()) {
      history.emplace_back(now, status());
    }
  }

  void perform(const Ask& ask) {
    questions_[ask.line] = ask.question;
    if (ask.line == Line::Master) {
      ask_master(ask);
      return;
    }
    if (ask.line == Line::Presence) {
      return;  // held, and silent
    }
    if (ask.line == Line::Door) {
      if (listening == 0 && admin == Failure::Refused) {
        facts_.emplace(now, Failed{ask.line, admin, ask.question});
      }
      return;
    }
    if (!lines_.contains(ask.line)) {
      if (listening == 0) {
        facts_.emplace(now + 100us, Failed{ask.line, admin, ask.question});
        return;
      }
      ++connections;
      lines_[ask.line] = listening;
    }
    answer(ask.line, ask.command);
  }

  void perform(const HangUp& hang_up) { drop(hang_up.line); }
  void perform(const FindListeners&) { facts_.emplace(now, ListenersFound{listeners}); }
  void perform(const Knock& knock) {
    if (listening == 0) {
      facts_.emplace(now, Failed{Line::Listener, Failure::Refused, knock.question});
    } else if (!workers.at(listening).frozen) {
      facts_.emplace(now + 1ms, Answered{Line::Listener, "", knock.question});
    }
  }
  void perform(const ReadPidFile&) { facts_.emplace(now, PidFileRead{pid_file}); }
  void perform(const ForgetProcess& forget) { watched.erase(forget.pid); }
  void perform(const WatchProcess& watch) {
    EXPECT_TRUE(watched.insert(watch.pid).second) << "watched twice";
    if (watch.pid != master && !workers.contains(watch.pid)) {
      facts_.emplace(now, ProcessGone{watch.pid, ""});
    }
  }

  void ask_master(const Ask& ask) {
    if (master_line) {
      facts_.emplace(now, Failed{Line::Master, *master_line, ask.question});
    } else if (master == 0) {
      facts_.emplace(now, Failed{Line::Master, Failure::Refused, ask.question});
    } else if (!master_frozen) {
      facts_.emplace(now + 1ms, Answered{Line::Master, process_list(), ask.question});
    }
  }

  [[nodiscard]] std::string process_list() const {
    std::string list = "#<PID> <type> <reloads> <uptime> <version>\n" + std::to_string(master) +
                       " master 0 [failed: " + std::to_string(failed_reloads) +
                       "] 0d00h00m31s 2.6.12\n# workers\n";
    if (listening != 0) {
      list += std::to_string(listening) + " worker 0 0d00h00m31s 2.6.12\n";
    }
    return list + "# old workers\n" + former + "\n";
  }

  void answer(Line line, const std::string& question) {
    const int pid = lines_.at(line);
    const Worker& worker = workers.at(pid);
    const bool held = line == Line::Held;
    if (worker.frozen || slots_taken || (held && worker.mute_when_held)) {
      unanswered_[line] = question;
      return;
    }
    facts_.emplace(now + 1ms,
                   Answered{line, held && worker.says ? *worker.says : reply(pid, question),
                            questions_[line]});
  }

  [[nodiscard]] std::string reply(int pid, const std::string& question) const {
    std::string text = "Version: 2.6.12\nPid: " + std::to_string(pid) +
                       "\nStopping: " + (workers.at(pid).stopping ? "1" : "0") +
                       "\nMaxconn: 20\nCurrConns: " + std::to_string(load) + "\n\n";
    const std::string header = "# pxname,status,act,bck,type\n";
    if (question.find("show stat -1 1 -1") != std::string::npos) {
      text += header + "fe,OPEN,,,0\n\n";
    }
    if (question.find("show stat be 2 -1") != std::string::npos) {
      text += header + "be,UP,2,1,1\n\n";
    }
    if (question.find("show stat nope 2 -1") != std::string::npos) {
      text += "No such proxy.\n\n";
    }
    return text;
  }

  void drop(Line line) {
    lines_.erase(line);
    unanswered_.erase(line);
    std::erase_if(facts_, [line](const auto& fact) {
      const Answered* answered = std::get_if<Answered>(&fact.second);
      const Failed* failed = std::get_if<Failed>(&fact.second);
      return (answered != nullptr && answered->line == line) ||
             (failed != nullptr && failed->line == line);
    });
  }

  [[nodiscard]] Instant next_fact() const {
    return facts_.empty() ? kNever : facts_.begin()->first;
  }

  std::map<Line, std::uint64_t> questions_;
  std::map<Line, int> lines_;  ///< connected to this worker
  std::map<Line, std::string> unanswered_;
  std::multimap<Instant, Event> facts_;
};

/// The hang timeout is the default of 600 ms, so a question leaves every 100 ms.
class MonitorTest : public testing::Test {
 protected:
  void start_running() {
    haproxy_.run_worker(11);
    haproxy_.start();
    haproxy_.run(350ms);
    ASSERT_EQ(haproxy_.status(), Status::Running);
    begun_ = haproxy_.now;
  }

  /// The master starts itself anew: it hangs up, and refuses until it is done.
  void reload_begins() {
    haproxy_.master_line = Failure::Refused;
    haproxy_.tell(Failed{Line::Presence, Failure::Closed});
  }

  FakeHaproxy haproxy_;
  Instant begun_{};  ///< 50 ms before the next question leaves
};

}  // namespace haguard::proxy
