#include "supervisor/messages.h"

#include <utility>

#include <fmt/format.h>

namespace haguard::supervisor {
namespace {

using conf::LogLevel;

std::string seconds(Duration duration) {
  return fmt::format("{:.3f} s", std::chrono::duration<double>(duration).count());
}

std::string list(const std::vector<vrrp::IpAddress>& addresses) {
  std::string text;
  for (const vrrp::IpAddress& address : addresses) {
    text += (text.empty() ? "" : ", ") + address.to_string();
  }
  return text;
}

/// What stands in brackets behind a transition.
std::string detail(const StateChanged& change) {
  const vrrp::Transition& what = change.transition;
  const std::string peer = what.peer ? what.peer->to_string() : "";
  switch (what.cause) {
    case vrrp::Cause::Startup:
      return fmt::format("ready, priority {}", change.own_priority);
    case vrrp::Cause::Owner:
      return "owner of the addresses";
    case vrrp::Cause::Adopted:
      return "adopted from the daemon before this one, its lease still runs";
    case vrrp::Cause::Group:
      return "sync group: another of its routers is not Active any more";
    case vrrp::Cause::Stalled:
      return "held up for too long, preempt is off: whoever took over keeps the addresses";
    case vrrp::Cause::DownTimer:
      return fmt::format("no advertisement {}for {}", peer.empty() ? "" : "from " + peer + " ",
                         seconds(what.silence));
    case vrrp::Cause::Resigned:
      return fmt::format("{} resigned", peer);
    case vrrp::Cause::Preempted:
    case vrrp::Cause::HigherPriority:
      return fmt::format("{} advertises priority {}, ours {}", peer, what.peer_priority,
                         change.own_priority);
    case vrrp::Cause::HigherAddress:
      return fmt::format("{} advertises our priority {} and has the higher address", peer,
                         what.peer_priority);
    case vrrp::Cause::Fault:
    case vrrp::Cause::Stopped:
      return change.obstacle;
  }
  return {};
}

Message graded(bool alarming, MessageId id, std::string text) {
  return {alarming ? LogLevel::Warning : LogLevel::Info, std::move(text), row(id).name};
}

MessageId id_of(proxy::Status status) {
  switch (status) {
    case proxy::Status::Running:
      return MessageId::HaproxyRunning;
    case proxy::Status::Stopping:
      return MessageId::HaproxyStopping;
    case proxy::Status::Hung:
      return MessageId::HaproxyHung;
    case proxy::Status::Unknown:  // it begins with that, and never comes back to it
    case proxy::Status::Dead:
      break;
  }
  return MessageId::HaproxyDead;
}

MessageId id_of(proxy::Warning warning) {
  switch (warning) {
    case proxy::Warning::Saturated:
      return MessageId::HaproxySaturated;
    case proxy::Warning::ReloadFailed:
      return MessageId::HaproxyReloadFailed;
    case proxy::Warning::StatsSilent:
      return MessageId::HaproxyStatsSilent;
    case proxy::Warning::MasterSilent:
      return MessageId::HaproxyMasterSilent;
    case proxy::Warning::OldWorkers:
      break;
  }
  return MessageId::HaproxyOldWorkers;
}

class Catalogue {
 public:
  explicit Catalogue(const Names& names) : names_(names) {}

  std::optional<Message> operator()(const StateChanged& change) const {
    const vrrp::Transition& what = change.transition;
    return graded(what.cause == vrrp::Cause::Fault, MessageId::StateChanged,
                  fmt::format("{}: {} -> {} ({})", names_.routers.at(change.router),
                              to_string(what.from), to_string(what.to), detail(change)));
  }

  std::optional<Message> operator()(const PriorityChanged& change) const {
    std::string reasons;
    for (const health::Adjustment& adjustment : change.fitness.adjustments) {
      reasons += fmt::format("{}{} {:+}", reasons.empty() ? "" : ", ", adjustment.check,
                             adjustment.weight);
    }
    return line(
        MessageId::PriorityChanged,
        fmt::format("{}: priority {} -> {} ({})", names_.routers.at(change.router), change.from,
                    change.fitness.effective, reasons.empty() ? "as configured" : reasons));
  }

