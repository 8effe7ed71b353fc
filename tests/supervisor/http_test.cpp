// A real server on a port of the loopback that the kernel chooses.

#include "supervisor/http.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

namespace haguard::supervisor {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

conf::Endpoint loopback(std::uint16_t port) {
  return {vrrp::IpAddress::v4(127, 0, 0, 1), port};
}

class HttpTest : public testing::Test {
 protected:
  [[nodiscard]] tcp::socket connected() {
    tcp::socket socket(io_);
    socket.connect({asio::ip::address_v4::loopback(), server_.port()});
    return socket;
  }

  /// Everything that the server has to say, up to the end of the connection.
  static std::string rest(tcp::socket& socket) {
    std::string answer;
    error_code error;
    asio::read(socket, asio::dynamic_buffer(answer), error);
    return answer;
  }

  std::string exchange(const std::string& request) {
    auto socket = connected();
    error_code error;
    asio::write(socket, asio::buffer(request), error);
    return rest(socket);
  }

  std::vector<std::string> errors_;
  HttpServer server_{loopback(0),
                     [](const Request& request) {
                       if (request.target == "/throw") {
                         throw std::runtime_error("no memory");
                       }
                       if (request.target == "/accept") {
                         return Page{.body = std::string(request.accept),
                                     .content_security_policy = "default-src 'none'"};
                       }
                       return Page{.status = request.target == "/bad" ? 503U : 200U,
                                   .body = "you asked for " + std::string(request.target)};
                     },
                     [this](const std::string& message) { errors_.push_back(message); }};
  asio::io_context io_;
};

bool begins(const std::string& answer, const std::string& with) {
  return answer.starts_with(with);
}

bool has(const std::string& answer, const std::string& part) {
  return answer.find(part) != std::string::npos;
}

TEST_F(HttpTest, GetAnswersWithThePage) {
  const auto answer = exchange("GET /x?y=1 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(begins(answer, "HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(has(answer, "Content-Length: 20\r\n"));
  EXPECT_TRUE(has(answer, "Connection: close\r\n"));
  EXPECT_TRUE(answer.ends_with("\r\n\r\nyou asked for /x?y=1"));
  EXPECT_TRUE(begins(exchange("GET /bad HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP/1.1 503 "));
}

TEST_F(HttpTest, HeadAnswersWithoutBody) {
  const auto answer = exchange("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(begins(answer, "HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(has(answer, "Content-Length: 16\r\n"));
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(HttpTest, OtherMethodsAreRefused) {
  const auto answer = exchange("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_TRUE(begins(answer, "HTTP/1.1 405 "));
  EXPECT_TRUE(has(answer, "Allow: GET, HEAD\r\n"));
}

TEST_F(HttpTest, NonsenseIsABadRequest) {
  EXPECT_TRUE(begins(exchange("\x16\x03\x01\x02\r\n\r\n"), "HTTP/1.1 400 "));
  EXPECT_TRUE(begins(exchange("GET\r\n\r\n"), "HTTP/1.1 400 "));
}

TEST_F(HttpTest, HeadersAreBounded) {
  const auto answer = exchange("GET / HTTP/1.1\r\nX: " + std::string(9000, 'x') + "\r\n\r\n");
  EXPECT_TRUE(begins(answer, "HTTP/1.1 431 "));
}

TEST_F(HttpTest, ThePageLearnsWhatIsAcceptedAndSaysWhatMayRun) {
  const auto answer = exchange("GET /accept HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n\r\n");
  EXPECT_TRUE(answer.ends_with("\r\n\r\ntext/html"));
  EXPECT_TRUE(has(answer, "Content-Security-Policy: default-src 'none'\r\n"));
  EXPECT_FALSE(has(exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "Content-Security-Policy"));
}

TEST_F(HttpTest, NoBrowserIsToGuessOrToKeep) {
  const auto answer = exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(has(answer, "X-Content-Type-Options: nosniff\r\n"));
  EXPECT_TRUE(has(answer, "Cache-Control: no-store\r\n"));
}

TEST_F(HttpTest, TheOldestConnectionMakesRoom) {
  std::vector<tcp::socket> idle;
  for (int i = 0; i < 32; ++i) {
    idle.push_back(connected());
  }
  EXPECT_TRUE(begins(exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(rest(idle[0]), "");
  asio::write(idle[1], asio::buffer(std::string("GET / HTTP/1.1\r\nHost: a\r\n\r\n")));
  EXPECT_TRUE(begins(rest(idle[1]), "HTTP/1.1 200 OK\r\n"));
}

TEST_F(HttpTest, WhoOpensManyConnectionsDisplacesHisOwn) {
  const auto from = [this](const char* address) {
    tcp::socket socket(io_);
    socket.open(tcp::v4());
    socket.bind({asio::ip::make_address(address), 0});
    socket.connect({asio::ip::address_v4::loopback(), server_.port()});
    return socket;
  };
  auto modest = from("127.0.0.2");  // the oldest of all
  std::vector<tcp::socket> crowd;
  for (int i = 0; i < 200; ++i) {
    crowd.push_back(from("127.0.0.3"));
  }
  EXPECT_EQ(rest(crowd[0]), "");
  asio::write(modest, asio::buffer(std::string("GET / HTTP/1.1\r\nHost: a\r\n\r\n")));
  EXPECT_TRUE(begins(rest(modest), "HTTP/1.1 200 OK\r\n"));
}

TEST_F(HttpTest, AThousandConnectionsLockNobodyOut) {
  std::vector<tcp::socket> crowd;
  for (int i = 0; i < 500; ++i) {
    crowd.push_back(connected());
    asio::write(crowd.back(), asio::buffer(std::string("GET / HT")));
  }
  EXPECT_TRUE(begins(exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP/1.1 200 OK\r\n"));
}

TEST_F(HttpTest, APlaceIsFreeAgainAfterTheAnswer) {
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(begins(exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP/1.1 200 OK\r\n")) << i;
  }
}

TEST_F(HttpTest, AHandlerThatThrowsCostsItsConnectionOnly) {
  EXPECT_EQ(exchange("GET /throw HTTP/1.1\r\nHost: a\r\n\r\n"), "");
  EXPECT_TRUE(begins(exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP/1.1 200 OK\r\n"));
}

TEST_F(HttpTest, AnAddressInUseIsNamed) {
  const auto address = "127.0.0.1:" + std::to_string(server_.port());
  try {
    const HttpServer second(loopback(server_.port()), [](const Request&) { return Page{}; }, {});
    FAIL() << "both listen on " << address;
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(std::string(error.what()),
              "metrics.listen: cannot listen on " + address + ": Address already in use");
  }
}

}  // namespace
}  // namespace haguard::supervisor
