#pragma once
// The parts of the status page, and the words they share. Each part is a whole element.

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace haguard::supervisor {

/// Any bytes as the text of an element or a quoted attribute.
[[nodiscard]] std::string html(std::string_view text);
/// The string under that key, as html().
[[nodiscard]] std::string html(const nlohmann::json& object, const char* key);

/// How a state looks: its class (good, bad, warn, calm), a sign and a word, so that the colour says
/// nothing alone.
struct Look {
  const char* tone;
  const char* sign;
  std::string word;
};
/// <span class="badge good">● ACTIVE</span>
[[nodiscard]] std::string badge(const Look& look);
[[nodiscard]] Look router_look(const nlohmann::json& instance, const nlohmann::json& status);
[[nodiscard]] Look check_look(const std::string& verdict);

/// "since 12:03:01 (3.0 s)", of a time in the form of to_iso8601().
[[nodiscard]] std::string since(const std::string& then, const nlohmann::json& status);
/// How long ago it was: "3.0 s"; "some time" when that cannot be told.
[[nodiscard]] std::string age(const std::string& then, const nlohmann::json& status);
/// <time>12:03:01</time>, with the date when it is not today's.
[[nodiscard]] std::string moment(const std::string& then, const nlohmann::json& status);

[[nodiscard]] std::string routers_part(const nlohmann::json& status);
[[nodiscard]] std::string checks_part(const nlohmann::json& status);
[[nodiscard]] std::string haproxy_part(const nlohmann::json& status);
[[nodiscard]] std::string peers_part(const nlohmann::json& status);
/// `status` tells what day it is.
[[nodiscard]] std::string events_part(const nlohmann::json& events, const nlohmann::json& status);

}  // namespace haguard::supervisor
