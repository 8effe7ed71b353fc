#include "proxy-bridge/cli.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

namespace haguard::proxy {
namespace {

using namespace std::chrono_literals;
using Stream = boost::asio::local::stream_protocol;

/// The test plays HAProxy, one blocking step at a time.
class CliTest : public testing::Test {
 protected:
  void SetUp() override {
    directory = (std::filesystem::temp_directory_path() / "haguard-XXXXXX").string();
    ASSERT_NE(::mkdtemp(directory.data()), nullptr);
    settings.admin_socket = directory + "/admin";
    settings.master_socket = directory + "/master";
    admin.emplace(io, Stream::endpoint(settings.admin_socket));
    cli.emplace(io, settings, [this](Event event) { events.push_back(std::move(event)); });
  }

  void TearDown() override { std::filesystem::remove_all(directory); }

  void turn() {
    io.restart();
    io.run_for(20ms);
  }

  std::string read(Stream::socket& peer) {
    turn();
    std::string bytes(4096, '\0');
    peer.non_blocking(true);
    boost::system::error_code error;
    bytes.resize(peer.read_some(boost::asio::buffer(bytes), error));
    return error == boost::asio::error::eof ? "EOF" : bytes;
  }

  void write(Stream::socket& peer, const std::string& text) {
    peer.non_blocking(false);
    boost::asio::write(peer, boost::asio::buffer(text));
    turn();
  }

  /// A held connection that has been greeted, with `command` outstanding.
  Stream::socket held(const std::string& command) {
    cli->ask(Line::Held, command);
    Stream::socket peer = admin->accept();
    EXPECT_EQ(read(peer), "prompt\n");
    write(peer, "\n> ");
    return peer;
  }

  [[nodiscard]] std::string answer() {
    if (events.size() != 1 || !std::holds_alternative<Answered>(events[0])) {
      return "no answer";
    }
    return std::get<Answered>(std::exchange(events, {})[0]).text;
  }

  [[nodiscard]] std::optional<Failure> failure() {
    if (events.size() != 1 || !std::holds_alternative<Failed>(events[0])) {
      return std::nullopt;
    }
    return std::get<Failed>(std::exchange(events, {})[0]).failure;
  }

