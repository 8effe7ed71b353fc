#include "proxy-bridge/listeners.h"

#include <gtest/gtest.h>

namespace haguard::proxy {
namespace {

std::vector<std::string> of(const std::string& text) {
  const auto found = knockable(parse_configuration({{"haproxy.cfg", text}}),
                               {vrrp::IpAddress::v4(172, 28, 1, 254)});
  std::vector<std::string> listeners;
  for (const conf::Endpoint& listener : found) {
    listeners.push_back(listener.to_string());
  }
  return listeners;
}

using Listeners = std::vector<std::string>;

TEST(Listeners, AreThoseThatAnswerByThemselves) {
  EXPECT_EQ(of("frontend a\n mode http\n bind *:80\n"
               "frontend b\n mode tcp\n bind :81\n"
               "frontend c\n mode tcp\n bind :82 ssl crt x.pem\n"
               "frontend d\n mode tcp\n bind 10.0.0.1:83 accept-proxy\n"
               "backend e\n mode http\n"),
            (Listeners{"127.0.0.1:80", "127.0.0.1:82", "10.0.0.1:83"}));
}

TEST(Listeners, OfAVirtualAddressMayBeAtThePeer) {
  EXPECT_EQ(of("frontend a\n mode http\n bind 172.28.1.254:80 transparent\n"), Listeners{});
}

TEST(Listeners, ForProbesComeFirst) {
  EXPECT_EQ(of("frontend a\n mode http\n bind :443 ssl crt x.pem\n bind :80\n"
               "frontend probes\n mode http\n bind [::1]:8080\n monitor-uri /up\n"),
            (Listeners{"[::1]:8080", "127.0.0.1:80", "127.0.0.1:443"}));
}

TEST(Listeners, ThatMayNotBeThereAreLeftOut) {
  EXPECT_EQ(of("frontend a\n mode http\n bind :80 interface etx9\n bind ${ADDRESS}:81\n"
               " bind /run/a.sock\n bind quic4@:443 ssl crt x.pem\n"
               "frontend off\n mode http\n disabled\n bind :82\n"
               ".if defined(X)\nfrontend maybe\n mode http\n bind :83\n.endif\n"),
            Listeners{});
}

}  // namespace
}  // namespace haguard::proxy
