#include "tests/sim/world.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "supervisor/messages.h"

namespace haguard::sim {
namespace {

using namespace std::chrono_literals;

constexpr const char* kInterface = "etx2";
/// The receive buffer of a process that gets no CPU is finite.
constexpr std::size_t kInboxLimit = 200;

}  // namespace

conf::Config World::config(int number, conf::Version version, int priority, Duration interval) {
  conf::Instance instance;
  instance.name = "edge";
  instance.interface = kInterface;
  instance.version = version;
  instance.virtual_router_id = 51;
  instance.priority = static_cast<std::uint8_t>(priority);
  instance.advertisement_interval = interval;
  instance.virtual_addresses = {{vrrp::IpAddress::v4(172, 28, 1, 254), 32, kInterface, ""}};
  instance.lease = std::max(1s, std::chrono::floor<std::chrono::seconds>(3 * interval));
  instance.garp = {{0ms, 20ms, 100ms, 500ms, 1s, 2s, 5s}, 60s};
  conf::Check app;
  app.name = "app";
  app.interval = 100ms;
  app.timeout = 50ms;
  app.rise = 1;
  app.fall = 1;
  conf::Config config;
  config.node_name = fmt::format("node-{}", number);
  config.instances = {instance};
  config.haproxy.mode = conf::HaproxyMode::None;
  config.checks = {app};
  return config;
}

Machine& World::add(conf::Config config) {
  machines_.push_back(std::make_unique<Machine>());
  Machine& machine = *machines_.back();
  machine.config = std::move(config);
  machine.address = vrrp::IpAddress::v4(172, 28, 1, static_cast<std::uint8_t>(machines_.size()));
  machine.link_local = *vrrp::IpAddress::parse(fmt::format("fe80::{}", machines_.size()));
  for (const conf::Instance& instance : machine.config.instances) {
    machine.ports[instance.interface];
  }
  start(machine);
  return machine;
}

void World::start(Machine& machine) {
  if (machine.daemon) {
    return;
  }
  note(machine, "started");
  machine.inbox.clear();
  machine.completions.clear();
  machine.daemon = std::make_unique<supervisor::Node>(in_force(machine), machine.record, now_,
                                                      supervisor::SavedMode{machine.mode, {}});
  supervisor::Output out;
  machine.daemon->start(now_, out);
  perform(machine, out);
  for (const auto& [interface, port] : machine.ports) {
    tell_link(machine, interface);
  }
  tell_addresses(machine);
}

void World::stop(Machine& machine) {
  note(machine, "told to stop");
  tell(machine, supervisor::StopRequested{});
}

void World::stay(Machine& machine) {
  note(machine, "told to stay");
  tell(machine, supervisor::StayRequested{});
}

void World::reconfigure(Machine& machine, conf::Config config) {
  for (const conf::Instance& instance : config.instances) {
    machine.ports[instance.interface];
  }
  machine.later.push_back(std::move(config));
  if (!machine.daemon) {
    return;  // it starts with that
  }
  note(machine, "reconfigured");
  supervisor::Output out;
  static_cast<void>(machine.daemon->reconfigure(machine.later.back(), now_, out));
  perform(machine, out);
  at(Duration::zero(), [this, &machine] {
    for (const auto& [interface, port] : machine.ports) {
      tell_link(machine, interface);
    }
    tell_addresses(machine);
  });
}

void World::drain(Machine& machine, bool force) {
  note(machine, "to be drained");
  tell(machine, supervisor::DrainRequested{1, std::nullopt, force});
}

void World::undrain(Machine& machine) {
  note(machine, "to be undrained");
  tell(machine, supervisor::UndrainRequested{2});
}

void World::crash(Machine& machine) {
  note(machine, "crashed");
  machine.daemon.reset();
  machine.stalled = false;
}

void World::set_link(Machine& machine, bool up) {
  for (const auto& [interface, port] : machine.ports) {
    set_link(machine, interface, up);
  }
}

void World::set_link(Machine& machine, const std::string& interface, bool up) {
  machine.ports.at(interface).up = up;
  note(machine, fmt::format("{} {}", interface, up ? "up" : "down"));
  tell_link(machine, interface);
}

void World::tell_link(Machine& machine, const std::string& interface) {
  tell(machine, supervisor::LinkChanged{interface,
                                        true,
                                        machine.ports.at(interface).up,
                                        {},
                                        machine.address,
                                        machine.link_local});
}

void World::tell_addresses(Machine& machine) {
  if (!machine.daemon) {
    return;
  }
  for (const auto& [interface, port] : machine.ports) {
    supervisor::AddressesFound found{interface, {}};
    for (const auto& [router, until] : machine.held) {
      const auto* owner = std::as_const(*machine.daemon).find(router);
      if (owner == nullptr) {
        continue;
      }
      for (const auto& own : owner->holdings().addresses()) {
        if (own.interface == interface) {
          found.addresses.push_back({own.address, until != kNever});
        }
      }
    }
    std::ranges::sort(found.addresses, {}, &supervisor::FoundAddress::address);
    tell(machine, found);
  }
}

void World::remove_addresses(Machine& machine, supervisor::RouterId router) {
  note(machine, "addresses removed by somebody");
  if (machine.held.erase(router) > 0) {
    tell_addresses(machine);
  }
}

void World::add_addresses(Machine& machine, supervisor::RouterId router) {
  const Duration lease = std::as_const(*machine.daemon).find(router)->instance().lease;
  const bool is_new = !machine.held.contains(router);
  machine.held[router] = lease == Duration::zero() ? kNever : now_ + lease;
  if (lease != Duration::zero()) {
    at(lease, [this, &machine, router] { expire(machine, router); });
  }
  if (is_new) {
    at(Duration::zero(), [this, &machine] { tell_addresses(machine); });
  }
}

void World::expire(Machine& machine, supervisor::RouterId router) {
  const auto held = machine.held.find(router);
  if (held != machine.held.end() && held->second <= now_) {
    note(machine, "lease expired");
    machine.held.erase(held);
    tell_addresses(machine);
  }
}

void World::stall(Machine& machine) {
  note(machine, "stalled");
  if (!machine.stalled) {
    machine.stalled_since = now_;
  }
  machine.stalled = true;
}

void World::resume(Machine& machine) {
  if (!machine.stalled) {
    return;
  }
  note(machine, "resumed");
  machine.stalled = false;
  // As the daemon's loop: how late is it?
  const Instant due = machine.daemon ? machine.daemon->next_deadline() : kNever;
  if (due < now_) {
    tell(machine, supervisor::Stalled{now_ - std::max(due, machine.stalled_since)});
  }
  for (const auto& result : std::exchange(machine.completions, {})) {
    tell(machine, result);
  }
  for (const auto& [interface, port] : machine.ports) {
    tell_link(machine, interface);
  }
  tell_addresses(machine);
  // Drain first, then judge time: as the daemon's loop does.
  while (!machine.inbox.empty()) {
    const Frame frame = std::move(machine.inbox.front());
    machine.inbox.pop_front();
    deliver(machine, frame);
  }
}

std::vector<std::size_t> World::active(supervisor::RouterId router) const {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < machines_.size(); ++i) {
    const auto& daemon = machines_[i]->daemon;
    const auto* found_router = daemon ? std::as_const(*daemon).find(router) : nullptr;
    if (found_router != nullptr && found_router->state().state == vrrp::State::Active) {
      found.push_back(i);
    }
  }
  return found;
}