  std::optional<Message> operator()(const AdvertisementSent&) const { return std::nullopt; }
  std::optional<Message> operator()(const AdvertisementReceived&) const { return std::nullopt; }
  std::optional<Message> operator()(const ProbeTimed&) const { return std::nullopt; }

  std::optional<Message> operator()(const PacketRejected& rejected) const {
    if (!rejected.tell || !rejected.router) {
      return std::nullopt;
    }
    return line(MessageId::PacketRejected,
                fmt::format("{}: packet from {} with our VRID rejected: {}",
                            names_.routers.at(*rejected.router), rejected.source.to_string(),
                            to_string(rejected.reject)));
  }

  std::optional<Message> operator()(const HandedOver& done) const {
    const std::string& subject = names_.routers.at(done.router);
    if (!done.successor) {
      return line(MessageId::NobodyTookOver,
                  fmt::format("{}: addresses removed, nobody took over within {}", subject,
                              seconds(done.after)));
    }
    return line(MessageId::HandedOver,
                fmt::format("{}: addresses removed, {} took over after {}", subject,
                            done.successor->to_string(), seconds(done.after)));
  }

  std::optional<Message> operator()(const CheckChanged& change) const {
    std::string why = change.needed > 0 ? fmt::format("{} of {}", change.run, change.needed) : "";
    if (!change.detail.empty()) {
      why += (why.empty() ? "" : ": ") + change.detail;
    }
    return graded(change.to == health::Status::Failing, MessageId::CheckChanged,
                  fmt::format("check {}: {} -> {} ({})", names_.checks.at(change.check),
                              to_string(change.from), to_string(change.to), why));
  }

  std::optional<Message> operator()(const HeldDown& held) const {
    const std::string subject =
        held.check ? "check " + names_.checks.at(*held.check) : names_.routers.at(held.router);
    return line(MessageId::HeldDown,
                fmt::format("{}: {} changes in a minute, held down: no preemption for {}", subject,
                            held.changes, seconds(held.hold)));
  }

  std::optional<Message> operator()(const LinkNoted& link) const {
    return graded(!link.running, MessageId::InterfaceChanged,
                  fmt::format("interface {}: {}", link.interface,
                              !link.present  ? "missing"
                              : link.running ? "running"
                                             : "down"));
  }

  std::optional<Message> operator()(const HaproxyChanged& change) const {
    const proxy::Condition& now = change.now;
    if (change.from == now.status) {
      return line(MessageId::HaproxyWorkerChanged,
                  fmt::format("haproxy: worker {} -> {}", change.from_worker, now.worker_pid));
    }
    const bool running = now.status == proxy::Status::Running;
    std::string why = now.detail;
    if (running) {
      why = now.blind ? "a listener answers"
                      : fmt::format("version {}, worker {}", now.version, now.worker_pid);
    }
    return line(id_of(now.status), fmt::format("haproxy: {} -> {} ({})", to_string(change.from),
                                               to_string(now.status), why));
  }

  std::optional<Message> operator()(const HaproxyWarned& warned) const {
    if (!warned.detail) {
      return line(MessageId::HaproxyWarningOver,
                  fmt::format("haproxy: no longer: {}", proxy::to_string(warned.what)));
    }
    return line(id_of(warned.what),
                fmt::format("haproxy: {} ({})", proxy::to_string(warned.what), *warned.detail));
  }

  std::optional<Message> operator()(const FormerWorkerGone& gone) const {
    return line(MessageId::HaproxyFormerWorkerGone, "haproxy: " + gone.obituary);
  }

  std::optional<Message> operator()(const AddressesRefused& refused) const {
    return line(MessageId::AddressesRefused,
                fmt::format("{}: the kernel refused the addresses: {}",
                            names_.routers.at(refused.router), refused.error));
  }

