// What the daemon does over and over, a case each, to be counted by instructions.py:
//
//   hot_paths --list                      the names
//   hot_paths CASE                        runs it, prints operations and allocations
//
// Simulated time, no I/O. A case that does not do what its name says ends the program.

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "supervisor/config_change.h"
#include "tests/bench/scene.h"
#include "vrrp/neighbor_claim.h"

namespace {

using namespace haguard;
using namespace haguard::bench;
using namespace std::chrono_literals;
using supervisor::PacketArrived;

/// One round of the same; the number of operations that it was.
using Round = std::function<std::size_t(Meter&)>;

// ---- one turn of the loop

/// Of Active routers: per advertisement.
Round advertise(std::size_t count, Duration interval) {
  auto scene = std::make_shared<Scene>(routers(count, interval));
  scene->take_over();
  return [scene](Meter& meter) {
    std::size_t sent = 0;
    scene->now = scene->node.next_deadline();
    scene->count(
        meter,
        [&] {
          scene->node.advance(scene->now, scene->out);
          static_cast<void>(scene->node.next_deadline());
        },
        [&] { sent = scene->actions<supervisor::SendPacket>(); });
    require(sent > 0, "an advertisement is sent at each deadline");
    return sent;
  };
}

/// Of Backups: somebody else woke the loop.
Round idle_turn(std::size_t count) {
  auto scene = std::make_shared<Scene>(routers(count, 100ms));
  scene->clear();
  return [scene](Meter& meter) {
    scene->now += 1us;
    scene->count(
        meter,
        [&] {
          scene->node.advance(scene->now, scene->out);
          static_cast<void>(scene->node.next_deadline());
        },
        [&] {
          require(scene->out.actions.empty() && scene->out.notices.empty(), "nothing is due");
        });
    return std::size_t{1};
  };
}

/// Per address.
Round take_over(std::size_t count) {
  return [count](Meter& meter) {
    Scene scene(addresses(count));
    scene.clear();
    scene.count(
        meter, [&] { scene.advance(); },
        [&] {
          require(scene.actions<supervisor::SendFrame>() == count, "each address is announced");
        });
    return count;
  };
}

// ---- what arrives

PacketArrived packet(const conf::Instance& instance, std::span<const std::uint8_t> message) {
  return {instance.interface, peer_address(), vrrp::multicast_group(vrrp::Family::Ipv4),
          vrrp::kTimeToLive, message};
}

/// Backups hear their Active peers, one after the other: per packet.
Round hear(std::size_t count, Duration interval) {
  auto scene = std::make_shared<Scene>(routers(count, interval));
  return [scene, interval](Meter& meter) {
    for (const conf::Instance& instance : scene->settings.instances) {
      const auto message = advertisement(instance);
      const supervisor::Event event = packet(instance, message);
      scene->clear();
      scene->now += interval / static_cast<int>(scene->settings.instances.size());
      scene->count(
          meter, [&] { scene->handle(event); },
          [&] {
            require(scene->notices<supervisor::AdvertisementReceived>() == 1, "it is heard");
          });
    }
    return scene->settings.instances.size();
  };
}

/// A packet that is dropped for that reason.
Round junk(vrrp::Reject why, std::size_t count) {
  auto scene = std::make_shared<Scene>(routers(count, 1s));
  conf::Instance stranger = scene->settings.instances.back();
  if (why == vrrp::Reject::UnknownVrid) {
    stranger.virtual_router_id = 255;
  }
  auto message = advertisement(stranger);
  if (why == vrrp::Reject::Checksum) {
    message[6] ^= 0x55U;
  }
  return [scene, why, stranger, message](Meter& meter) {
    const supervisor::Event event = packet(stranger, message);
    scene->clear();
    scene->now += 1us;
    scene->count(
        meter, [&] { scene->handle(event); },
        [&] {
          const auto* rejected = std::get_if<supervisor::PacketRejected>(&scene->out.notices.at(0));
          require(rejected != nullptr && rejected->reject == why, "the packet is dropped");
        });
    return std::size_t{1};
  };
}

/// Somebody else answers for an address that we hold.
Round conflict(std::size_t count) {
  auto scene = std::make_shared<Scene>(routers(count, 1s));
  scene->take_over();
  return [scene](Meter& meter) {
    const conf::VirtualAddress& ours = scene->settings.instances.back().virtual_addresses.front();
    const supervisor::Event event =
        supervisor::NeighborClaimed{ours.interface, ours.address, {{2, 0, 0, 0, 0, 9}}};
    scene->now += 1us;
    scene->count(
        meter, [&] { scene->handle(event); },
        [&] {
          require(scene->notices<supervisor::AddressConflict>() == 1, "the conflict is seen");
        });
    return std::size_t{1};
  };
}

// ---- what changes

/// The same configuration again: per router.
Round reconfigure(std::size_t count) {
  auto scene = std::make_shared<Scene>(routers(count, 1s));
  auto next = std::make_shared<std::array<conf::Config, 2>>();
  return [scene, next, turn = std::size_t{0}](Meter& meter) mutable {
    const std::size_t known = scene->settings.instances.size();
    conf::Config& other = next->at(++turn % next->size());
    other = scene->settings;
    scene->clear();
    scene->count(
        meter, [&] { static_cast<void>(scene->node.reconfigure(other, scene->now, scene->out)); },
        [&] {
          require(scene->node.routers().size() == known && scene->out.actions.empty(),
                  "nothing has changed");
        });
    return known;
  };
}

/// What a reload changes is looked for: per router.
Round compare(std::size_t count) {
  auto running = std::make_shared<conf::Config>(routers(count, 1s));
  auto next = std::make_shared<conf::Parsed>();
  next->config = *running;
  next->config.instances.back().name = "other";
  return [running, next](Meter& meter) {
    meter.count([&] {
      require(supervisor::config_change(*running, *next, {}).lines.size() == 1,
              "the one change is found");
    });
    return running->instances.size();
  };
}

/// All addresses are on the interface, as the kernel tells after each change there: per address.
Round found(std::size_t count) {
  auto scene = std::make_shared<Scene>(addresses(count));
  scene->take_over();
  supervisor::AddressesFound held;
  for (const auto& own : scene->node.routers().front().holdings().addresses()) {
    held.interface = own.interface;
    held.addresses.push_back({own.address, true});
  }
  std::ranges::sort(held.addresses, {}, &supervisor::FoundAddress::address);
  return [scene, count, event = supervisor::Event(held)](Meter& meter) {
    scene->clear();
    scene->count(
        meter, [&] { scene->handle(event); },
        [&] { require(scene->node.routers().front().holdings().leased(), "they are seen"); });
    return count;
  };
}

// ---- health

/// A probe that passes as it did before.
Round check_result(std::size_t count) {
  auto scene = std::make_shared<Scene>(checks(count));
  return [scene](Meter& meter) {
    std::size_t results = 0;
    scene->clear();
    scene->advance();
    for (const supervisor::Action& action : supervisor::Output(scene->out).actions) {
      if (const auto* start = std::get_if<supervisor::StartProbe>(&action)) {
        const supervisor::Event event = supervisor::ProbeFinished{start->check, true, {}};
        scene->clear();
        scene->count(
            meter, [&] { scene->handle(event); },
            [&] { require(scene->notices<supervisor::ProbeTimed>() == 1, "the result counts"); });
        ++results;
      }
    }
    return results;
  };
}

/// Asks with one question; the number of it.
std::optional<std::uint64_t> asked(const supervisor::Output& out, proxy::Line line) {
  for (const supervisor::Action& action : out.actions) {
    const auto* wanted = std::get_if<proxy::Action>(&action);
    const auto* ask = wanted == nullptr ? nullptr : std::get_if<proxy::Ask>(wanted);
    if (ask != nullptr && ask->line == line) {
      return ask->question;
    }
  }
  return std::nullopt;
}

/// HAProxy's whole answer, and the next question.
Round haproxy_round(std::size_t frontends) {
  auto scene = std::make_shared<Scene>(haproxy());
  return [scene, text = haproxy_answer(frontends)](Meter& meter) {
    auto question = asked(scene->out, proxy::Line::Held);
    scene->clear();
    for (int turn = 0; !question && turn < 100; ++turn) {
      scene->count(
          meter, [&] { scene->advance(); },
          [&] { question = asked(scene->out, proxy::Line::Held); });
    }
    require(question.has_value(), "HAProxy is asked again");
    const supervisor::Event event =
        proxy::Event(proxy::Answered{proxy::Line::Held, text, *question});
    scene->now += 1ms;
    scene->count(
        meter, [&] { scene->handle(event); }, [] {});
    require(scene->node.snapshot(scene->now, {}).haproxy.has_value(), "HAProxy is watched");
    return std::size_t{1};
  };
}

// ---- bytes

const vrrp::Envelope& envelope() {
  static const vrrp::Envelope kEnvelope{peer_address(), vrrp::multicast_group(vrrp::Family::Ipv4)};
  return kEnvelope;
}

Round parse_packet(std::size_t count) {
  return [message = advertisement(addresses(count).instances.front()), count](Meter& meter) {
    meter.count([&] {
      const auto decoded = vrrp::decode(message, envelope());
      const auto* found = std::get_if<vrrp::Advertisement>(&decoded);
      require(found != nullptr && found->addresses.size() == count, "the packet is valid");
    });
    return std::size_t{1};
  };
}

Round encode_packet(std::size_t count) {
  const auto message = advertisement(addresses(count).instances.front());
  const auto decoded = std::get<vrrp::Advertisement>(vrrp::decode(message, envelope()));
  return [decoded, size = message.size()](Meter& meter) {
    meter.count(
        [&] { require(vrrp::encode(decoded, envelope()).size() == size, "the packet is whole"); });
    return std::size_t{1};
  };
}

/// An ARP request of another host (RFC 826), as each frame on a busy LAN.
Round claim() {
  return [](Meter& meter) {
    static constexpr std::array<std::uint8_t, 42> kRequest{
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,   0,  0, 0, 0, 9, 0x08, 0x06,  // Ethernet
        0,    1,    0x08, 0,    6,    4,    0,   1,          // Ethernet, IPv4, request
        2,    0,    0,    0,    0,    9,    172, 29, 1, 9,   // sender
        0,    0,    0,    0,    0,    0,    172, 29, 1, 1};  // target
    meter.count([&] {
      require(vrrp::parse_neighbor_claim(kRequest).has_value(), "the request claims its sender");
    });
    return std::size_t{1};
  };
}

// ---- all of them

struct Case {
  std::string_view name;
  int rounds;  ///< that are counted, after as many to warm up
  std::function<Round()> make;
};

const std::array kCases{
    Case{"advertise", 200, [] { return advertise(1, 1s); }},
    Case{"advertise_500", 500, [] { return advertise(500, 100ms); }},
    Case{"hear", 200, [] { return hear(1, 1s); }},
    Case{"hear_500", 2, [] { return hear(500, 100ms); }},
    Case{"junk_vrid", 200, [] { return junk(vrrp::Reject::UnknownVrid, 1); }},
    Case{"junk_vrid_500", 200, [] { return junk(vrrp::Reject::UnknownVrid, 500); }},
    Case{"junk_checksum", 200, [] { return junk(vrrp::Reject::Checksum, 1); }},
    Case{"conflict_500", 20, [] { return conflict(500); }},
    Case{"idle_turn_500", 200, [] { return idle_turn(500); }},
    Case{"reconfigure_500", 2, [] { return reconfigure(500); }},
    Case{"compare_500", 2, [] { return compare(500); }},
    Case{"found_1000", 2, [] { return found(1000); }},
    Case{"take_over_1000", 2, [] { return take_over(1000); }},
    Case{"check_result", 1000, [] { return check_result(200); }},
    Case{"haproxy_round", 50, [] { return haproxy_round(4); }},
    Case{"parse_packet", 200, [] { return parse_packet(8); }},
    Case{"encode_packet", 200, [] { return encode_packet(8); }},
    Case{"claim", 200, [] { return claim(); }},
};

void run(const Case& chosen) {
  const Round round = chosen.make();
  // What grows to its size once is not counted.
  Meter warm_up(false);
  for (int i = 0; i < chosen.rounds; ++i) {
    static_cast<void>(round(warm_up));
  }
  Meter meter(true);
  std::size_t operations = 0;
  for (int i = 0; i < chosen.rounds; ++i) {
    operations += round(meter);
  }
  fmt::print("{} {}\n", operations, meter.allocations());
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view wanted = argc == 2 ? argv[1] : "";
  for (const Case& known : kCases) {
    if (wanted == "--list") {
      fmt::print("{}\n", known.name);
    } else if (wanted == known.name) {
      run(known);
      return 0;
    }
  }
  if (wanted == "--list") {
    return 0;
  }
  fmt::print(stderr, "usage: hot_paths --list | CASE\n");
  return 2;
}
