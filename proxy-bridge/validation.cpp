#include "proxy-bridge/validation.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include "conf/duration.h"
#include "proxy-bridge/check_output.h"
#include "proxy-bridge/child.h"
#include "proxy-bridge/command_line.h"
#include "proxy-bridge/master_pid.h"
#include "proxy-bridge/unit_environment.h"

namespace haguard::proxy {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPatienceWithSystemd = 2s;
constexpr int kLooks = 20;
constexpr Duration kPause = 10ms;
constexpr int kNice = 10;  ///< the traffic comes first
/// Of the management guide, section 3: no listener, so it would not start.
constexpr int kWillNotStart = 2;

/// Alerts come after the warnings: the end counts more than the beginning.
KeptOutput kept_output() {
  return KeptOutput(std::size_t{16} << 10U, std::size_t{48} << 10U);
}

std::string reason_of(const ChildEnd& end) {
  std::string alerts = alerts_of(end.output);
  if (alerts.empty() && end.kind == ChildEnd::Kind::Exited && end.code == kWillNotStart) {
    return "no error, but HAProxy would not start: it has no listener";
  }
  return alerts.empty() ? end.to_string() : alerts;
}

}  // namespace

class Validation::Impl {
 public:
  Impl(boost::asio::io_context& io, const conf::Haproxy& settings, OnEvent on_event,
       Duration patience)
      : io_(io),
        timer_(io),
        binary_(settings.binary),
        files_(settings.config),
        on_event_(std::move(on_event)),
        patience_(patience) {}

  void start(int master_pid) {
    cancel();
    arguments_ = {"-c", "-V"};
    if (master_pid == 0) {
      for (const std::string& file : files_) {
        arguments_.insert(arguments_.end(), {"-f", file});
      }
      check({{kPath}});
      return;
    }
    look_at(master_pid, kLooks);
  }

  void cancel() {
    turn_ = std::make_shared<int>();
    timer_.cancel();
    child_.reset();
  }

 private:
  /// As await_command_line_of(), without waiting in the loop.
  void look_at(int master_pid, int looks) {
    const std::string command_line = command_line_of(master_pid);
    if (command_line.empty() && looks > 0 && is_running(master_pid)) {
      expire_after(kPause, [this, master_pid, looks] { look_at(master_pid, looks - 1); });
      return;
    }
    if (command_line.empty()) {
      post({false, "HAProxy's master " + std::to_string(master_pid) + " is gone", ""});
      return;
    }
    arguments_ = check_arguments(options_of_command_line(command_line));
    const std::string service = service_of(master_pid);
    service.empty() ? check(surroundings_of(master_pid)) : ask_systemd(service, master_pid);
  }

  void ask_systemd(const std::string& service, int master_pid) {
    Program program{command_to_show(service), {kPath}, ""};
    program.output = kept_output();
    child_.emplace(io_, program, [this, master_pid](const ChildEnd& end) {
      check(end.success() ? surroundings_of(parse_unit_properties(end.output))
                          : surroundings_of(master_pid));
    });
    expire_after(kPatienceWithSystemd, [this, master_pid] { check(surroundings_of(master_pid)); });
  }

  void check(const Surroundings& surroundings) {
    Program program{{binary_}, surroundings.environment, ""};
    program.command.insert(program.command.end(), arguments_.begin(), arguments_.end());
    program.directory = surroundings.directory;
    program.nice = kNice;
    program.output = kept_output();
    child_.emplace(io_, program, [this](const ChildEnd& end) {
      tell({end.success(), end.success() ? "" : reason_of(end), printable_lines(end.output)});
    });
    expire_after(patience_, [this] {
      tell({false, "no answer within " + conf::to_string(patience_), ""});
    });
  }

  void expire_after(Duration time, std::function<void()> then) {
    turn_ = std::make_shared<int>();
    timer_.expires_after(time);
    timer_.async_wait([turn = std::weak_ptr(turn_),
                       then = std::move(then)](const boost::system::error_code& error) {
      if (!error && !turn.expired()) {
        then();
      }
    });
  }

  void post(Validated validated) {
    boost::asio::post(io_, [this, turn = std::weak_ptr(turn_), validated = std::move(validated)] {
      if (!turn.expired()) {
        tell(validated);
      }
    });
  }

  void tell(const Validated& validated) {
    cancel();
    on_event_(validated);
  }

  boost::asio::io_context& io_;
  boost::asio::steady_timer timer_;
  const std::string binary_;
  const std::vector<std::string> files_;  ///< of -f when nothing runs
  OnEvent on_event_;
  const Duration patience_;
  std::vector<std::string> arguments_;
  std::optional<Child> child_;
  std::shared_ptr<int> turn_;  ///< another one with each step, so that a late timer is known
};

Validation::Validation(boost::asio::io_context& io, const conf::Haproxy& settings, OnEvent on_event,
                       Duration patience)
    : impl_(std::make_unique<Impl>(io, settings, std::move(on_event), patience)) {}

Validation::~Validation() = default;

void Validation::start(const ValidateConfiguration& order) {
  impl_->start(order.master_pid);
}

void Validation::cancel() {
  impl_->cancel();
}

}  // namespace haguard::proxy
