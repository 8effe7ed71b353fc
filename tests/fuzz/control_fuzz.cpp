// One line on the control socket, byte by byte hostile: it gets exactly one answer, which is one
// line of JSON, or is a request that is under way.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <variant>

#include <nlohmann/json.hpp>

#include "supervisor/control_protocol.h"

namespace {

using namespace haguard::supervisor;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void check_reply(const nlohmann::json& reply) {
  require(reply.at("ok").is_boolean());
  require(reply.at("ok") == true || !reply.at("error").get<std::string>().empty());
  const auto line = to_line(reply);
  require(std::ranges::count(line, '\n') == 1 && line.back() == '\n');
  require(!nlohmann::json::parse(line, nullptr, false).is_discarded());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Publication publication{Status{}};
  Journal journal{WallTime{}};
  journal.add({haguard::conf::LogLevel::Info, std::string(data, data + size)}, WallTime{});
  Commands commands;
  int under_way = 0;
  commands.connect([&](const haguard::supervisor::Event& /*request*/) { ++under_way; },
                   [&](haguard::supervisor::RequestId /*request*/) { ++under_way; });
  int replies = 0;
  ControlAnswers answers;
  answers.reply = [&](const nlohmann::json& reply) {
    ++replies;
    check_reply(reply);
  };
  answers.follow = [&](std::uint64_t last) { return last % 2 == 0; };
  answers.may_change = [&](const std::string& /*command*/) { return size % 2 == 0; };
  answer(std::string(data, data + size), {publication, commands, journal}, answers);
  require(replies + under_way == 1);
  return 0;
}
