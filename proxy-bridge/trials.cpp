#include "proxy-bridge/trials.h"

#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include "proxy-bridge/bind_trial.h"
#include "proxy-bridge/command_line.h"
#include "proxy-bridge/configuration_files.h"
#include "proxy-bridge/master_pid.h"
#include "proxy-bridge/validation.h"

namespace haguard::proxy {
namespace {

BindsTried try_configured_binds(const conf::Haproxy& settings, int master_pid) {
  const auto [files, failures] = read_configuration_files(settings, master_pid);
  const Configuration configuration = parse_configuration(files);
  SocketManners manners;
  manners.user = user_of(master_pid);
  manners.reuse_port =
      !configuration.noreuseport &&
      !has_option(options_of_command_line(await_command_line_of(master_pid)), "-dR");
  BindsTried tried = try_binds(configuration, manners);
  // Whatever stands in a file that could not be read, validation will say so.
  tried.unknown += static_cast<unsigned>(failures.size());
  return tried;
}

}  // namespace

class Trials::Impl {
 public:
  Impl(boost::asio::io_context& io, const conf::Haproxy& settings, OnEvent on_event)
      : io_(io),
        settings_(settings),
        on_event_(std::move(on_event)),
        validation_(io, settings, on_event_) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { thread_.join(); }

  void validate(const ValidateConfiguration& order) { validation_.start(order); }

  void try_binds(int master_pid) {
    turn_ = std::make_shared<int>();
    boost::asio::post(thread_, [this, master_pid, turn = std::weak_ptr(turn_)] {
      if (turn.expired()) {
        return;
      }
      auto tried = try_configured_binds(settings_, master_pid);
      boost::asio::post(io_, [this, turn, tried = std::move(tried)] {
        if (!turn.expired()) {
          turn_.reset();
          on_event_(tried);
        }
      });
    });
  }

  void cancel() {
    turn_.reset();
    validation_.cancel();
  }

 private:
  boost::asio::io_context& io_;
  const conf::Haproxy settings_;
  const OnEvent on_event_;
  Validation validation_;
  std::shared_ptr<int> turn_;  ///< of the last order; none: no answer is wanted
  boost::asio::thread_pool thread_{1};
};

Trials::Trials(boost::asio::io_context& io, const conf::Haproxy& settings, OnEvent on_event)
    : impl_(std::make_unique<Impl>(io, settings, std::move(on_event))) {}

Trials::~Trials() = default;

void Trials::perform(const ValidateConfiguration& order) {
  impl_->validate(order);
}

void Trials::perform(const TryBinds& order) {
  impl_->try_binds(order.master_pid);
}

void Trials::cancel() {
  impl_->cancel();
}

}  // namespace haguard::proxy