  std::optional<Message> operator()(const AddressesRestored& restored) const {
    return line(MessageId::AddressesRestored,
                fmt::format("{}: put back {} ({})", names_.routers.at(restored.router),
                            list(restored.addresses),
                            restored.expired ? "the lease ran out while we were held up"
                                             : "removed by somebody else"));
  }

  std::optional<Message> operator()(const AddressConflict& conflict) const {
    if (!conflict.tell) {
      return std::nullopt;
    }
    return line(MessageId::AddressConflict,
                fmt::format("{}: conflict: {} says that {} is his, we hold it",
                            names_.routers.at(conflict.router), conflict.mac.to_string(),
                            conflict.address.to_string()));
  }

  std::optional<Message> operator()(const PeerDiffers& peer) const {
    return line(MessageId::PeerDiffers,
                fmt::format("{}: peer {} {}", names_.routers.at(peer.router), peer.peer.to_string(),
                            peer.how));
  }

  std::optional<Message> operator()(const ReloadStepTaken& taken) const {
    const proxy::Step& step = taken.step;
    const double milliseconds = std::chrono::duration<double, std::milli>(step.took).count();
    return graded(
        !step.ok, MessageId::ReloadStep,
        fmt::format("reload: {} {} after {:.1f} ms{}", step.name, step.ok ? "ok" : "failed",
                    milliseconds, step.detail.empty() ? "" : " (" + step.detail + ")"));
  }

  std::optional<Message> operator()(const ReloadOver& over) const {
    const proxy::ReloadRecord& record = over.record;
    const bool ok = record.result == proxy::Result::Ok;
    return line(ok ? MessageId::ReloadDone : MessageId::ReloadFailed,
                fmt::format("reload by {}: {} after {:.3f} s ({})", proxy::to_string(record.origin),
                            proxy::to_string(record.result),
                            std::chrono::duration<double>(record.took).count(), record.detail));
  }

  std::optional<Message> operator()(const FilesNoted& noted) const {
    return graded(noted.warning, MessageId::HaproxyFiles, "haproxy: " + noted.text);
  }

  std::optional<Message> operator()(const ConfigReloaded& reloaded) const {
    return reloaded.ok
               ? line(MessageId::ConfigurationReloaded,
                      "configuration reloaded: " + reloaded.detail)
               : line(MessageId::ConfigurationRefused,
                      "configuration refused, the one before stays in force: " + reloaded.detail);
  }
  std::optional<Message> operator()(const ConfigNoted& noted) const {
    return Message{noted.level, "configuration: " + noted.text,
                   row(MessageId::ConfigurationNoted).name};
  }

  std::optional<Message> operator()(const HaproxyRun& run) const {
    return Message{run.level, "haproxy: " + run.text,
                   row(run.kind == proxy::RunNews::Kind::Printed ? MessageId::HaproxyPrinted
                                                                 : MessageId::HaproxyRun)
                       .name};
  }

  std::optional<Message> operator()(const DrainChanged& change) const {
    return graded(change.alarming, MessageId::DrainChanged, "drain: " + change.why);
  }

  /// The steps have told it already.
  std::optional<Message> operator()(const RequestDone& /*done*/) const { return std::nullopt; }

  std::optional<Message> operator()(const HeldBack& held) const {
    return line(MessageId::HeldBack,
                fmt::format("{}: nobody advertises, but the sync group waits: {} hears a better "
                            "router",
                            names_.routers.at(held.router), names_.routers.at(held.by)));
  }

 private:
  const Names& names_;
};

}  // namespace

Message line(MessageId id, std::string text) {
  return {row(id).level, std::move(text), row(id).name};
}

std::optional<Message> message(const Notice& notice, const Names& names) {
  return std::visit(Catalogue(names), notice);
}

std::string reason(const StateChanged& change) {
  const std::string why = detail(change);
  return change.transition.cause == vrrp::Cause::DownTimer ? "down timer expired: " + why : why;
}

}  // namespace haguard::supervisor
