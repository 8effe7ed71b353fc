#include "tests/sim/world.h"

#include <algorithm>

#include <fmt/format.h>

#include "supervisor/messages.h"

namespace haguard::sim {
namespace {

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
  using namespace std::chrono_literals;
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
  start(machine);
  return machine;
}

void World::start(Machine& machine) {
  if (machine.daemon) {
    return;
  }
  note(machine, "started");
  machine.inbox.clear();
  machine.daemon = std::make_unique<supervisor::Node>(machine.config, now_);
  supervisor::Output out;
  machine.daemon->start(now_, out);
  perform(machine, out);
  set_link(machine, machine.link_up);
}

void World::stop(Machine& machine) {
  note(machine, "told to stop");
  tell(machine, supervisor::StopRequested{});
}

void World::crash(Machine& machine) {
  note(machine, "crashed");
  machine.daemon.reset();
  machine.stalled = false;
}

void World::set_link(Machine& machine, bool up) {
  machine.link_up = up;
  note(machine, up ? "link up" : "link down");
  tell(machine, supervisor::LinkChanged{kInterface, true, up, {}, machine.address});
}

void World::stall(Machine& machine) {
  note(machine, "stalled");
  machine.stalled = true;
}

void World::resume(Machine& machine) {
  if (!machine.stalled) {
    return;
  }
  note(machine, "resumed");
  machine.stalled = false;
  // Drain first, then judge time: as the daemon's loop does.
  while (!machine.inbox.empty()) {
    const Frame frame = std::move(machine.inbox.front());
    machine.inbox.pop_front();
    deliver(machine, frame);
  }
  set_link(machine, machine.link_up);
}

std::vector<std::size_t> World::active() const {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < machines_.size(); ++i) {
    const auto& daemon = machines_[i]->daemon;
    if (daemon && daemon->routers()[0].state().state == vrrp::State::Active) {
      found.push_back(i);
    }
  }
  return found;
}

std::vector<std::size_t> World::holders() const {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < machines_.size(); ++i) {
    if (machines_[i]->has_addresses) {
      found.push_back(i);
    }
  }
  return found;
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
    }
  }
  for (const supervisor::Action& action : out.actions) {
    if (const auto* packet = std::get_if<supervisor::SendPacket>(&action)) {
      send(machine, *packet);
    } else if (std::holds_alternative<supervisor::SendFrame>(action)) {
      ++machine.announcements;
    } else if (std::holds_alternative<supervisor::AddAddresses>(action)) {
      machine.has_addresses = true;
    } else if (std::holds_alternative<supervisor::RemoveAddresses>(action)) {
      machine.has_addresses = false;
    } else if (const auto* probe = std::get_if<supervisor::StartProbe>(&action)) {
      at(std::chrono::milliseconds(1), [this, &machine, check = probe->check] {
        tell(machine, supervisor::ProbeFinished{check, machine.healthy, "refused"});
      });
    } else if (std::holds_alternative<supervisor::Exit>(action)) {
      note(machine, "exited");
      at(Duration::zero(), [&machine] { machine.daemon.reset(); });
    }
  }
}

void World::send(Machine& from, const supervisor::SendPacket& packet) {
  ++from.packets_sent;
  for (const auto& to : machines_) {
    const bool lost = static_cast<int>(pick(100)) < lan.loss_percent;
    if (to.get() == &from || !from.link_up || to->segment != from.segment || lost) {
      continue;
    }
    const auto spread = static_cast<unsigned>((lan.max_delay - lan.min_delay).count() + 1);
    at(lan.min_delay + Duration(pick(spread)),
       [this, &to = *to, frame = Frame{packet.source, packet.destination, packet.message}] {
         arrive(to, frame);
       });
  }
}

void World::arrive(Machine& to, Frame frame) {
  if (!to.link_up || !to.daemon) {
    return;
  }
  if (!to.stalled) {
    deliver(to, frame);
  } else if (to.inbox.size() < kInboxLimit) {
    to.inbox.push_back(std::move(frame));
  }
}

void World::deliver(Machine& to, const Frame& frame) {
  tell(to,
       supervisor::PacketArrived{kInterface, frame.source, frame.destination, 255, frame.message});
}

void World::note(const Machine& machine, const std::string& text) {
  trace_.push_back(fmt::format(
      "{:10.6f} {} {}", std::chrono::duration<double>(now_.time_since_epoch()).count() - 3600,
      machine.config.node_name, text));
}

}  // namespace haguard::sim
