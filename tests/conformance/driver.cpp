#include "tests/conformance/driver.h"

#include <algorithm>
#include <variant>

#include <fmt/format.h>

#include "conf/parse.h"
#include "supervisor/messages.h"
#include "supervisor/node.h"
#include "vrrp/ipv4_packet.h"

namespace haguard::conformance {
namespace {

const Instant kZero{1h};

std::string text_of(const Settings& settings) {
  return fmt::format(R"([haproxy]
mode = "none"
[[vrrp.instance]]
name = "edge"
interface = "eth0"
virtual_router_id = 51
version = {}
priority = {}
advertisement_interval = "{}"
virtual_addresses = ["{}"]
lease = "off"
garp = {{ schedule = [{}], refresh = "0s" }}
{}
)",
                     settings.version, settings.priority, settings.interval,
                     fmt::join(settings.addresses, R"(", ")"), settings.announcements,
                     settings.more);
}

conf::Config config_of(const Settings& settings) {
  return std::get<conf::Parsed>(conf::parse(text_of(settings), "haguard.toml", "n1")).config;
}

vrrp::IpAddress ip(const std::string& text) {
  return vrrp::IpAddress::parse(text).value();
}

Bytes part(const Bytes& frame, std::size_t from, std::size_t size) {
  const auto start = frame.begin() + static_cast<std::ptrdiff_t>(from);
  return {start, start + static_cast<std::ptrdiff_t>(size)};
}

std::string describe_frame(const Bytes& frame) {
  // EtherType ARP: the sender's protocol address; IPv6 with ICMPv6 type 136: the target
  const bool arp = frame.size() >= 42 && part(frame, 12, 2) == Bytes{0x08, 0x06};
  const bool neighbor =
      frame.size() >= 78 && part(frame, 12, 2) == Bytes{0x86, 0xdd} && frame[54] == 136;
  return "announce " + (arp        ? address_text(part(frame, 28, 4))
                        : neighbor ? address_text(part(frame, 62, 16))
                                   : to_hex(frame));
}

}  // namespace

Lines at(const std::string& seconds, const Lines& lines) {
  Lines result;
  for (const std::string& line : lines) {
    result.push_back(seconds + " " + line);
  }
  return result;
}

