// Who may have what over the control socket. Other users are the subject of
// tests/netns/test_access.

#include "supervisor/control_access.h"

#include <array>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>

#include "supervisor/control_protocol.h"

namespace haguard::supervisor {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using Line = std::pair<MessageId, std::string>;
using Lines = std::vector<Line>;

const Asker kAdmin{1000, 4711, true};
const Asker kGuest{1001, 4712, false};
const ControlAccess::Clock::time_point kStart{1h};

struct Said {
  Lines lines;
  ControlAccess access{std::nullopt, [this](MessageId id, const std::string& text) {
                         lines.emplace_back(id, text);
                       }};
};

TEST(ControlAccess, TellsWhoHadWhatDone) {
  Said said;
  EXPECT_TRUE(said.access.grants(kAdmin, "drain", kStart));
  EXPECT_TRUE(said.access.grants(kAdmin, "undrain", kStart));
  EXPECT_EQ(
      said.lines,
      (Lines{{MessageId::CommandGiven, R"(control socket: "drain" for uid 1000 (pid 4711))"},
             {MessageId::CommandGiven, R"(control socket: "undrain" for uid 1000 (pid 4711))"}}));
}

TEST(ControlAccess, RefusalsDoNotFillTheLog) {
  Said said;
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(said.access.grants(kGuest, "drain", kStart + i * 1s));
  }
  EXPECT_FALSE(said.access.grants(kGuest, "reload", kStart + 10s));
  EXPECT_EQ(
      said.lines,
      (Lines{
          {MessageId::CommandRefused, R"(control socket: refused "drain" for uid 1001 (pid 4712))"},
          {MessageId::CommandRefused, R"(control socket: refused "reload" for uid 1001 (pid )"
                                      "4712), and 4 more since the last such line"}}));
}

TEST(ControlAccess, WhatIsAskedForIsShownWithoutHarm) {
  Said said;
  EXPECT_FALSE(said.access.grants(kGuest, "a\nb\x1b" + std::string(9999, 'x'), kStart));
  const std::string& text = said.lines.at(0).second;
  EXPECT_NE(text.find(R"("a\x0ab\x1bxxx)"), std::string::npos) << text;
  EXPECT_LT(text.size(), 300U);
}

TEST(ControlAccess, TheUserOfTheDaemonMay) {
  std::array<int, 2> ends{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  const Asker asker = Said().access.asker_at(ends[0]);
  EXPECT_EQ(asker.user, geteuid());
  EXPECT_EQ(asker.process, getpid());
  EXPECT_TRUE(asker.may_change);
  close(ends[0]);
  close(ends[1]);
}

TEST(ControlAccess, OneOfWhomNothingIsKnownMayNot) {
  EXPECT_FALSE(Said().access.asker_at(-1).may_change);
}

/// The answer to a line, when whoever asks may change something or not.
Json answer_to(const std::string& command, bool may_change) {
  const Publication publication{Status{}};
  Journal journal{WallTime{}};
  Commands commands;
  Json result;
  commands.connect([&](const Event&) { result = "under way"; },
                   [&](RequestId) { result = "under way"; });
  ControlAnswers answers;
  answers.reply = [&](const Json& reply) { result = reply; };
  answers.follow = [](std::uint64_t) { return true; };
  answers.may_change = [&](const std::string& asked) {
    EXPECT_EQ(asked, command);
    return may_change;
  };
  answer(Json({{"command", command}}).dump(), {publication, commands, journal}, answers);
  return result;
}

TEST(ControlAnswers, WhoeverGetsInMayAsk) {
  for (const char* command : {"status", "events"}) {
    EXPECT_EQ(answer_to(command, false).at("ok"), true) << command;
    EXPECT_EQ(answer_to(command, true).at("ok"), true) << command;
  }
}

TEST(ControlAnswers, ChangesAreForThoseWhoMay) {
  for (const char* command : {"drain", "undrain", "reload", "proxy-reload", "proxy-rollback"}) {
    EXPECT_EQ(answer_to(command, true), "under way") << command;
    const Json refused = answer_to(command, false);
    EXPECT_EQ(refused.at("ok"), false) << command;
    EXPECT_NE(refused.at("error").get<std::string>().find("haguard-admin"), std::string::npos);
  }
}

/// So a new one is refused until somebody has said that it changes nothing.
TEST(ControlAnswers, WhatIsNotKnownCountsAsAChange) {
  EXPECT_NE(answer_to("fly", false).at("error"), "unknown command");
  EXPECT_EQ(answer_to("fly", true).at("error"), "unknown command");
}

}  // namespace
}  // namespace haguard::supervisor
