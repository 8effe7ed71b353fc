#include "supervisor/control_protocol.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

namespace haguard::supervisor {
namespace {

using Json = nlohmann::json;

/// Takes an absent key for `absent`; nothing for what is no whole number.
std::optional<std::uint64_t> number(const Json& request, const char* key, std::uint64_t absent) {
  const auto value = request.find(key);
  if (value == request.end() || value->is_null()) {
    return absent;
  }
  return value->is_number_unsigned() ? std::optional(value->get<std::uint64_t>()) : std::nullopt;
}

/// Nothing when it is malformed.
std::optional<EventsQuestion> parse_events(const Json& request) {
  const auto since = number(request, "since", 0);
  const auto limit = number(request, "limit", Journal::kCapacity);
  const auto follow = request.find("follow");
  const bool named = request.contains("since") && !request.at("since").is_null();
  if (!since || !limit || (follow != request.end() && !follow->is_boolean())) {
    return std::nullopt;
  }
  EventsQuestion question;
  question.since = named ? since : std::nullopt;
  question.limit = std::min<std::uint64_t>(*limit, Journal::kCapacity);
  question.follow = follow != request.end() && follow->get<bool>();
  return question;
}

Json events(const EventsQuestion& question, const Journal& journal) {
  const auto entries = question.since ? journal.after(*question.since, question.limit)
                                      : journal.latest(question.limit);
  auto json = to_json(entries, journal.last());
  json["ok"] = true;
  return json;
}

void answer_events(const Json& request, const ControlSources& sources,
                   const ControlAnswers& answers) {
  const auto question = parse_events(request);
  if (!question) {
    return answers.reply(
        refusal("\"since\" and \"limit\" are whole numbers, \"follow\" is true or false"));
  }
  const auto json = events(*question, sources.journal);
  if (question->follow && !answers.follow(json.at("last").get<std::uint64_t>())) {
    return answers.reply(refusal("too many follow the events"));
  }
  answers.reply(json);
}

}  // namespace

void answer(const std::string& line, const ControlSources& sources, ControlAnswers answers) {
  const auto request = Json::parse(line, nullptr, false);
  if (!request.is_object()) {
    return answers.reply(refusal("not a JSON object"));
  }
  const auto command = request.find("command");
  if (command == request.end() || !command->is_string()) {
    return answers.reply(refusal("\"command\" is missing"));
  }
  if (*command == "status") {
    return answers.reply({{"ok", true}, {"status", to_json(*sources.publication.current())}});
  }
  if (*command == "events") {
    return answer_events(request, sources, answers);
  }
  // Whatever is no question known here changes something, until somebody has thought about it.
  if (!answers.may_change(*command)) {
    return answers.reply(refusal(
        "not allowed: only root, the daemon's user and members of the group haguard-admin may "
        "change something"));
  }
  sources.commands.run(request, std::move(answers.reply));
}

std::string to_line(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace haguard::supervisor