  std::string directory;
  conf::Haproxy settings;
  boost::asio::io_context io;
  std::optional<Stream::acceptor> admin;
  std::optional<Cli> cli;
  std::vector<Event> events;
};

TEST_F(CliTest, AsksTheCommandsOneByOneAndJoinsTheReplies) {
  Stream::socket peer = held("show info;show stat -1 1 -1");
  EXPECT_EQ(read(peer), "show info\n");
  write(peer, "Pid: 1\n\n> ");
  EXPECT_EQ(read(peer), "show stat -1 1 -1\n");
  write(peer, "# pxname\nfe\n\n> ");
  EXPECT_EQ(answer(), "Pid: 1\n\n# pxname\nfe\n\n");
}

TEST_F(CliTest, AsksAgainOnTheHeldConnection) {
  Stream::socket peer = held("show info");
  EXPECT_EQ(read(peer), "show info\n");
  write(peer, "Pid: 1\n\n> ");
  EXPECT_EQ(answer(), "Pid: 1\n\n");
  cli->ask(Line::Held, "show info");
  EXPECT_EQ(read(peer), "show info\n");
  write(peer, "Pid: 1\n\n> ");
  EXPECT_EQ(answer(), "Pid: 1\n\n");
}

TEST_F(CliTest, AReplyMayArriveByteByByte) {
  Stream::socket peer = held("show info");
  EXPECT_EQ(read(peer), "show info\n");
  for (const char byte : std::string("Pid: 1\n\n> ")) {
    EXPECT_TRUE(events.empty());
    write(peer, std::string(1, byte));
  }
  EXPECT_EQ(answer(), "Pid: 1\n\n");
}

TEST_F(CliTest, TellsTheEndOfTheHeldConnectionWhileItIsIdle) {
  Stream::socket peer = held("show info");
  write(peer, "Pid: 1\n\n> ");
  EXPECT_EQ(answer(), "Pid: 1\n\n");
  peer.close();
  turn();
  EXPECT_EQ(failure(), Failure::Closed);
  cli->ask(Line::Held, "show info");
  Stream::socket next = admin->accept();
  EXPECT_EQ(read(next), "prompt\n");
}

TEST_F(CliTest, AnUnaskedReplyEndsTheHeldConnection) {
  Stream::socket peer = held("show info");
  write(peer, "Pid: 1\n\n> ");
  EXPECT_EQ(answer(), "Pid: 1\n\n");
  write(peer, "Pid: 2\n\n> ");
  EXPECT_EQ(failure(), Failure::Closed);
}

TEST_F(CliTest, AFloodEndsTheConnection) {
  Stream::socket peer = held("show info");
  const std::string megabyte(1024 * 1024, 'x');
  peer.non_blocking(true);
  boost::system::error_code error;
  for (int i = 0; i < 1000 && events.empty(); ++i) {
    peer.write_some(boost::asio::buffer(megabyte), error);
    io.restart();
    io.run_for(1ms);
  }
  EXPECT_EQ(failure(), Failure::Closed);
}

TEST_F(CliTest, AskingWhileAQuestionIsOutstandingAsksAnew) {
  Stream::socket peer = held("show info");
  cli->ask(Line::Held, "show info");
  Stream::socket next = admin->accept();
  EXPECT_EQ(read(next), "prompt\n");
  EXPECT_EQ(read(peer), "show info\n");
  EXPECT_EQ(read(peer), "EOF");
  EXPECT_TRUE(events.empty());
}

TEST_F(CliTest, AWitnessReadsToTheEnd) {
  cli->ask(Line::Witness, "show info");
  Stream::socket peer = admin->accept();
  EXPECT_EQ(read(peer), "show info\n");
  write(peer, "Pid: 1\n");
  write(peer, "\n");
  EXPECT_TRUE(events.empty());
  peer.close();
  turn();
  EXPECT_EQ(answer(), "Pid: 1\n\n");
}

TEST_F(CliTest, TheMasterGetsItsCommandsInOneLine) {
  Stream::acceptor master(io, Stream::endpoint(settings.master_socket));
  cli->ask(Line::Master, "show proc;quit");
  Stream::socket peer = master.accept();
  EXPECT_EQ(read(peer), "show proc;quit\n");
  peer.close();  // as in a reload: not a word
  turn();
  EXPECT_EQ(failure(), Failure::Closed);
}

TEST_F(CliTest, TellsWhyThereIsNoConnection) {
  cli->ask(Line::Master, "show proc;quit");
  EXPECT_TRUE(events.empty()) << "never from within ask()";
  turn();
  EXPECT_EQ(failure(), Failure::Missing);
  admin.reset();  // the file stays behind
  cli->ask(Line::Held, "show info");
  turn();
  EXPECT_EQ(failure(), Failure::Refused);
}

TEST_F(CliTest, APathThatNoSocketCanHaveIsMissing) {
  settings.admin_socket = "/" + std::string(200, 'x');
  Cli other(io, settings, [this](Event event) { events.push_back(std::move(event)); });
  other.ask(Line::Held, "show info");
  turn();
  EXPECT_EQ(failure(), Failure::Missing);
}

TEST_F(CliTest, SaysNothingAfterHangingUp) {
  Stream::socket peer = held("show info");
  cli->ask(Line::Master, "show proc;quit");
  cli->hang_up(Line::Held);
  cli->hang_up(Line::Master);
  cli->hang_up(Line::Witness);
  turn();
  EXPECT_TRUE(events.empty());
}

TEST_F(CliTest, MayBeDestroyedWithQuestionsOutstanding) {
  Stream::socket peer = held("show info");
  cli->ask(Line::Witness, "show info");
  cli->ask(Line::Master, "show proc;quit");
  cli.reset();
  turn();
  EXPECT_TRUE(events.empty());
}

}  // namespace
}  // namespace haguard::proxy
