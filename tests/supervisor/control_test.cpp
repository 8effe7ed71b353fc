// A real socket in a temporary directory; the daemon's side runs on a thread of the test.

#include "supervisor/control.h"

#include <filesystem>
#include <fstream>
#include <thread>

#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "supervisor/control_client.h"
#include "tests/supervisor/sample_status.h"

namespace haguard::supervisor {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Json = nlohmann::json;
using Unix = asio::local::stream_protocol;

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    auto pattern = (std::filesystem::temp_directory_path() / "haguard-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] std::string file(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// A daemon as far as this socket is concerned.
class Daemon {
 public:
  explicit Daemon(const std::string& path)
      : control_(std::make_unique<Control>(io_, path, publication_, commands_, nullptr)),
        thread_([this] { io_.run(); }) {}
  ~Daemon() {
    io_.stop();
    thread_.join();
  }
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

 private:
  asio::io_context io_;
  Publication publication_{sample_status()};
  Commands commands_;
  std::unique_ptr<Control> control_;
  std::thread thread_;
};

class Connection {
 public:
  explicit Connection(const std::string& path) { socket_.connect(Unix::endpoint(path)); }

  void send(const std::string& text) {
    error_code error;  // a daemon that has hung up
    asio::write(socket_, asio::buffer(text), error);
  }
  /// The next line as JSON; null when the connection has ended.
  Json receive() {
    error_code error;
    const auto length = asio::read_until(socket_, asio::dynamic_buffer(input_), '\n', error);
    const auto line = input_.substr(0, length);
    input_.erase(0, length);
    return error ? Json() : Json::parse(line);
  }

 private:
  asio::io_context io_;
  Unix::socket socket_{io_};
  std::string input_;
};

class ControlTest : public testing::Test {
 protected:
  TemporaryDirectory directory_;
  std::string path_ = directory_.file("control.sock");
};

TEST_F(ControlTest, StatusAnswersWithTheSnapshot) {
  const Daemon daemon(path_);
  Connection client(path_);
  client.send("{\"command\": \"status\"}\n");
  EXPECT_EQ(client.receive(), Json({{"ok", true}, {"status", to_json(sample_status())}}));
}

TEST_F(ControlTest, WhatIsNotUnderstoodIsRefusedAndTheConnectionGoesOn) {
  const Daemon daemon(path_);
  Connection client(path_);
  for (const char* line : {"{\"command\": \"fly\"}", "{\"command\": 3}", "{}", "[]", "\"status\"",
                           "", "{", "\xff\xfe", "{\"command\": \"status\""}) {
    client.send(std::string(line) + "\n");
    const auto answer = client.receive();
    ASSERT_TRUE(answer.is_object()) << line;
    EXPECT_EQ(answer["ok"], false) << line;
    EXPECT_FALSE(answer["error"].get<std::string>().empty()) << line;
  }
  client.send("{\"command\": \"status\"}\n");
  EXPECT_EQ(client.receive()["ok"], true);
}

TEST_F(ControlTest, LinesMayComeTogetherAndInPieces) {
  const Daemon daemon(path_);
  Connection client(path_);
  client.send("{}\n{}\n{\"comm");
  EXPECT_EQ(client.receive()["ok"], false);
  EXPECT_EQ(client.receive()["ok"], false);
  client.send("and\": \"status\"}\n");
  EXPECT_EQ(client.receive()["ok"], true);
}

TEST_F(ControlTest, ALineIsBounded) {
  const Daemon daemon(path_);
  Connection client(path_);
  client.send(std::string(64 * 1024 + 1, ' '));
  EXPECT_EQ(client.receive(), Json({{"ok", false}, {"error", "line too long"}}));
  EXPECT_TRUE(client.receive().is_null());
}

TEST_F(ControlTest, ClientsAreBounded) {
  const Daemon daemon(path_);
  std::vector<std::unique_ptr<Connection>> clients;
  for (int i = 0; i < 32; ++i) {
    clients.push_back(std::make_unique<Connection>(path_));
    clients.back()->send("{}\n");
    ASSERT_TRUE(clients.back()->receive().is_object());
  }
  EXPECT_TRUE(Connection(path_).receive().is_null());
  clients[0]->send("{}\n");
  EXPECT_TRUE(clients[0]->receive().is_object());
}

TEST_F(ControlTest, TheSocketIsForOwnerAndGroup) {
  const Daemon daemon(path_);
  struct stat status {};
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0660U);
}

TEST_F(ControlTest, TheSocketGoesWithTheDaemon) {
  { const Daemon daemon(path_); }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(ControlTest, ALeftOverSocketIsReplaced) {
  {
    asio::io_context io;
    const Unix::acceptor dead(io, Unix::endpoint(path_));
  }
  ASSERT_TRUE(std::filesystem::exists(path_));
  const Daemon daemon(path_);
  EXPECT_TRUE(std::holds_alternative<Json>(ask_daemon(path_, {{"command", "status"}})));
}

TEST_F(ControlTest, ALivingDaemonIsNotReplaced) {
  const Daemon daemon(path_);
  asio::io_context io;
  const Publication publication{Status{}};
  Commands commands;
  try {
    const Control second(io, path_, publication, commands, nullptr);
    FAIL() << "two daemons on one socket";
  } catch (const std::runtime_error& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("already running")) << error.what();
  }
  EXPECT_TRUE(std::holds_alternative<Json>(ask_daemon(path_, {{"command", "status"}})));
}

TEST_F(ControlTest, AFileThatIsNoSocketIsLeftAlone) {
  std::ofstream(path_) << "precious";
  asio::io_context io;
  const Publication publication{Status{}};
  Commands commands;
  EXPECT_THROW(Control(io, path_, publication, commands, nullptr), std::runtime_error);
  EXPECT_EQ(std::filesystem::file_size(path_), 8U);
}

TEST_F(ControlTest, AMissingDirectoryIsNamed) {
  asio::io_context io;
  const Publication publication{Status{}};
  Commands commands;
  try {
    const Control control(io, directory_.file("no/control.sock"), publication, commands, nullptr);
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("no/control.sock: No such file"), std::string::npos);
  }
}

TEST_F(ControlTest, TheClientTellsThatNobodyIsThere) {
  const auto missing = ask_daemon(path_, {{"command", "status"}});
  EXPECT_TRUE(std::get<ControlFailure>(missing).not_running);
  {
    asio::io_context io;
    const Unix::acceptor dead(io, Unix::endpoint(path_));
  }
  const auto refused = ask_daemon(path_, {{"command", "status"}});
  EXPECT_TRUE(std::get<ControlFailure>(refused).not_running);
}

TEST_F(ControlTest, TheClientTellsWhyItWasRefused) {
  const Daemon daemon(path_);
  const auto answer = ask_daemon(path_, {{"command", "fly"}});
  EXPECT_EQ(std::get<Json>(answer), Json({{"ok", false}, {"error", "unknown command"}}));
}

TEST_F(ControlTest, TheClientTakesNoNonsense) {
  asio::io_context io;
  Unix::acceptor stranger(io, Unix::endpoint(path_));
  std::thread thread([&] {
    auto socket = stranger.accept();
    asio::write(socket, asio::buffer(std::string("220 mail ready\n")));
  });
  const auto answer = ask_daemon(path_, {{"command", "status"}});
  thread.join();
  EXPECT_FALSE(std::get<ControlFailure>(answer).not_running);
}

}  // namespace
}  // namespace haguard::supervisor
