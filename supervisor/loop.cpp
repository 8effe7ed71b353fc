#include "supervisor/loop.h"

#include <algorithm>
#include <csignal>
#include <sstream>
#include <utility>

#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "supervisor/clock.h"
#include "supervisor/messages.h"

namespace haguard::supervisor {
namespace {

constexpr Duration kHeartbeat = std::chrono::milliseconds(250);
/// Late enough to endanger an election with short intervals.
/// Three of the shortest advertisement intervals: less than any peer waits.
constexpr Duration kShortestStall = std::chrono::milliseconds(30);
constexpr Duration kLongStall = std::chrono::milliseconds(100);
/// Longer than a hand-over takes.
constexpr Duration kHandOver = std::chrono::seconds(5);
/// For what is left to do when all that may take long is over.
constexpr Duration kExitReserve = std::chrono::seconds(5);
/// Handlers to run, and sockets to read, before the clock is looked at: a flood must not keep us
/// from our own deadlines.
constexpr int kMaxHandlers = 256;
constexpr Duration kMaxHandling = std::chrono::milliseconds(2);
constexpr int kMaxDrains = 8;

/// Changes what a snapshot says. The others are only counted, and a stranger can cause them.
struct IsNews {
  bool operator()(const AdvertisementSent& /*notice*/) const { return false; }
  bool operator()(const AdvertisementReceived& /*notice*/) const { return false; }
  bool operator()(const PacketRejected& /*notice*/) const { return false; }
  bool operator()(const ProbeTimed& /*notice*/) const { return false; }
  bool operator()(const StateChanged& /*notice*/) const { return true; }
  bool operator()(const PriorityChanged& /*notice*/) const { return true; }
  bool operator()(const HandedOver& /*notice*/) const { return true; }
  bool operator()(const CheckChanged& /*notice*/) const { return true; }
  bool operator()(const HeldDown& /*notice*/) const { return true; }
  bool operator()(const LinkNoted& /*notice*/) const { return true; }
  bool operator()(const HaproxyChanged& /*notice*/) const { return true; }
  bool operator()(const HaproxyWarned& /*notice*/) const { return true; }
  bool operator()(const FormerWorkerGone& /*notice*/) const { return true; }
  bool operator()(const AddressesRefused& /*notice*/) const { return true; }
  bool operator()(const AddressesRestored& /*notice*/) const { return true; }
  bool operator()(const AddressConflict& /*notice*/) const { return false; }
  bool operator()(const PeerDiffers& /*notice*/) const { return false; }
  bool operator()(const HeldBack& /*notice*/) const { return true; }
  bool operator()(const DrainChanged& /*notice*/) const { return true; }
  bool operator()(const RequestDone& /*notice*/) const { return true; }
  bool operator()(const ReloadStepTaken& /*notice*/) const { return true; }
  bool operator()(const ReloadOver& /*notice*/) const { return true; }
  bool operator()(const FilesNoted& /*notice*/) const { return true; }
  bool operator()(const HaproxyRun& /*notice*/) const { return true; }
  bool operator()(const ConfigReloaded& /*notice*/) const { return true; }
  bool operator()(const ConfigNoted& /*notice*/) const { return false; }
};

double to_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

Duration Loop::longest_stop(const conf::Haproxy& haproxy) {
  return haproxy.mode == conf::HaproxyMode::Managed
             ? kHandOver + proxy::Runner::longest_stop(haproxy.drain_timeout)
             : Duration::zero();
}

Loop::Loop(boost::asio::io_context& io, const conf::Parsed& first, Node& node, Audience audience)
    : io_(io),
      first_config_(first.config),
      node_(node),
      audience_(audience),
      hooks_timeout_(first.config.hooks.timeout),
      haproxy_stop_(longest_stop(first.config.haproxy)),
      names_(node.names()),
      ports_(io, first.config, node, audience.record, audience.mode,
             {.on_event = [this](const Event& event) { on_event(event); },
              .on_warning = [this](MessageId id,
                                   const std::string& message) { say(line(id, message)); }}),
      timer_(io),
      signals_(io, SIGTERM, SIGINT, SIGHUP),
      loader_(io, first.places.file(),
              [this](LoadedConfig loaded) { this->loaded(std::move(loaded)); }),
      config_digest_(digest_of_config(first)) {
  signals_.add(SIGUSR1);
  audience.commands.connect([this](const Event& event) { on_event(event); },
                            [this](RequestId request) { reload(request); });
  audience_.publication.connect(
      {.refresh =
           [this] {
             const Instant now = boot_now();
             if (now - published_at_ >= Publication::kFresh) {
               publish(now);
             }
           },
       .ask = [this, &io] { boost::asio::post(io, [this] { news_ = true; }); }});
}

void Loop::run() noexcept {
  while (!finished()) {
    try {
      wait();
      turn();
    } catch (const std::exception& error) {
      // A loop that ends leaves the addresses unguarded: that is worse than a lost turn.
      say(line(MessageId::InternalError, fmt::format("internal error: {}", error.what())));
      timer_.arm(boot_now() + kHeartbeat);
    }
  }
}

/// Hooks never hold the addresses up, but the exit: they may still have to tell that those are
/// gone.
bool Loop::finished() {
  if (!exit_ || audience_.hooks.idle()) {
    return exit_;
  }
  const Instant now = boot_now();
  if (hooks_end_ == kNever) {
    hooks_end_ = now + hooks_timeout_;
    extend_timeout(hooks_timeout_);
  }
  return now >= hooks_end_;
}

void Loop::start() {
  next_signal();
  node_.start(boot_now(), output_);
  flush();
  ports_.start();
  turn();
  audience_.service_manager.tell("READY=1");
}

void Loop::wait() {
  io_.run_one();
  const Instant enough = boot_now() + kMaxHandling;
  for (int i = 1; i < kMaxHandlers && boot_now() < enough && io_.poll_one() > 0; ++i) {
  }
}

void Loop::turn() {
  judge_stall();
  flush();
  for (int i = 0; i < kMaxDrains && ports_.drain(); ++i) {
    flush();
  }
  judge_trial();
  const Instant now = boot_now();
  node_.advance(now, output_);
  flush();
  if (now >= heartbeat_) {
    heartbeat_ = now + kHeartbeat;
    audience_.publication.stamp(now);
    audience_.service_manager.heartbeat();
    ports_.tend();
  }
  if (std::exchange(news_, false)) {
    publish(now);
  }
  arm();
}

void Loop::publish(Instant now) {
  published_at_ = now;
  audience_.publication.publish(snapshot(now), now);
}

void Loop::judge_stall() {
  const Instant now = boot_now();
  if (now < armed_) {
    return;
  }
  const Duration late = now - armed_;
  audience_.metrics.loop_stall(late);
  if (late >= kShortestStall) {
    node_.handle(Stalled{late}, now, output_);
  }
  if (late >= kLongStall) {
    say(line(MessageId::LoopStalled,
             fmt::format("the protocol loop was held up for {:.3f} s", to_seconds(late))));
  }
}

void Loop::flush() {
  // Again, as carrying out may bring events, and they new decisions.
  while (!output_.actions.empty() || !output_.notices.empty()) {
    batch_.actions.clear();
    batch_.notices.clear();
    std::swap(output_, batch_);
    for (const Action& action : batch_.actions) {
      exit_ = exit_ || std::holds_alternative<Exit>(action);
    }
    ports_.perform(batch_.actions);
    for (const Notice& notice : batch_.notices) {
      tell(notice);
    }
  }
}

void Loop::tell(const Notice& notice) {
  audience_.metrics.count(notice);
  if (const auto* change = std::get_if<StateChanged>(&notice)) {
    audience_.hooks.tell(*change);
  } else if (const auto* done = std::get_if<RequestDone>(&notice)) {
    audience_.commands.tell(*done);
  }
  if (auto line = message(notice, names_)) {
    say(std::move(*line));
  }
  news_ = news_ || std::visit(IsNews{}, notice);
}

void Loop::say(Message message) {
  audience_.log.write(message);
  audience_.journal.add(std::move(message), wall_now());
}

void Loop::arm() {
  armed_ = std::min(node_.next_deadline(), heartbeat_);
  timer_.arm(armed_);
}

void Loop::next_signal() {
  signals_.async_wait([this](boost::system::error_code error, int signal) {
    if (!error) {
      next_signal();
      on_signal(signal);
    }
  });
}

void Loop::on_signal(int signal) {
  switch (signal) {
    case SIGHUP:
      reload(std::nullopt);
      break;
    case SIGUSR1:
      log_status();
      break;
    default:
      stop(signal);
  }
}

void Loop::stop(int signal) {
  if (std::exchange(stopping_, true)) {
    // Under way, and bounded in time; only HAProxy's clients may be in the way.
    node_.handle(StopRequested{}, boot_now(), output_);
    return;
  }
  say(line(MessageId::Stopping,
           fmt::format("stopping: {} received{}", signal == SIGTERM ? "SIGTERM" : "SIGINT",
                       node_.stays(boot_now()) ? "; the addresses stay for the next daemon" : "")));
  audience_.service_manager.tell("STOPPING=1");
  if (haproxy_stop_ > Duration::zero()) {
    extend_timeout(haproxy_stop_);
  }
  node_.handle(StopRequested{}, boot_now(), output_);
}

/// For what is under way at a stop, and what is left to do after it.
void Loop::extend_timeout(Duration work) {
  const auto longest = std::chrono::duration_cast<std::chrono::microseconds>(work + kExitReserve);
  audience_.service_manager.tell(fmt::format("EXTEND_TIMEOUT_USEC={}", longest.count()));
}

Status Loop::snapshot(Instant now) const {
  Status status = node_.snapshot(now, wall_now());
  status.config_digest = config_digest_;
  return status;
}

void Loop::log_status() {
  std::istringstream screen(to_text(to_json(snapshot(boot_now()))));
  for (std::string line; std::getline(screen, line);) {
    if (!line.empty()) {
      audience_.log.write(MessageId::Status, line);
    }
  }
}

}  // namespace haguard::supervisor
