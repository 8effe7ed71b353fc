#include "supervisor/node.h"

#include <algorithm>

#include <fmt/format.h>

#include "vrrp/packet.h"

namespace haguard::supervisor {

Node::Node(const conf::Config& config, Instant now)
    : config_(config), started_(now), checks_(config, now) {
  for (const conf::Instance& instance : config.instances) {
    routers_.emplace_back(routers_.size(), instance, now);
  }
}

void Node::start(Instant now, Output& out) {
  // A daemon that died here may have left its addresses; nobody knows yet whose they are now.
  for (RouterId router = 0; router < routers_.size(); ++router) {
    out.actions.emplace_back(RemoveAddresses{router});
  }
  checks_.start(now, out);
  advance(now, out);
}

void Node::handle(const Event& event, Instant now, Output& out) {
  if (const auto* packet = std::get_if<PacketArrived>(&event)) {
    packet_arrived(*packet, now, out);
  } else if (const auto* link = std::get_if<LinkChanged>(&event)) {
    link_changed(*link, out);
  } else if (const auto* applied = std::get_if<AddressesApplied>(&event)) {
    routers_.at(applied->router).applied(applied->error, now, out);
  } else if (const auto* probe = std::get_if<ProbeFinished>(&event)) {
    checks_.finished(*probe, now, out);
  } else if (const auto* fact = std::get_if<proxy::Event>(&event)) {
    checks_.haproxy(*fact, now, out);
  } else if (std::holds_alternative<StopRequested>(event)) {
    stopping_ = true;
  }
  decide(now, out);
}

void Node::advance(Instant now, Output& out) {
  checks_.advance(now, out);
  for (VirtualRouter& router : routers_) {
    router.advance(now, out);
  }
  decide(now, out);
}

Instant Node::next_deadline() const {
  Instant next = checks_.next_deadline();
  for (const VirtualRouter& router : routers_) {
    next = std::min(next, router.next_deadline());
  }
  return next;
}

Names Node::names() const {
  Names names;
  for (const VirtualRouter& router : routers_) {
    names.routers.push_back(router.instance().name + "/ipv4");
  }
  for (const conf::Check& check : config_.checks) {
    names.checks.push_back(check.name);
  }
  return names;
}

void Node::link_changed(const LinkChanged& link, Output& out) {
  const LinkNoted noted{link.interface, link.present, link.running};
  const auto [known, is_new] = links_.try_emplace(link.interface, noted);
  if (is_new || known->second.present != noted.present || known->second.running != noted.running) {
    known->second = noted;
    out.notices.emplace_back(noted);
  }
  for (VirtualRouter& router : routers_) {
    router.link(link);
  }
}

void Node::packet_arrived(const PacketArrived& packet, Instant now, Output& out) {
  // Enough of it to know whose counter it belongs to.
  if (packet.message.size() < 2) {
    out.notices.emplace_back(PacketRejected{{}, vrrp::Reject::Truncated, packet.source});
    return;
  }
  const int virtual_router_id = packet.message[1];
  const auto router = std::ranges::find_if(routers_, [&](const VirtualRouter& candidate) {
    return candidate.matches(packet.interface, virtual_router_id);
  });
  if (router == routers_.end()) {
    out.notices.emplace_back(PacketRejected{{}, vrrp::Reject::UnknownVrid, packet.source});
    return;
  }
  router->receive(packet, now, out);
}

void Node::decide(Instant now, Output& out) {
  for (VirtualRouter& router : routers_) {
    const conf::Instance& instance = router.instance();
    router.assess(health::assess(instance.priority, checks_.standings(instance)), stopping_, now,
                  out);
  }
  exit_when_released(out);
}

void Node::exit_when_released(Output& out) {
  const bool held = std::ranges::any_of(
      routers_, [](const VirtualRouter& router) { return vrrp::holds_addresses(router.state()); });
  if (stopping_ && !held && !exited_) {
    exited_ = true;
    out.actions.emplace_back(Exit{});
  }
}

}  // namespace haguard::supervisor
