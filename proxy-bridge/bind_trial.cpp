#include "proxy-bridge/bind_trial.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

#include <boost/system/error_code.hpp>
#include <fmt/format.h>

#include "conf/report.h"
#include "proxy-bridge/socket_table.h"
#include "proxy-bridge/tcp_connection.h"
#include "proxy-bridge/trial_socket.h"

namespace haguard::proxy {
namespace {

constexpr unsigned kMostTries = 4096;

/// They would come to HAProxy as well. Other errors may be of our own making: no privilege, no
/// descriptors left.
constexpr std::array kTelling{EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT, EINVAL, ENODEV};

/// Nothing for a name, which HAProxy resolves.
std::optional<vrrp::IpAddress> address_of(const Bind& bind) {
  if (bind.is_wildcard(vrrp::Family::Ipv6)) {
    return vrrp::IpAddress::parse("::");
  }
  return bind.is_wildcard(vrrp::Family::Ipv4) ? vrrp::IpAddress() : bind.address();
}

SocketAddresses sockets_in(const std::string& table, SocketState state) {
  SocketAddresses found;
  std::ifstream stream("/proc/thread-self/net/" + table);
  for (std::string line; std::getline(stream, line);) {
    add_socket(line, state, found);
  }
  return found;
}

class Trial {
 public:
  explicit Trial(const SocketManners& manners) : manners_(manners) {}

  void judge(const Bind& bind, const std::string& unix_prefix) {
    const bool clear = !bind.conditional && !bind.unresolved && bind.name_space.empty();
    if (clear && bind.kind == BindKind::Ip) {
      judge_ports(bind);
    } else if (clear && bind.kind == BindKind::Path) {
      judge_path(bind, unix_prefix);
    } else {
      skip();
    }
  }

  void skip() { ++result_.unknown; }
  BindsTried take() { return std::move(result_); }

 private:
  enum class Answer { Free, Obstacle, Unknown };

  void judge_ports(const Bind& bind) {
    const auto address = address_of(bind);
    const auto family = bind.ipv6 ? vrrp::Family::Ipv6 : vrrp::Family::Ipv4;
    const unsigned ports = 1U + bind.last_port - bind.first_port;
    if (!address || address->family() != family || bind.first_port == 0 ||
        tries_ + ports > kMostTries) {
      skip();
      return;
    }
    tries_ += ports;
    bool unknown = false;
    for (unsigned port = bind.first_port; port <= bind.last_port; ++port) {
      const auto number = static_cast<std::uint16_t>(port);
      const Errno error = try_bind(bind, *address, number, manners_);
      const Answer answer = judge(bind, {*address, number}, error);
      if (answer == Answer::Obstacle) {
        tell(bind, number, error);
        break;  // one is enough to refuse the line
      }
      unknown = unknown || answer == Answer::Unknown;
    }
    ++(unknown ? result_.unknown : result_.tried);
  }

  Answer judge(const Bind& bind, const SocketAddresses::value_type& at, Errno error) {
    if (error == 0) {
      return Answer::Free;
    }
    if (std::ranges::find(kTelling, error) == kTelling.end()) {
      return Answer::Unknown;
    }
    if (error == EADDRINUSE && (bind.datagram || !manners_.reuse_port)) {
      return Answer::Unknown;  // it may be HAProxy's own, which it hands over
    }
    // An address that has gone since: the worker that listens there hands its socket over.
    return error == EADDRNOTAVAIL && is_open(bind, at) ? Answer::Free : Answer::Obstacle;
  }

  /// The table is read only when it is needed: it may be long.
  bool is_open(const Bind& bind, const SocketAddresses::value_type& at) {
    auto& open = open_.at((bind.datagram ? 2U : 0U) + (bind.ipv6 ? 1U : 0U));
    if (!open) {
      open = sockets_in(std::string(bind.datagram ? "udp" : "tcp") + (bind.ipv6 ? "6" : ""),
                        bind.datagram ? SocketState::Unconnected : SocketState::Listening);
    }
    return open->contains(at);
  }

  void tell(const Bind& bind, std::uint16_t port, Errno error) {
    std::string why = reason({error, boost::system::system_category()});
    if (error == EADDRNOTAVAIL) {
      why = fmt::format(
          "no interface has this address; \"transparent\" or net.{}.ip_nonlocal_bind=1 would allow "
          "it",
          bind.ipv6 ? "ipv6" : "ipv4");
    } else if (error == ENODEV) {
      why = "no interface " + conf::in_quotes(bind.interface);
    }
    const bool range = bind.first_port != bind.last_port;
    tell(bind, range ? fmt::format("port {}: {}", port, why) : why);
  }

  void tell(const Bind& bind, const std::string& why) {
    result_.obstacles.push_back(fmt::format("bind {} ({}:{}): {}", conf::printable(bind.text),
                                            conf::printable(bind.file), bind.line, why));
  }

  /// HAProxy makes the socket in that directory. Whether it may write there is not asked: our
  /// sandbox may be another than its own.
  void judge_path(const Bind& bind, const std::string& prefix) {
    const auto at = bind.text.find('@');
    const bool is_abstract = bind.text.find("abns") < at && at != std::string::npos;
    const std::string path =
        prefix + (bind.text.starts_with('/') || at == std::string::npos ? bind.text
                                                                        : bind.text.substr(at + 1));
    std::error_code failure;
    const auto directory = std::filesystem::path(path).parent_path();
    if (is_abstract || !path.starts_with('/') || ++tries_ > kMostTries) {
      skip();
      return;
    }
    ++result_.tried;
    const auto found = std::filesystem::status(directory, failure);
    if (found.type() == std::filesystem::file_type::not_found) {
      tell(bind, "no directory " + conf::in_quotes(directory.string()));
    } else if (found.type() != std::filesystem::file_type::directory && !failure) {
      tell(bind, conf::in_quotes(directory.string()) + " is no directory");
    }
  }

  const SocketManners manners_;
  BindsTried result_;
  unsigned tries_ = 0;
  /// Of TCP and UDP, of IPv4 and IPv6 each.
  std::array<std::optional<SocketAddresses>, 4> open_;
};

}  // namespace

BindsTried try_binds(const Configuration& configuration, const SocketManners& manners) {
  Trial trial(manners);
  for (const ProxySection& proxy : configuration.proxies) {
    for (const Bind& bind : proxy.binds) {
      if (proxy.disabled || proxy.unresolved || !proxy.is_frontend()) {
        trial.skip();
      } else {
        trial.judge(bind, configuration.unix_prefix);
      }
    }
  }
  for (const StatsSocket& socket : configuration.stats_sockets) {
    for (const Bind& bind : socket.binds) {
      trial.judge(bind, "");
    }
  }
  return trial.take();
}

}  // namespace haguard::proxy
