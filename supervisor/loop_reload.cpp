// Loop: haguard.toml is read again, and taken as a whole or not at all.

#include <utility>

#include <fmt/format.h>

#include "supervisor/clock.h"
#include "supervisor/loop.h"

namespace haguard::supervisor {
namespace {

/// The kernel answers at once; a refusal that comes later is a fault of the router.
constexpr Duration kTrial = std::chrono::seconds(1);

std::string count_of(std::size_t number, const char* what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

}  // namespace

/// The kernel's answer to an addition on trial is for the trial to judge: to the node a refusal
/// would be a fault of the router.
void Loop::on_event(const Event& event) {
  if (const auto* applied = std::get_if<AddressesApplied>(&event);
      applied != nullptr && trial_ && trial_->waiting.erase(applied->router) > 0 &&
      !applied->error.empty()) {
    trial_->error = fmt::format("{}: {}", names_.routers.at(applied->router), applied->error);
    return;
  }
  // The next daemon adopts what it would have set itself, and nothing else.
  if (const auto* stay = std::get_if<StayRequested>(&event);
      stay != nullptr && stay->config != config_digest_) {
    audience_.commands.tell({stay->request,
                             false,
                             "a stop hands the addresses over: the configuration is not the one in "
                             "force",
                             {}});
    return;
  }
  node_.handle(event, boot_now(), output_);
}

void Loop::reload(std::optional<RequestId> request) {
  if (request) {
    reload_requests_.push_back(*request);
  }
  audience_.service_manager.tell(fmt::format(
      "RELOADING=1\nMONOTONIC_USEC={}", std::chrono::duration_cast<std::chrono::microseconds>(
                                            std::chrono::steady_clock::now().time_since_epoch())
                                            .count()));
  loader_.load();
}

void Loop::loaded(LoadedConfig loaded) {
  if (stopping_) {
    return answer_reload(false, "the daemon is told to stop", {});
  }
  if (trial_) {
    loader_.load();  // the kernel answers at once
    return;
  }
  if (!loaded.parsed) {
    return refused(loaded.problems);
  }
  ConfigChange change = config_change(node_.config(), *loaded.parsed, loaded.links);
  if (!change.objections.empty()) {
    return refused(change.objections);
  }
  try {
    audience_.http.listen(loaded.parsed->config.metrics_listen);
  } catch (const std::runtime_error& error) {
    const conf::Place place = loaded.parsed->places.of_setting("metrics", "listen");
    return refused({{place.file, place.line, place.column, conf::Severity::Error, error.what()}});
  }
  for (const conf::Problem& problem : loaded.problems) {
    tell(ConfigNoted{conf::LogLevel::Warning, problem.to_string()});
  }
  take(std::move(loaded), std::move(change.lines));
}

/// Routers that have just gone know theirs until the node has its next one: so `oldest`.
void Loop::take(LoadedConfig loaded, std::vector<std::string> lines) {
  const auto oldest = std::exchange(former_, std::exchange(parsed_, std::move(loaded.parsed)));
  former_digest_ = std::exchange(config_digest_, std::move(loaded.digest));
  trial_ = Trial{apply(parsed_->config), {}, std::move(lines), boot_now() + kTrial};
}

std::set<RouterId> Loop::apply(const conf::Config& next) {
  flush();  // it is about what was
  const Instant now = boot_now();
  auto grown = node_.reconfigure(next, now, output_);
  names_ = node_.names();
  audience_.metrics.follow(snapshot(now));
  audience_.hooks.reconfigure(next);
  audience_.log.change(next.log_level, log_style(next.log_format));
  hooks_timeout_ = next.hooks.timeout;
  haproxy_stop_ = longest_stop(next.haproxy);
  flush();  // what leaves says so on sockets that may be closed next
  ports_.reconfigure();
  return grown;
}

void Loop::judge_trial() {
  if (!trial_ ||
      (trial_->error.empty() && !trial_->waiting.empty() && boot_now() < trial_->until)) {
    return;
  }
  const Trial trial = *std::exchange(trial_, std::nullopt);
  if (trial.error.empty()) {
    return accepted(trial.lines);
  }
  // What is there already is not tried again.
  static_cast<void>(apply(former_ ? former_->config : first_config_));
  flush();
  const std::string file = parsed_->places.file();
  std::swap(parsed_, former_);
  std::swap(config_digest_, former_digest_);
  try {
    audience_.http.listen(node_.config().metrics_listen);
  } catch (const std::runtime_error& error) {
    tell(ConfigNoted{conf::LogLevel::Warning, error.what()});
  }
  refused({{file, 0, 0, conf::Severity::Error, "the kernel refuses it: " + trial.error}});
}

void Loop::accepted(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) {
    tell(ConfigNoted{conf::LogLevel::Info, line});
  }
  const std::string detail =
      lines.empty() ? "nothing has changed" : count_of(lines.size(), "change");
  tell(ConfigReloaded{true, detail});
  answer_reload(true, "reloaded: " + detail, lines);
}

void Loop::refused(const conf::Problems& problems) {
  std::vector<std::string> lines;
  std::size_t errors = 0;
  for (const conf::Problem& problem : problems) {
    const bool error = problem.severity == conf::Severity::Error;
    lines.push_back(problem.to_string());
    errors += error ? 1 : 0;
    tell(ConfigNoted{error ? conf::LogLevel::Error : conf::LogLevel::Warning, lines.back()});
  }
  const std::string detail = count_of(errors, "error");
  tell(ConfigReloaded{false, detail});
  answer_reload(false, fmt::format("refused: {}, the configuration before stays in force", detail),
                lines);
}

void Loop::answer_reload(bool ok, const std::string& detail,
                         const std::vector<std::string>& lines) {
  for (const RequestId request : std::exchange(reload_requests_, {})) {
    audience_.commands.tell({request, ok, detail, {}, lines});
  }
  if (!stopping_) {
    audience_.service_manager.tell("READY=1");
  }
}

}  // namespace haguard::supervisor