std::vector<std::size_t> World::holders(supervisor::RouterId router) const {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < machines_.size(); ++i) {
    if (machines_[i]->holds(router)) {
      found.push_back(i);
    }
  }
  return found;
}

bool World::torn() const {
  return std::ranges::any_of(machines_, [](const auto& machine) {
    return std::ranges::any_of(machine->ports, [&](const auto& port) {
      return port.second != machine->ports.begin()->second;
    });
  });
}

void World::at(Duration in, std::function<void()> what) {
  queue_.push({now_ + in, order_++, std::move(what)});
}

Instant World::next_time() const {
  Instant next = queue_.empty() ? kNever : queue_.top().at;
  for (const auto& machine : machines_) {
    if (machine->daemon && !machine->stalled) {
      next = std::min(next, machine->daemon->next_deadline());
    }
  }
  return std::max(next, now_);
}

void World::run_for(Duration time) {
  const Instant end = now_ + time;
  while (next_time() <= end) {
    now_ = next_time();
    step();
  }
  now_ = end;
}

void World::step() {
  while (!queue_.empty() && queue_.top().at <= now_) {
    const auto what = queue_.top().what;
    queue_.pop();
    what();
  }
  for (const auto& machine : machines_) {
    if (machine->daemon && !machine->stalled && machine->daemon->next_deadline() <= now_) {
      supervisor::Output out;
      machine->daemon->advance(now_, out);
      perform(*machine, out);
    }
  }
  if (on_step) {
    on_step();
  }
}

