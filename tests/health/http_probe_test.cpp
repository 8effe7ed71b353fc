// HTTP checks against servers that answer in every way.
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "health/probe.h"

namespace haguard::health {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using boost::system::error_code;

/// Reads a head, sends its answer, and keeps the connection or closes it.
class Server {
 public:
  explicit Server(boost::asio::io_context& io)
      : acceptor_(io, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)), socket_(io) {
    acceptor_.async_accept(socket_, [this](const error_code&) {
      boost::asio::async_read_until(socket_, boost::asio::dynamic_buffer(request), "\r\n\r\n",
                                    [this](const error_code&, std::size_t) {
                                      boost::asio::async_write(
                                          socket_, boost::asio::buffer(answer),
                                          [this](const error_code&, std::size_t) { answered(); });
                                    });
    });
  }

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  std::string answer;
  bool closes = false;
  std::string request;
  error_code end;  ///< what the connection ended with

 private:
  void answered() {
    if (closes) {
      socket_.close();
      return;
    }
    boost::asio::async_read(socket_, boost::asio::buffer(rest_),
                            [this](const error_code& error, std::size_t) { end = error; });
  }

  tcp::acceptor acceptor_;
  tcp::socket socket_;
  std::array<char, 1> rest_{};
};

class HttpProbeTest : public testing::Test {
 protected:
  conf::Check check() {
    conf::Check check;
    check.type = conf::CheckType::Http;
    check.target = {vrrp::IpAddress::v4(127, 0, 0, 1), server_.port()};
    check.http.host = "127.0.0.1:8080";
    return check;
  }

  ProbeResult probe(const conf::Check& check) {
    probes_->start(0, check);
    EXPECT_TRUE(results_.empty()) << "never from within start()";
    while (results_.empty() && io_.run_one_for(2s) > 0) {
    }
    io_.run_for(20ms);  // what the server still hears
    EXPECT_EQ(results_.size(), 1U);
    return results_.empty() ? ProbeResult{} : results_[0];
  }
  ProbeResult probe(std::string answer, bool closes = false) {
    server_.answer = std::move(answer);
    server_.closes = closes;
    return probe(check());
  }
  std::string failure(std::string answer, bool closes = false) {
    const ProbeResult result = probe(std::move(answer), closes);
    EXPECT_FALSE(result.passed);
    return result.detail;
  }

  boost::asio::io_context io_;
  Server server_{io_};
  std::vector<ProbeResult> results_;
  std::optional<Probes> probes_{std::in_place, io_,
                                [this](const ProbeResult& result) { results_.push_back(result); }};
};

