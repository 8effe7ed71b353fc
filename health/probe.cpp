#include "health/probe.h"

#include <map>
#include <utility>

#include <boost/asio/post.hpp>

#include "health/running_probe.h"

namespace haguard::health {

class Probes::Impl {
 public:
  Impl(boost::asio::io_context& io, OnResult on_result)
      : io_(io), on_result_(std::move(on_result)) {}

  void start(std::size_t check, const conf::Check& settings) {
    running_[check] = start_tcp_probe(
        io_, settings, [this, check](Outcome outcome) { finish(check, std::move(outcome)); });
  }

  void cancel(std::size_t check) { running_.erase(check); }

 private:
  void finish(std::size_t check, Outcome outcome) {
    // It is still in its handler.
    boost::asio::post(io_, [done = std::shared_ptr(std::move(running_.at(check)))] {});
    running_.erase(check);
    on_result_({check, outcome.passed, std::move(outcome.detail)});
  }

  boost::asio::io_context& io_;
  OnResult on_result_;
  std::map<std::size_t, std::unique_ptr<RunningProbe>> running_;
};

Probes::Probes(boost::asio::io_context& io, OnResult on_result)
    : impl_(std::make_unique<Impl>(io, std::move(on_result))) {}

Probes::~Probes() = default;

void Probes::start(std::size_t check, const conf::Check& settings) {
  impl_->start(check, settings);
}

void Probes::cancel(std::size_t check) {
  impl_->cancel(check);
}

}  // namespace haguard::health
