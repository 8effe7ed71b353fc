#include <array>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include <boost/asio/post.hpp>

#include "health/on_link.h"
#include "health/running_probe.h"
#include "vrrp/claim_socket.h"
#include "vrrp/neighbor.h"
#include "vrrp/neighbor_claim.h"

namespace haguard::health {
namespace {

/// In a flood the loop looks at other things in between.
constexpr int kFramesPerTurn = 32;

class GatewayProbe : public RunningProbe {
 public:
  GatewayProbe(boost::asio::io_context& io, const vrrp::IpAddress& gateway, OnOutcome on_outcome)
      : io_(io), gateway_(gateway), on_outcome_(std::move(on_outcome)) {
    const auto found = find_link(gateway_);
    if (const auto* reason = std::get_if<std::string>(&found)) {
      fail_later(*reason);
      return;
    }
    const auto& link = std::get<OnLink>(found);
    try {
      socket_.emplace(io_, link.index, gateway_.family(), [this] { read(); });
      socket_->arm();
      ask(link);
    } catch (const std::system_error& error) {
      fail_later(link.interface + ": " + error.code().message());
    }
  }

 private:
  void ask(const OnLink& link) {
    if (gateway_.family() == vrrp::Family::Ipv4) {
      send(vrrp::arp_request(link.mac, link.source, gateway_));
    } else {
      send(vrrp::neighbor_solicitation(link.mac, link.source, gateway_));
    }
  }

  void send(std::span<const std::uint8_t> frame) {
    if (::send(socket_->descriptor(), frame.data(), frame.size(), MSG_DONTWAIT) < 0) {
      throw std::system_error(errno, std::generic_category());
    }
  }

  /// Whatever it says of itself shows that it is there, asked by us or not.
  void read() {
    std::array<std::uint8_t, 1514> frame{};
    for (int i = 0; i < kFramesPerTurn; ++i) {
      const auto size = ::recv(socket_->descriptor(), frame.data(), frame.size(), MSG_DONTWAIT);
      if (size < 0 && errno != EAGAIN) {
        on_outcome_({false, "receive: " + std::generic_category().message(errno)});
        return;
      }
      if (size < 0) {
        break;
      }
      const auto claim = vrrp::parse_neighbor_claim(
          std::span<const std::uint8_t>(frame).first(static_cast<std::size_t>(size)));
      if (claim && claim->address == gateway_) {
        on_outcome_({true, {}});
        return;
      }
    }
    socket_->arm();
  }

  void fail_later(std::string detail) {
    boost::asio::post(
        io_, [this, alive = std::weak_ptr<int>(alive_), detail = std::move(detail)]() mutable {
          if (!alive.expired()) {
            on_outcome_({false, std::move(detail)});
          }
        });
  }

  boost::asio::io_context& io_;
  vrrp::IpAddress gateway_;
  OnOutcome on_outcome_;
  std::optional<vrrp::ClaimSocket> socket_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();  ///< what was posted may run after us
};

}  // namespace

std::unique_ptr<RunningProbe> start_gateway_probe(boost::asio::io_context& io,
                                                  const conf::Check& settings,
                                                  OnOutcome on_outcome) {
  return std::make_unique<GatewayProbe>(io, settings.gateway, std::move(on_outcome));
}

}  // namespace haguard::health
