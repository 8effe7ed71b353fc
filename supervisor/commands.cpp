#include "supervisor/commands.h"

#include <limits>
#include <utility>

#include <nlohmann/json.hpp>

#include "supervisor/reload_status.h"

namespace haguard::supervisor {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostWaiting = 64;
constexpr std::int64_t kLongestTimeout = 24LL * 3600 * 1000;

/// Nothing when it is there and no whole number in that range; an inner nothing when it is absent.
std::optional<std::optional<std::int64_t>> whole_number(const Json& request, const char* key,
                                                        std::int64_t most) {
  const auto value = request.find(key);
  if (value == request.end() || value->is_null()) {
    return std::optional<std::int64_t>();
  }
  if (!value->is_number_integer() || *value < 0 || *value > most) {
    return std::nullopt;
  }
  return value->get<std::int64_t>();
}

/// Empty when it is absent or no text.
std::string text(const Json& request, const char* key) {
  const auto value = request.find(key);
  return value != request.end() && value->is_string() ? value->get<std::string>() : std::string();
}

/// An absent flag is false.
bool flag(const Json& request, const char* key) {
  const auto value = request.find(key);
  return value != request.end() && value->is_boolean() && value->get<bool>();
}

Json answer(const RequestDone& done) {
  Json json{{"ok", done.ok}, {"detail", done.detail}, {"steps", json_of(done.steps)}};
  if (!done.ok) {
    json["error"] = done.detail;
  }
  if (!done.lines.empty()) {
    json["lines"] = done.lines;
  }
  return json;
}

}  // namespace

Json refusal(std::string error) {
  return {{"ok", false}, {"error", std::move(error)}};
}

void Commands::run(const Json& request, Reply reply) {
  const std::string command = request.at("command");
  const RequestId id = last_ + 1;
  if (command == "drain") {
    const auto timeout = whole_number(request, "timeout_ms", kLongestTimeout);
    if (!timeout) {
      return reply(refusal("\"timeout_ms\" is no number of milliseconds up to 24 hours"));
    }
    DrainRequested drain{id, std::nullopt, flag(request, "force")};
    if (*timeout) {
      drain.timeout = std::chrono::milliseconds(**timeout);
    }
    ask(drain, std::move(reply));
  } else if (command == "stay") {
    ask(StayRequested{id, text(request, "config")}, std::move(reply));
  } else if (command == "undrain") {
    ask(UndrainRequested{id}, std::move(reply));
  } else if (command == "reload") {
    if (const auto admitted = admit(reply)) {
      on_reload_(*admitted);
    }
  } else if (command == "proxy-reload") {
    ask(ReloadRequested{id}, std::move(reply));
  } else if (command == "proxy-rollback") {
    const auto wanted = whole_number(request, "generation", std::numeric_limits<unsigned>::max());
    if (!wanted) {
      return reply(refusal("\"generation\" is no number of a generation"));
    }
    RollbackRequested rollback{id, std::nullopt};
    if (*wanted) {
      rollback.generation = static_cast<unsigned>(**wanted);
    }
    ask(rollback, std::move(reply));
  } else {
    reply(refusal("unknown command"));
  }
}

void Commands::ask(const Event& event, Reply reply) {
  if (admit(reply)) {
    on_event_(event);
  }
}

std::optional<RequestId> Commands::admit(Reply& reply) {
  if (!on_event_ || waiting_.size() >= kMostWaiting) {
    reply(refusal("too many requests are under way"));
    return std::nullopt;
  }
  waiting_.emplace(++last_, std::move(reply));
  return last_;
}

void Commands::tell(const RequestDone& done) {
  if (auto waiting = waiting_.extract(done.request)) {
    waiting.mapped()(answer(done));
  }
}

}  // namespace haguard::supervisor
