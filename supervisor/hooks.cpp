#include "supervisor/hooks.h"

#include <optional>
#include <utility>
#include <vector>

#include <boost/algorithm/string/join.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <fmt/format.h>

#include "proxy-bridge/child.h"
#include "supervisor/hook_queue.h"
#include "supervisor/printable.h"

namespace haguard::supervisor {
namespace {

/// One change of state under way.
struct Run {
  std::string router;  ///< its name
  std::vector<std::string> environment;
  HookList list;
  std::size_t position = 0;  ///< of the command that runs
  std::chrono::steady_clock::time_point started{};
};

double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

std::vector<std::string> environment(const HookCall& call, const VirtualRouter& router,
                                     const std::string& node) {
  std::vector<std::string> addresses;
  for (const conf::VirtualAddress& address : router.holdings().addresses()) {
    addresses.push_back(fmt::format("{}/{}", address.address.to_string(), address.prefix_length));
  }
  const conf::Instance& instance = router.instance();
  return {proxy::kPath,
          "HAGUARD_NODE=" + node,
          "HAGUARD_INSTANCE=" + instance.name,
          fmt::format("HAGUARD_FAMILY={}", vrrp::to_string(router.family())),
          fmt::format("HAGUARD_STATE={}", to_string(call.state)),
          fmt::format("HAGUARD_PREVIOUS_STATE={}", to_string(call.previous)),
          "HAGUARD_REASON=" + printable(call.reason),
          fmt::format("HAGUARD_PRIORITY={}", call.priority),
          "HAGUARD_INTERFACE=" + instance.interface,
          fmt::format("HAGUARD_VIRTUAL_ROUTER_ID={}", instance.virtual_router_id),
          "HAGUARD_ADDRESSES=" + boost::join(addresses, " ")};
}

}  // namespace

/// Its handlers may run after the Hooks have gone; they know it weakly.
class Hooks::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(boost::asio::io_context& io, const conf::Config& config, const Node& node,
       OnMessage on_message)
      : io_(io), config_(&config), node_(node), on_message_(std::move(on_message)), deadline_(io) {}

  void reconfigure(const conf::Config& config) { config_ = &config; }

  void tell(const StateChanged& change) {
    queue_.changed(change);
    boost::asio::post(io_, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) {
        self->start_next();
      }
    });
  }

  [[nodiscard]] bool idle() const { return queue_.idle(); }

 private:
  void start_next() {
    while (const auto call = queue_.start()) {
      const VirtualRouter* router = node_.find(call->router);
      HookList list = hook_list(config_->hooks, *call);
      if (router != nullptr && !list.commands.empty()) {
        run_.emplace(
            Run{router->name(), environment(*call, *router, config_->node_name), std::move(list)});
        start_command();
        return;
      }
      queue_.finished();
    }
  }

  void start_command() {
    const auto& command = run_->list.commands.at(run_->position);
    run_->started = std::chrono::steady_clock::now();
    child_ = std::make_unique<proxy::Child>(io_, proxy::Program{command, run_->environment, {}},
                                            [this](const proxy::ChildEnd& end) { ended(end); });
    deadline_.expires_after(config_->hooks.timeout);
    deadline_.async_wait(
        [weak = weak_from_this(), number = ++commands_](const boost::system::error_code& error) {
          const auto self = weak.lock();
          if (self && !error && number == self->commands_) {
            self->expired();
          }
        });
  }

  void ended(const proxy::ChildEnd& end) {
    if (end.success()) {
      const auto took = std::chrono::steady_clock::now() - run_->started;
      report(MessageId::HookDone, fmt::format("done in {:.3f} s", seconds(took)));
    } else {
      report(MessageId::HookFailed, end.to_string());
    }
    next_command();
  }

  void expired() {
    report(MessageId::HookKilled,
           fmt::format("killed after {} s", seconds(config_->hooks.timeout)));
    next_command();
  }

  void next_command() {
    child_.reset();
    deadline_.cancel();
    ++commands_;
    if (++run_->position < run_->list.commands.size()) {
      start_command();
      return;
    }
    queue_.finished();
    start_next();
  }

  void report(MessageId id, const std::string& what) const {
    on_message_(id, fmt::format("hook {} {} {}: {}", run_->list.commands.at(run_->position).front(),
                                run_->list.name, run_->router, what));
  }

  boost::asio::io_context& io_;
  const conf::Config* config_;
  const Node& node_;
  OnMessage on_message_;
  HookQueue queue_;
  std::optional<Run> run_;
  std::unique_ptr<proxy::Child> child_;
  boost::asio::steady_timer deadline_;
  std::uint64_t commands_ = 0;  ///< a deadline may be due already when its command ends
};

Hooks::Hooks(boost::asio::io_context& io, const conf::Config& config, const Node& node,
             OnMessage on_message)
    : impl_(std::make_shared<Impl>(io, config, node, std::move(on_message))) {}

Hooks::~Hooks() = default;

void Hooks::reconfigure(const conf::Config& config) {
  impl_->reconfigure(config);
}

void Hooks::tell(const StateChanged& change) {
  impl_->tell(change);
}

bool Hooks::idle() const {
  return impl_->idle();
}

}  // namespace haguard::supervisor
