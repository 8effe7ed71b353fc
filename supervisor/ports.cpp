#include "supervisor/ports.h"

#include <algorithm>
#include <set>
#include <utility>

namespace haguard::supervisor {
namespace {

template <typename... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <typename... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;  // clang 14 does not find it by itself

std::set<std::string> interfaces(const Node& node) {
  std::set<std::string> names;
  for (const VirtualRouter& router : node.routers()) {
    names.insert(router.instance().interface);
    for (const conf::VirtualAddress& address : router.holdings().addresses()) {
      names.insert(address.interface);
    }
    if (router.device()) {
      names.insert(router.device()->name());
    }
  }
  return names;
}

std::set<std::pair<std::string, vrrp::Family>> channels(const Node& node) {
  std::set<std::pair<std::string, vrrp::Family>> found;
  for (const VirtualRouter& router : node.routers()) {
    found.emplace(router.instance().interface, router.family());
  }
  return found;
}

/// With those that only a check asks about.
std::set<std::string> followed(std::set<std::string> interfaces, const conf::Config& config) {
  for (const conf::Check& check : config.checks) {
    if (check.type == conf::CheckType::Interface) {
      interfaces.insert(check.interface);
    }
  }
  return interfaces;
}

std::set<vrrp::IpAddress> virtual_addresses(const Node& node) {
  std::set<vrrp::IpAddress> addresses;
  for (const VirtualRouter& router : node.routers()) {
    for (const conf::VirtualAddress& address : router.holdings().addresses()) {
      addresses.insert(address.address);
    }
  }
  return addresses;
}

std::vector<vrrp::VirtualDevice> virtual_devices(const Node& node) {
  std::vector<vrrp::VirtualDevice> devices;
  for (const VirtualRouter& router : node.routers()) {
    if (router.device()) {
      devices.push_back(*router.device());
    }
  }
  return devices;
}

/// A batch tells its router: a number of its own, and that of the router behind it.
constexpr unsigned kRouterBits = 32;
RouterId router_of(std::uint64_t batch) {
  return batch & ((std::uint64_t{1} << kRouterBits) - 1);
}

/// What was to be said before has to be said before it.
bool needs_silence(const Action& action) {
  const auto* add = std::get_if<AddAddresses>(&action);
  return !std::holds_alternative<SendPacket>(action) &&
         !std::holds_alternative<SendFrame>(action) && (add == nullptr || !add->renewal);
}

/// Every turn of the loop drains: being woken is enough.
void wake() {}

}  // namespace

Ports::Ports(boost::asio::io_context& io, const conf::Config& config, const Node& node,
             const RecordFile& record, const ModeFile& mode, Handlers handlers)
    : io_(io),
      config_(config),
      node_(node),
      record_(record),
      mode_(mode),
      handlers_(std::move(handlers)),
      interfaces_(interfaces(node)),
      heard_(channels(node)),
      devices_(io, virtual_devices(node), config.process.runtime_dir,
               warning(MessageId::VirtualMacFailed)),
      kernel_(io, followed(interfaces_, config), virtual_addresses(node),
              {.on_link = [this](const vrrp::LinkStatus& link) { link_changed(link); },
               .on_virtual_addresses =
                   [this](const std::string& interface,
                          const std::vector<vrrp::HeldAddress>& addresses) {
                     addresses_found(interface, addresses);
                   },
               .on_applied =
                   [this](std::uint64_t batch, const std::string& error) {
                     emit(AddressesApplied{router_of(batch), error});
                   },
               .on_readable = wake,
               .on_warning = warning(MessageId::KernelUnclear)}),
      wire_(io, {.on_packet =
                     [this](const vrrp::ReceivedPacket& packet) {
                       emit(PacketArrived{packet.interface, packet.source, packet.destination,
                                          packet.ttl, packet.message});
                     },
                 .on_readable = wake,
                 .on_error = warning(MessageId::SocketFailed)}),
      neighbors_(io, virtual_addresses(node),
                 {.on_readable = wake, .on_error = warning(MessageId::ConflictWatchFailed)}),
      cli_(io, config.haproxy, [this](const proxy::Event& event) { emit(event); }),
      knocker_(io, [this](const proxy::Event& event) { emit(event); }),
      listeners_(io, config.haproxy, virtual_addresses(node),
                 [this](const proxy::Event& event) { emit(event); }),
      processes_(io, config.haproxy.pid_file, [this](const proxy::Event& event) { emit(event); }),
      trials_(io, config.haproxy, [this](const proxy::ReloadEvent& event) { emit(event); }),
      probes_(io, [this](health::ProbeResult result) {
        emit(ProbeFinished{result.check, result.passed, std::move(result.detail)});
      }) {}

void Ports::start() {
  kernel_.start();
}

void Ports::reconfigure() {
  interfaces_ = interfaces(node_);
  heard_ = channels(node_);
  device_flaws_.clear();
  stop_listening();
  devices_.want(virtual_devices(node_));
  const auto addresses = virtual_addresses(node_);
  neighbors_.watch(addresses);
  listeners_.change_elsewhere(addresses);
  kernel_.follow(followed(interfaces_, node_.config()), addresses);
}

/// Where no router listens any more.
void Ports::stop_listening() {
  std::erase_if(listening_, [&](const auto& entry) {
    const std::string& interface = entry.first;
    for (const vrrp::Family family : {vrrp::Family::Ipv4, vrrp::Family::Ipv6}) {
      if (!heard_.contains({interface, family})) {
        wire_.close(interface, family);
      }
    }
    if (interfaces_.contains(interface)) {
      return false;
    }
    neighbors_.close(interface);
    return true;
  });
}

bool Ports::drain() {
  const auto before = events_;
  rest_one();
  renew_some();
  // To a node that holds nothing the claims of others are nothing.
  neighbors_.attend(!holding_.empty());
  // Read before the advertisements and told after them: a peer that takes over advertises first,
  // and what it says then is no conflict.
  const auto claims = neighbors_.take();
  kernel_.drain();
  wire_.drain();
  for (const vrrp::NeighborWatch::Claim& claim : claims) {
    emit(NeighborClaimed{claim.interface, claim.address, claim.mac});
  }
  return events_ != before;
}

void Ports::perform(const std::vector<Action>& actions) {
  for (const Action& action : actions) {
    if (needs_silence(action)) {
      wire_.flush();
    }
    perform(action);
  }
  wire_.flush();
}

void Ports::perform(const Action& action) {
  std::visit(Overloaded{
                 [this](const AddAddresses& on) {
                   on.renewal ? put_off_renewal(on.router) : add({on.router});
                 },
                 // Its device is not a stranger's: then it would hold nothing to be dropped.
                 [this](const DropAddresses& what) {
                   kernel_.remove(next_batch(what.router), what.addresses);
                 },
                 [this](const RemoveAddresses& off) { remove(off.router); },
                 [this](const SendPacket& packet) {
                   wire_.send(packet.interface, packet.source, packet.destination, packet.message);
                 },
                 [this](const SendFrame& frame) { wire_.send_frame(frame.interface, frame.frame); },
                 [this](const StartProbe& probe) { start_probe(probe.check); },
                 [this](const CancelProbe& probe) { probes_.cancel(probe.check); },
                 [this](const SaveRecord& record) { save(record); },
                 [this](const SaveMode& mode) { save(mode); },
                 [this](const Exit&) { devices_.release(); },
                 [this](const proxy::Action& haproxy) { perform(haproxy); },
                 [this](const proxy::ReloadAction& reload) { perform(reload); },
                 [this](const proxy::RunAction& run) { perform(run); },
             },
             action);
}

void Ports::perform(const proxy::Action& action) {
  std::visit(
      Overloaded{
          [this](const proxy::Ask& ask) { cli_.ask(ask.line, ask.command, ask.question); },
          [this](const proxy::HangUp& line) { hang_up(line.line); },
          [this](const proxy::Knock& knock) { knocker_.knock(knock.listener, knock.question); },
          [this](const proxy::FindListeners& in) { listeners_.find(in.master_pid); },
          [this](const proxy::ReadPidFile&) { processes_.read_pid_file(); },
          [this](const proxy::WatchProcess& who) { processes_.watch(who.pid); },
          [this](const proxy::ForgetProcess& who) { processes_.forget(who.pid); },
      },
      action);
}

void Ports::perform(const proxy::ReloadAction& action) {
  std::visit(Overloaded{
                 [this](const proxy::ValidateConfiguration& order) { trials_.perform(order); },
                 [this](const proxy::TryBinds& order) { trials_.perform(order); },
                 [this](const proxy::CancelTrials&) { trials_.cancel(); },
                 [this](const auto& order) {
                   if (!files_) {
                     files_.emplace(io_, config_.haproxy, config_.process.state_dir,
                                    [this](const proxy::ReloadEvent& event) { emit(event); });
                   }
                   files_->perform(order);
                 },
             },
             action);
}

void Ports::perform(const proxy::RunAction& action) {
  if (!launcher_) {
    launcher_.emplace(
        io_, config_.haproxy, config_.process.runtime_dir,
        [this](const proxy::RunEvent& event) { emit(event); },
        warning(MessageId::HaproxyOutputLost));
  }
  launcher_->perform(action);
}

void Ports::hang_up(proxy::Line line) {
  if (line == proxy::Line::Listener) {
    knocker_.give_up();
  } else {
    cli_.hang_up(line);
  }
}

void Ports::tend() {
  for (const auto& [interface, index] : listening_) {
    listen(interface, index);
  }
  for (const auto& [id, flaw] : device_flaws_) {
    const VirtualRouter* router = flaw.empty() ? nullptr : node_.find(id);
    if (router != nullptr && router->device()) {
      check_device(*router);
    }
  }
}

void Ports::emit(const Event& event) {
  ++events_;
  handlers_.on_event(event);
}

void Ports::listen(const std::string& interface, int index) {
  for (const vrrp::Family family : {vrrp::Family::Ipv4, vrrp::Family::Ipv6}) {
    if (heard_.contains({interface, family})) {
      wire_.open(interface, index, family);
    }
  }
  neighbors_.open(interface, index);
}

void Ports::start_probe(CheckId check) {
  if (const conf::Check* settings = node_.check(check)) {
    probes_.start(check, *settings);
  }
}

void Ports::link_changed(const vrrp::LinkStatus& link) {
  check_devices(link.interface);
  if (interfaces_.contains(link.interface)) {
    listen_as_told(link);
  }
  emit(LinkChanged{link.interface, link.present, link.running, link.mac, link.primary,
                   link.link_local});
}

void Ports::listen_as_told(const vrrp::LinkStatus& link) {
  // Also while the link is down: the membership of the group survives that. A device of ours is
  // down as long as there is nothing to hear on it.
  if (link.present && (link.running || !node_.is_device(link.interface))) {
    listening_[link.interface] = link.index;
    listen(link.interface, link.index);
  } else {
    listening_.erase(link.interface);
    wire_.close(link.interface, vrrp::Family::Ipv4);
    wire_.close(link.interface, vrrp::Family::Ipv6);
    neighbors_.close(link.interface);
  }
}

void Ports::addresses_found(const std::string& interface,
                            const std::vector<vrrp::HeldAddress>& addresses) {
  AddressesFound found{interface, {}};
  for (const vrrp::HeldAddress& held : addresses) {
    found.addresses.push_back({held.address, held.expires});
  }
  emit(found);
}

std::function<void(const std::string&)> Ports::warning(MessageId id) const {
  return [this, id](const std::string& message) { handlers_.on_warning(id, message); };
}

void Ports::save(const SaveRecord& record) {
  if (const auto error = record_.write(record.routers); !error.empty()) {
    handlers_.on_warning(MessageId::RecordNotKept, error);
  }
}

void Ports::save(const SaveMode& mode) {
  if (const auto error = mode_.write(mode.mode); !error.empty()) {
    handlers_.on_warning(MessageId::ModeNotKept, error);
  }
}

std::uint64_t Ports::next_batch(RouterId router) {
  return (++batches_ << kRouterBits) + router;
}

}  // namespace haguard::supervisor