void World::tell(Machine& machine, const supervisor::Event& event) {
  if (!machine.daemon || machine.stalled) {
    return;
  }
  supervisor::Output out;
  machine.daemon->handle(event, now_, out);
  perform(machine, out);
}

void World::perform(Machine& machine, supervisor::Output& out) {
  for (const supervisor::Notice& notice : out.notices) {
    if (const auto message = supervisor::message(notice, machine.daemon->names())) {
      note(machine, message->text);
    }
    if (std::holds_alternative<supervisor::StateChanged>(notice)) {
      machine.last_change = now_;
    } else if (const auto* done = std::get_if<supervisor::RequestDone>(&notice)) {
      machine.requests_done.push_back(*done);
    }
  }
  for (const supervisor::Action& action : out.actions) {
    if (const auto* packet = std::get_if<supervisor::SendPacket>(&action)) {
      send(machine, *packet);
    } else if (std::holds_alternative<supervisor::SendFrame>(action)) {
      ++machine.announcements;
      machine.false_announcements += machine.held.empty() ? 1U : 0U;
    } else if (const auto* add = std::get_if<supervisor::AddAddresses>(&action)) {
      add_addresses(machine, add->router);
    } else if (const auto* remove = std::get_if<supervisor::RemoveAddresses>(&action)) {
      if (machine.held.erase(remove->router) > 0) {
        at(Duration::zero(), [this, &machine] { tell_addresses(machine); });
      }
    } else if (const auto* save = std::get_if<supervisor::SaveRecord>(&action)) {
      machine.record = save->routers;
    } else if (const auto* mode = std::get_if<supervisor::SaveMode>(&action)) {
      machine.mode = mode->mode;
    } else if (const auto* probe = std::get_if<supervisor::StartProbe>(&action)) {
      at(std::chrono::milliseconds(1),
         [this, &machine, check = probe->check] { complete(machine, check); });
    } else if (std::holds_alternative<supervisor::Exit>(action)) {
      note(machine, "exited");
      at(Duration::zero(), [&machine] { machine.daemon.reset(); });
    }
  }
}

void World::complete(Machine& machine, supervisor::CheckId check) {
  const supervisor::ProbeFinished result{check, machine.healthy, "refused"};
  if (machine.stalled) {
    machine.completions.push_back(result);
  } else {
    tell(machine, result);
  }
}

void World::send(Machine& from, const supervisor::SendPacket& packet) {
  ++from.packets_sent;
  const Port& port = from.ports.at(packet.interface);
  for (const auto& to : machines_) {
    const bool lost = static_cast<int>(pick(100)) < lan.loss_percent;
    const auto other = to->ports.find(packet.interface);
    if (to.get() == &from || other == to->ports.end() || !port.up || port.mute ||
        other->second.segment != port.segment || lost) {
      continue;
    }
    const int copies = static_cast<int>(pick(100)) < lan.duplicates_percent ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
      const auto spread = static_cast<unsigned>((lan.max_delay - lan.min_delay).count() + 1);
      at(lan.min_delay + Duration(pick(spread)),
         [this, &to = *to,
          frame = Frame{packet.interface,
                        packet.source,
                        packet.destination,
                        {packet.message.begin(), packet.message.end()}}] { arrive(to, frame); });
    }
  }
}

void World::arrive(Machine& to, Frame frame) {
  const Port& port = to.ports.at(frame.interface);
  if (!port.up || port.deaf || !to.daemon) {
    return;
  }
  if (!to.stalled) {
    deliver(to, frame);
  } else if (to.inbox.size() < kInboxLimit) {
    to.inbox.push_back(std::move(frame));
  }
}

void World::deliver(Machine& to, const Frame& frame) {
  tell(to, supervisor::PacketArrived{frame.interface, frame.source, frame.destination, 255,
                                     frame.message});
}

void World::note(const Machine& machine, const std::string& text) {
  trace_.push_back(fmt::format(
      "{:10.6f} {} {}", std::chrono::duration<double>(now_.time_since_epoch()).count() - 3600,
      machine.config.node_name, text));
}

}  // namespace haguard::sim
