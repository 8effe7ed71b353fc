#include "proxy-bridge/cli.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <tuple>
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
    directory_ = (std::filesystem::temp_directory_path() / "haguard-XXXXXX").string();
    ASSERT_NE(::mkdtemp(directory_.data()), nullptr);
    settings_.admin_socket = directory_ + "/admin";
    settings_.master_socket = directory_ + "/master";
    admin_.emplace(io_, Stream::endpoint(settings_.admin_socket));
    cli_.emplace(io_, settings_, [this](Event event) { events_.push_back(std::move(event)); });
  }

  void TearDown() override { std::filesystem::remove_all(directory_); }

  void turn() {
    io_.restart();
    io_.run_for(20ms);
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
    cli_->ask(Line::Held, command);
    Stream::socket peer = admin_->accept();
    EXPECT_EQ(read(peer), "prompt\n");
    write(peer, "\n> ");
    return peer;
  }

  [[nodiscard]] std::string answer() {
    if (events_.size() != 1 || !std::holds_alternative<Answered>(events_[0])) {
      return "no answer";
    }
    return std::get<Answered>(std::exchange(events_, {})[0]).text;
  }

  [[nodiscard]] std::optional<Failure> failure() {
    if (events_.size() != 1 || !std::holds_alternative<Failed>(events_[0])) {
      return std::nullopt;
    }
    return std::get<Failed>(std::exchange(events_, {})[0]).failure;
  }

  std::string directory_;
  conf::Haproxy settings_;
  boost::asio::io_context io_;
  std::optional<Stream::acceptor> admin_;
  std::optional<Cli> cli_;
  std::vector<Event> events_;
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
  cli_->ask(Line::Held, "show info");
  EXPECT_EQ(read(peer), "show info\n");
  write(peer, "Pid: 1\n\n> ");
  EXPECT_EQ(answer(), "Pid: 1\n\n");
}

TEST_F(CliTest, AReplyMayArriveByteByByte) {
  Stream::socket peer = held("show info");
  EXPECT_EQ(read(peer), "show info\n");
  for (const char byte : std::string("Pid: 1\n\n> ")) {
    EXPECT_TRUE(events_.empty());
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
  cli_->ask(Line::Held, "show info");
  Stream::socket next = admin_->accept();
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
  const std::string megabyte(1'048'576, 'x');
  peer.non_blocking(true);
  boost::system::error_code error;
  for (int i = 0; i < 1000 && events_.empty(); ++i) {
    peer.write_some(boost::asio::buffer(megabyte), error);
    io_.restart();
    io_.run_for(1ms);
  }
  EXPECT_EQ(failure(), Failure::Closed);
}

TEST_F(CliTest, AskingWhileAQuestionIsOutstandingAsksAnew) {
  Stream::socket peer = held("show info");
  cli_->ask(Line::Held, "show info");
  Stream::socket next = admin_->accept();
  EXPECT_EQ(read(next), "prompt\n");
  EXPECT_EQ(read(peer), "show info\n");
  EXPECT_EQ(read(peer), "EOF");
  EXPECT_TRUE(events_.empty());
}

TEST_F(CliTest, AWitnessReadsToTheEnd) {
  cli_->ask(Line::Witness, "show info");
  Stream::socket peer = admin_->accept();
  EXPECT_EQ(read(peer), "show info\n");
  write(peer, "Pid: 1\n");
  write(peer, "\n");
  EXPECT_TRUE(events_.empty());
  peer.close();
  turn();
  EXPECT_EQ(answer(), "Pid: 1\n\n");
}

TEST_F(CliTest, TheMasterGetsItsCommandsInOneLine) {
  Stream::acceptor master(io_, Stream::endpoint(settings_.master_socket));
  cli_->ask(Line::Master, "show proc;quit");
  Stream::socket peer = master.accept();
  EXPECT_EQ(read(peer), "show proc;quit\n");
  peer.close();  // as in a reload: not a word
  turn();
  EXPECT_EQ(failure(), Failure::Closed);
}

TEST_F(CliTest, TellsWhyThereIsNoConnection) {
  cli_->ask(Line::Master, "show proc;quit");
  EXPECT_TRUE(events_.empty()) << "never from within ask()";
  turn();
  EXPECT_EQ(failure(), Failure::Missing);
  admin_.reset();  // the file stays behind
  cli_->ask(Line::Held, "show info");
  turn();
  EXPECT_EQ(failure(), Failure::Refused);
}

TEST_F(CliTest, APathThatNoSocketCanHaveIsMissing) {
  settings_.admin_socket = "/" + std::string(200, 'x');
  Cli other(io_, settings_, [this](Event event) { events_.push_back(std::move(event)); });
  other.ask(Line::Held, "show info");
  turn();
  EXPECT_EQ(failure(), Failure::Missing);
}

// connect(2): a socket that is bound is of the wrong type for the question, one that is not refuses
TEST_F(CliTest, TellsWhenNobodyListensAnyMoreWithoutConnecting) {
  admin_->non_blocking(true);
  cli_->ask(Line::Door, "");
  turn();
  EXPECT_TRUE(events_.empty());
  boost::system::error_code error;
  std::ignore = admin_->accept(error);
  EXPECT_EQ(error, boost::asio::error::would_block) << "the one who listens notices nothing";
  admin_.reset();
  cli_->ask(Line::Door, "");
  EXPECT_EQ(failure(), Failure::Refused);
}

TEST_F(CliTest, ADoorThatIsNotThereIsNotClosed) {
  std::filesystem::remove(settings_.admin_socket);
  cli_->ask(Line::Door, "");
  settings_.admin_socket = "/" + std::string(200, 'x');
  Cli other(io_, settings_, [this](Event event) { events_.push_back(std::move(event)); });
  other.ask(Line::Door, "");
  turn();
  EXPECT_TRUE(events_.empty());
}

TEST_F(CliTest, SaysNothingAfterHangingUp) {
  Stream::socket peer = held("show info");
  cli_->ask(Line::Master, "show proc;quit");
  cli_->hang_up(Line::Held);
  cli_->hang_up(Line::Master);
  cli_->hang_up(Line::Witness);
  turn();
  EXPECT_TRUE(events_.empty());
}

TEST_F(CliTest, MayBeDestroyedWithQuestionsOutstanding) {
  Stream::socket peer = held("show info");
  cli_->ask(Line::Witness, "show info");
  cli_->ask(Line::Master, "show proc;quit");
  cli_.reset();
  turn();
  EXPECT_TRUE(events_.empty());
}

}  // namespace
}  // namespace haguard::proxy
