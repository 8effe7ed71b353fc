// A real socket in a temporary directory; the daemon's side runs on a thread of the test.

#include "supervisor/control.h"

#include <filesystem>
#include <fstream>
#include <thread>

#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
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

const ControlAccess::Say kSilent = [](MessageId /*id*/, const std::string& /*message*/) {};

/// For a socket that nobody gets to ask.
struct Sources {
  Publication publication{Status{}};
  Commands commands;
  Journal journal{noon_plus(0)};
  ControlSources all{publication, commands, journal};
};

/// A daemon as far as this socket is concerned.
class Daemon {
 public:
  explicit Daemon(const std::string& path)
      : control_(std::make_unique<Control>(
            io_, path, ControlSources{publication_, commands_, journal_}, kSilent)),
        thread_([this] { io_.run(); }) {}
  ~Daemon() {
    io_.stop();
    thread_.join();
  }
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  /// Something happens, on the thread on which everything happens.
  void happen(const std::string& text) {
    asio::post(io_, [this, text] { journal_.add({conf::LogLevel::Info, text}, noon_plus(1)); });
  }

 private:
  asio::io_context io_;
  Publication publication_{sample_status()};
  Commands commands_;
  Journal journal_{noon_plus(0)};
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

/// As many clients as there are places, each of which has had an answer.
std::vector<std::unique_ptr<Connection>> full_house(const std::string& path) {
  std::vector<std::unique_ptr<Connection>> clients;
  for (int i = 0; i < 32; ++i) {
    clients.push_back(std::make_unique<Connection>(path));
    clients.back()->send("{}\n");
    EXPECT_TRUE(clients.back()->receive().is_object());
  }
  return clients;
}

TEST_F(ControlTest, WhoHasBeenSilentTheLongestMakesRoom) {
  const Daemon daemon(path_);
  const auto clients = full_house(path_);
  clients[0]->send("{}\n");  // now the second is the one
  ASSERT_TRUE(clients[0]->receive().is_object());
  Connection newcomer(path_);
  newcomer.send("{\"command\": \"status\"}\n");
  EXPECT_EQ(newcomer.receive()["ok"], true);
  EXPECT_TRUE(clients[1]->receive().is_null());
  clients[0]->send("{}\n");
  EXPECT_TRUE(clients[0]->receive().is_object());
}

TEST_F(ControlTest, AThousandConnectionsLockNobodyOut) {
  const Daemon daemon(path_);
  std::vector<std::unique_ptr<Connection>> crowd;
  for (int i = 0; i < 500; ++i) {
    crowd.push_back(std::make_unique<Connection>(path_));
    crowd.back()->send("{\"command\"");  // and never the rest
  }
  EXPECT_TRUE(std::holds_alternative<Json>(ask_daemon(path_, {{"command", "status"}})));
}

TEST_F(ControlTest, EventsAreAnsweredWithTheLastOnesOrWithThoseAfterANumber) {
  Daemon daemon(path_);
  daemon.happen("one");
  daemon.happen("two");
  daemon.happen("three");
  Connection client(path_);
  client.send("{\"command\": \"events\", \"limit\": 2}\n");
  const auto last = client.receive();
  ASSERT_EQ(last["ok"], true);
  ASSERT_EQ(last["events"].size(), 2U);
  EXPECT_EQ(last["events"][0]["text"], "two");
  EXPECT_EQ(last["events"][1], Json({{"sequence", last["last"]},
                                     {"time", "2026-01-01T12:00:01.000Z"},
                                     {"level", "info"},
                                     {"event", ""},
                                     {"text", "three"}}));
  client.send(Json({{"command", "events"}, {"since", last["events"][0]["sequence"]}}).dump() +
              "\n");
  const auto after = client.receive();
  ASSERT_EQ(after["events"].size(), 1U);
  EXPECT_EQ(after["events"][0]["text"], "three");
}

TEST_F(ControlTest, WhoAsksForEventsInAnotherWayIsRefused) {
  const Daemon daemon(path_);
  Connection client(path_);
  for (const char* what :
       {"\"since\": -1", "\"since\": \"x\"", "\"limit\": 1.5", "\"follow\": 1"}) {
    client.send(std::string("{\"command\": \"events\", ") + what + "}\n");
    EXPECT_EQ(client.receive()["ok"], false) << what;
  }
}

TEST_F(ControlTest, WhoFollowsIsToldWhatHappensInOrder) {
  Daemon daemon(path_);
  daemon.happen("before");
  Connection client(path_);
  client.send("{\"command\": \"events\", \"follow\": true}\n");
  EXPECT_EQ(client.receive()["events"][0]["text"], "before");
  for (int i = 0; i < 300; ++i) {
    daemon.happen(std::to_string(i));
  }
  for (int i = 0; i < 300; ++i) {
    ASSERT_EQ(client.receive()["text"], std::to_string(i));
  }
}

TEST_F(ControlTest, WhoFollowsAndDoesNotReadIsDropped) {
  Daemon daemon(path_);
  Connection client(path_);
  client.send("{\"command\": \"events\", \"follow\": true}\n");
  ASSERT_EQ(client.receive()["ok"], true);
  // What the kernel takes for him (net.core.wmem_default, some 200 kB) is less than this, and the
  // journal forgets more than it keeps meanwhile.
  for (int i = 0; i < 5000; ++i) {
    daemon.happen(std::string(Journal::kMaxText, 'x'));
  }
  int received = 0;
  while (!client.receive().is_null()) {
    ++received;
  }
  EXPECT_LT(received, 5000);
}

TEST_F(ControlTest, FollowersAreBoundedAndGiveTheirPlaceBack) {
  const Daemon daemon(path_);
  const std::string follow = "{\"command\": \"events\", \"follow\": true}\n";
  std::vector<std::unique_ptr<Connection>> followers;
  for (int i = 0; i < 8; ++i) {
    followers.push_back(std::make_unique<Connection>(path_));
    followers.back()->send(follow);
    ASSERT_EQ(followers.back()->receive()["ok"], true);
  }
  Connection ninth(path_);
  ninth.send(follow);
  EXPECT_EQ(ninth.receive(), Json({{"ok", false}, {"error", "too many follow the events"}}));
  followers[3]->send("\n");  // has nothing more to say: that ends it
  ASSERT_TRUE(followers[3]->receive().is_null());
  ninth.send(follow);
  EXPECT_EQ(ninth.receive()["ok"], true);
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
  Sources sources;
  try {
    const Control second(io, path_, sources.all, kSilent);
    FAIL() << "two daemons on one socket";
  } catch (const std::runtime_error& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("already running")) << error.what();
  }
  EXPECT_TRUE(std::holds_alternative<Json>(ask_daemon(path_, {{"command", "status"}})));
}

TEST_F(ControlTest, AFileThatIsNoSocketIsLeftAlone) {
  std::ofstream(path_) << "precious";
  asio::io_context io;
  Sources sources;
  EXPECT_THROW(Control(io, path_, sources.all, kSilent), std::runtime_error);
  EXPECT_EQ(std::filesystem::file_size(path_), 8U);
}

TEST_F(ControlTest, AMissingDirectoryIsNamed) {
  asio::io_context io;
  Sources sources;
  try {
    const Control control(io, directory_.file("no/control.sock"), sources.all, kSilent);
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
