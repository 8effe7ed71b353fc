#include "health/probe.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>

namespace haguard::health {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;

class ProbeTest : public testing::Test {
 protected:
  static conf::Check check_of(const tcp::endpoint& endpoint) {
    conf::Check check;
    check.target = {vrrp::IpAddress::v4(127, 0, 0, 1), endpoint.port()};
    return check;
  }

  tcp::acceptor listen() {
    return {io_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)};
  }

  boost::asio::io_context io_;
  std::vector<ProbeResult> results_;
  std::optional<Probes> probes_{std::in_place, io_,
                                [this](const ProbeResult& result) { results_.push_back(result); }};
};

TEST_F(ProbeTest, PassesWhenSomebodyListens) {
  tcp::acceptor listener = listen();
  probes_->start(3, check_of(listener.local_endpoint()));
  EXPECT_TRUE(results_.empty()) << "never from within start()";
  io_.run_for(2s);
  ASSERT_EQ(results_.size(), 1U);
  EXPECT_EQ(results_[0].check, 3U);
  EXPECT_TRUE(results_[0].passed);
  EXPECT_EQ(results_[0].detail, "");
}

TEST_F(ProbeTest, ClosesWithAReset) {
  tcp::acceptor listener = listen();
  probes_->start(0, check_of(listener.local_endpoint()));
  io_.run_for(2s);
  tcp::socket peer = listener.accept();
  char byte = 0;
  boost::system::error_code error;
  peer.read_some(boost::asio::buffer(&byte, 1), error);
  EXPECT_EQ(error, boost::asio::error::connection_reset);
}

TEST_F(ProbeTest, IntroducesItselfWithAProxyHeader) {
  tcp::acceptor listener = listen();
  conf::Check check = check_of(listener.local_endpoint());
  check.send_proxy = true;
  probes_->start(0, check);
  io_.run_for(2s);
  ASSERT_EQ(results_.size(), 1U);
  EXPECT_TRUE(results_[0].passed) << results_[0].detail;
  tcp::socket peer = listener.accept();
  std::string received(64, '\0');
  boost::system::error_code error;
  received.resize(peer.read_some(boost::asio::buffer(received), error));
  EXPECT_EQ(received, "PROXY UNKNOWN\r\n");
}

TEST_F(ProbeTest, FailsWithTheReasonWhenNobodyListens) {
  tcp::endpoint endpoint;
  {
    tcp::acceptor listener = listen();
    endpoint = listener.local_endpoint();
  }
  probes_->start(0, check_of(endpoint));
  io_.run_for(2s);
  ASSERT_EQ(results_.size(), 1U);
  EXPECT_FALSE(results_[0].passed);
  EXPECT_EQ(results_[0].detail,
            "connect 127.0.0.1:" + std::to_string(endpoint.port()) + ": connection refused");
}

TEST_F(ProbeTest, TellsNothingAfterACancel) {
  tcp::acceptor listener = listen();
  probes_->start(0, check_of(listener.local_endpoint()));
  probes_->start(1, check_of(listener.local_endpoint()));
  probes_->cancel(0);
  probes_->cancel(7);
  io_.run_for(2s);
  ASSERT_EQ(results_.size(), 1U);
  EXPECT_EQ(results_[0].check, 1U);
}

TEST_F(ProbeTest, ANewProbeReplacesTheRunningOne) {
  tcp::acceptor listener = listen();
  probes_->start(0, check_of(listener.local_endpoint()));
  probes_->start(0, check_of(listener.local_endpoint()));
  io_.run_for(2s);
  EXPECT_EQ(results_.size(), 1U);
}

TEST_F(ProbeTest, MayBeDestroyedWhileAProbeRuns) {
  tcp::acceptor listener = listen();
  probes_->start(0, check_of(listener.local_endpoint()));
  probes_.reset();
  io_.run_for(2s);
  EXPECT_TRUE(results_.empty());
}

}  // namespace
}  // namespace haguard::health
