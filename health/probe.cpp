#include "health/probe.h"

#include <map>
#include <utility>

#include <boost/asio/post.hpp>

#include "health/file_probe.h"
#include "health/running_probe.h"

namespace haguard::health {

class Probes::Impl {
 public:
  Impl(boost::asio::io_context& io, OnResult on_result)
      : io_(io), on_result_(std::move(on_result)), files_(io) {}

  void start(std::size_t check, const conf::Check& settings) {
    running_[check] = start_of_kind(
        settings, [this, check](Outcome outcome) { finish(check, std::move(outcome)); });
  }

  void cancel(std::size_t check) { running_.erase(check); }

 private:
  std::unique_ptr<RunningProbe> start_of_kind(const conf::Check& settings, OnOutcome on_outcome) {
    switch (settings.type) {
      case conf::CheckType::Tcp:
        return start_tcp_probe(io_, settings, std::move(on_outcome));
      case conf::CheckType::Http:
        return start_http_probe(io_, settings, std::move(on_outcome));
      case conf::CheckType::File:
        return files_.start(settings.path, std::move(on_outcome));
      case conf::CheckType::Gateway:
        return start_gateway_probe(io_, settings, std::move(on_outcome));
      case conf::CheckType::Exec:
        return start_exec_probe(io_, settings, std::move(on_outcome));
      case conf::CheckType::Haproxy:
      case conf::CheckType::Interface:
        break;  // no probe: what is known of them comes in other ways
    }
    return nullptr;
  }

  void finish(std::size_t check, Outcome outcome) {
    // It is still in its handler.
    boost::asio::post(io_, [done = std::shared_ptr(std::move(running_.at(check)))] {});
    running_.erase(check);
    on_result_({check, outcome.passed, std::move(outcome.detail)});
  }

  boost::asio::io_context& io_;
  OnResult on_result_;
  FileProbes files_;
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