Lines operator+(Lines first, const Lines& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

Lines take_over(const std::string& advertisement) {
  return {"addresses on", advertisement, "announce 192.0.2.10", "active"};
}

std::string refusal(const Settings& settings) {
  const auto result = conf::parse(text_of(settings), "haguard.toml", "n1");
  const auto* problems = std::get_if<conf::Problems>(&result);
  return problems == nullptr ? "" : problems->at(0).message;
}

struct Router::Daemon {
  explicit Daemon(const Settings& settings)
      : config(config_of(settings)), own(settings.own), node(config, {}, kZero) {}

  /// What an output says, and remembers what only some tests look at.
  Lines perform(const supervisor::Output& out) {
    Lines lines;
    for (const supervisor::Action& action : out.actions) {
      if (const auto* packet = std::get_if<supervisor::SendPacket>(&action)) {
        lines.push_back(describe(*packet));
      } else if (const auto* frame = std::get_if<supervisor::SendFrame>(&action)) {
        const Bytes bytes(frame->frame.begin(), frame->frame.end());
        frames.push_back(to_hex(bytes));
        lines.push_back(describe_frame(bytes));
      } else if (std::holds_alternative<supervisor::AddAddresses>(action)) {
        lines.emplace_back("addresses on");
      } else if (std::holds_alternative<supervisor::RemoveAddresses>(action)) {
        lines.emplace_back("addresses off");
      } else if (std::holds_alternative<supervisor::Exit>(action)) {
        lines.emplace_back("exit");
      } else if (const auto* probe = std::get_if<supervisor::StartProbe>(&action)) {
        supervisor::Output answer;
        node.handle(supervisor::ProbeFinished{probe->check, probes_pass, ""}, now, answer);
        lines = std::move(lines) + perform(answer);
      }
    }
    for (const supervisor::Notice& notice : out.notices) {
      if (const auto* change = std::get_if<supervisor::StateChanged>(&notice)) {
        state = to_string(change->transition.to);
        lines.push_back(state);
      } else if (const auto* rejected = std::get_if<supervisor::PacketRejected>(&notice)) {
        lines.push_back(fmt::format("rejected {}", to_string(rejected->reject)));
      }
      if (const auto told = supervisor::message(notice, node.names())) {
        log.push_back(told->text);
      }
    }
    return lines;
  }

  std::string describe(const supervisor::SendPacket& packet) {
    source = packet.source.to_string();
    const std::string destination = packet.destination.to_string();
    const Bytes message(packet.message.begin(), packet.message.end());
    messages.push_back(to_hex(message));
    const bool to_group = destination == "224.0.0.18" || destination == "ff02::12";
    return "advertise " + read_message(message, source, destination) +
           (to_group ? "" : " to " + destination);
  }

  Lines handle(const supervisor::Event& event) {
    forget();
    supervisor::Output out;
    node.handle(event, now, out);
    return perform(out);
  }

  Lines advance(Instant time) {
    now = time;
    supervisor::Output out;
    node.advance(now, out);
    return at(fmt::format("{:.6f}", std::chrono::duration<double>(now - kZero).count()),
              perform(out));
  }

  void forget() {
    messages.clear();
    frames.clear();
  }

  Lines link(bool running) {
    const vrrp::MacAddress mac{{0x02, 0, 0, 0, 0, 0x05}};
    supervisor::LinkChanged link;
    link.interface = "eth0";
    link.present = true;
    link.running = running;
    link.mac = mac;
    (own.find(':') == std::string::npos ? link.primary : link.link_local) = ip(own);
    return handle(link);
  }

  conf::Config config;
  std::string own;
  supervisor::Node node;
  Instant now = kZero;
  bool probes_pass = true;
  std::string state = "initialize";
  std::string source;
  Lines messages;
  Lines frames;
  Lines log;
};

Router::Router(const Settings& settings) : daemon_(std::make_unique<Daemon>(settings)) {
  supervisor::Output out;
  daemon_->node.start(daemon_->now, out);
  daemon_->perform(out);
}

Router::Router(Router&&) noexcept = default;
Router::~Router() = default;

Lines Router::startup() {
  // Nothing is left of an earlier daemon.
  const Lines settled = daemon_->handle(supervisor::AddressesFound{"eth0", {}});
  return settled + daemon_->link(true);
}

Lines Router::link_lost() {
  return daemon_->link(false);
}

Lines Router::shutdown() {
  return daemon_->handle(supervisor::StopRequested{});
}

Lines Router::drain() {
  return daemon_->handle(supervisor::DrainRequested{});
}

void Router::probes_fail() {
  daemon_->probes_pass = false;
}

Lines Router::until(Duration time) {
  daemon_->forget();
  const Instant end = kZero + time;
  Lines lines;
  while (daemon_->node.next_deadline() <= end) {
    lines = std::move(lines) + daemon_->advance(daemon_->node.next_deadline());
  }
  daemon_->now = end;
  return lines;
}

Lines Router::wake_at(Duration time) {
  daemon_->forget();
  return daemon_->advance(kZero + time);
}

Duration Router::becomes_active() {
  const Instant limit = daemon_->now + 5min;
  while (state() != "active" && daemon_->node.next_deadline() <= limit) {
    daemon_->forget();
    daemon_->advance(daemon_->node.next_deadline());
  }
  return daemon_->now - kZero;
}

Lines Router::receive(const Packet& packet) {
  return receive(packet, packet.message());
}

Lines Router::receive(const Packet& header, const Bytes& message) {
  supervisor::PacketArrived packet;
  packet.interface = header.interface;
  packet.source = ip(header.source);
  packet.destination = ip(header.destination);
  packet.ttl = static_cast<std::uint8_t>(header.ttl);
  packet.message = message;
  return daemon_->handle(packet);
}

Lines Router::receive_datagram(const Bytes& bytes) {
  const auto datagram = vrrp::parse_ipv4(bytes);
  if (!datagram) {
    return {"no packet"};
  }
  supervisor::PacketArrived packet;
  packet.interface = "eth0";
  packet.source = datagram->source;
  packet.destination = datagram->destination;
  packet.ttl = datagram->ttl;
  packet.message = datagram->payload;
  return daemon_->handle(packet);
}

std::string Router::state() const {
  return daemon_->state;
}

const Lines& Router::messages() const {
  return daemon_->messages;
}

const Lines& Router::frames() const {
  return daemon_->frames;
}

std::string Router::last_source() const {
  return daemon_->source;
}

std::size_t Router::log_lines_with(std::string_view text) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      daemon_->log, [&](const std::string& line) { return line.find(text) != std::string::npos; }));
}

Router backup(const Settings& settings) {
  Router router(settings);
  router.startup();
  return router;
}

Router active(const Settings& settings) {
  Router router = backup(settings);
  router.becomes_active();
  return router;
}

}  // namespace haguard::conformance
