#include "supervisor/mode.h"

#include <algorithm>
#include <array>
#include <exception>

#include <nlohmann/json.hpp>

namespace haguard::supervisor {
namespace {

constexpr std::array kModes{Mode::Normal, Mode::Draining, Mode::Drained};

}  // namespace

std::string_view to_string(Mode mode) {
  switch (mode) {
    case Mode::Normal:
      break;
    case Mode::Draining:
      return "draining";
    case Mode::Drained:
      return "drained";
  }
  return "normal";
}

std::string to_text(const ModeRecord& record) {
  return nlohmann::json{{"mode", to_string(record.mode)}, {"since_ms", record.since_ms}}.dump() +
         "\n";
}

std::optional<ModeRecord> parse_mode(std::string_view text) {
  try {
    const auto json = nlohmann::json::parse(text);
    const auto name = json.at("mode").get<std::string>();
    const auto mode = std::ranges::find(kModes, name, [](Mode each) { return to_string(each); });
    if (mode == kModes.end()) {
      return std::nullopt;
    }
    return ModeRecord{*mode, json.at("since_ms").get<std::int64_t>()};
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace haguard::supervisor