TEST_F(HttpProbeTest, PassesOnTheExpectedStatusAndClosesWithAReset) {
  const ProbeResult result = probe("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_TRUE(result.passed) << result.detail;
  EXPECT_EQ(result.detail, "");
  EXPECT_EQ(server_.end, boost::asio::error::connection_reset);
}

TEST_F(HttpProbeTest, SendsWhatIsConfigured) {
  server_.answer = "HTTP/1.0 204 No Content\r\n\r\n";
  conf::Check asked = check();
  asked.http = {"PROPFIND", "/healthz?full=1", "www.example.com", {200, 204}};
  EXPECT_TRUE(probe(asked).passed);
  EXPECT_TRUE(server_.request.starts_with("PROPFIND /healthz?full=1 HTTP/1.1\r\n"));
  for (const char* const line : {"\r\nHost: www.example.com\r\n", "\r\nUser-Agent: haguard\r\n",
                                 "\r\nAccept: */*\r\n", "\r\nConnection: close\r\n"}) {
    EXPECT_NE(server_.request.find(line), std::string::npos) << line << server_.request;
  }
}

TEST_F(HttpProbeTest, AReasonPhraseIsOptional) {
  EXPECT_TRUE(probe("HTTP/1.1 200 \r\n\r\n").passed);
}

TEST_F(HttpProbeTest, AnAnswerToHeadHasNoBody) {
  server_.answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
  conf::Check asked = check();
  asked.http.method = "HEAD";
  EXPECT_TRUE(probe(asked).passed);
}

TEST_F(HttpProbeTest, InterimAnswersAreSkipped) {
  EXPECT_TRUE(probe("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                    "HTTP/1.1 200 OK\r\n\r\n")
                  .passed);
}

TEST_F(HttpProbeTest, NoEndOfInterimAnswersIsAFailure) {
  std::string answers;
  for (int i = 0; i < 10; ++i) {
    answers += "HTTP/1.1 100 Continue\r\n\r\n";
  }
  EXPECT_EQ(failure(answers), "100 Continue");
}

TEST_F(HttpProbeTest, AnotherStatusIsTold) {
  EXPECT_EQ(failure("HTTP/1.1 503 Service Unavailable\r\n\r\n"), "503 Service Unavailable");
}

TEST_F(HttpProbeTest, AStatusWithoutPhraseGetsThatOfTheStandard) {
  EXPECT_EQ(failure("HTTP/1.1 500 \r\n\r\n"), "500 Internal Server Error");
}

TEST_F(HttpProbeTest, AStatusThatNobodyKnowsIsToldAsNumber) {
  EXPECT_EQ(failure("HTTP/1.1 299 \r\n\r\n"), "299");
}

TEST_F(HttpProbeTest, WhatAServerSaysIsCutForTheLog) {
  EXPECT_EQ(failure("HTTP/1.1 500 " + std::string(4000, 'a') + "\r\n\r\n"),
            "500 " + std::string(48, 'a'));
}

TEST_F(HttpProbeTest, SomethingElseThanHttpIsQuotedSafely) {
  EXPECT_EQ(failure("SSH-2.0-OpenSSH_9.2\x1b[2J\r\nmore\r\n"),
            "not an HTTP answer: SSH-2.0-OpenSSH_9.2\\x1b[2J");
}

TEST_F(HttpProbeTest, AnUnknownVersionIsNoHttpAnswer) {
  EXPECT_EQ(failure("HTTP/2.0 200 OK\r\n\r\n"), "not an HTTP answer: HTTP/2.0 200 OK");
}

TEST_F(HttpProbeTest, ABrokenStatusIsNoHttpAnswer) {
  EXPECT_EQ(failure("HTTP/1.1 2OO OK\r\n\r\n"), "not an HTTP answer: HTTP/1.1 2OO OK");
}

TEST_F(HttpProbeTest, AHugeHeadIsRefused) {
  EXPECT_EQ(failure("HTTP/1.1 200 OK\r\nA: " + std::string(100'000, 'a') + "\r\n\r\n"),
            "head of the answer larger than 8192 bytes");
}

TEST_F(HttpProbeTest, AConnectionClosedBeforeAnAnswerIsAFailure) {
  EXPECT_EQ(failure("", true), "connection closed before an answer");
}

TEST_F(HttpProbeTest, AConnectionClosedWithinTheHeadIsAFailure) {
  EXPECT_EQ(failure("HTTP/1.1 200 OK\r\nDate: ", true),
            "connection closed within the head of the answer");
}

TEST_F(HttpProbeTest, FailsWithTheReasonWhenNobodyListens) {
  std::uint16_t port = 0;
  {
    tcp::acceptor listener(io_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
    port = listener.local_endpoint().port();
  }
  conf::Check asked = check();
  asked.target.port = port;
  const ProbeResult result = probe(asked);
  EXPECT_FALSE(result.passed);
  EXPECT_EQ(result.detail, "connect 127.0.0.1:" + std::to_string(port) + ": connection refused");
}

TEST_F(HttpProbeTest, TellsNothingAfterACancel) {
  server_.answer = "HTTP/1.1 200 OK\r\n\r\n";
  probes_->start(0, check());
  while (server_.request.empty()) {
    io_.run_one();
  }
  probes_->cancel(0);
  io_.run_for(100ms);
  EXPECT_TRUE(results_.empty());
}

TEST_F(HttpProbeTest, MayBeDestroyedAtAnyMoment) {
  for (int handlers = 0; handlers < 8; ++handlers) {
    boost::asio::io_context io;
    Server server(io);
    server.answer = "HTTP/1.1 200 OK\r\n\r\n";
    conf::Check asked = check();
    asked.target.port = server.port();
    int results = 0;
    std::optional<Probes> probes(std::in_place, io, [&](const ProbeResult&) { ++results; });
    probes->start(0, asked);
    for (int i = 0; i < handlers && results == 0; ++i) {
      io.run_one_for(1s);
    }
    const int told = results;
    probes.reset();
    io.run_for(100ms);
    EXPECT_EQ(results, told) << handlers;
  }
}

}  // namespace
}  // namespace haguard::health
