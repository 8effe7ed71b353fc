#include "proxy-bridge/reply.h"

#include <algorithm>

#include "proxy-bridge/check_output.h"

namespace haguard::proxy {
namespace {

constexpr std::string_view kBusy = "Another reload is still in progress";
constexpr std::string_view kDenied = "Permission denied";

std::string_view next_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace

bool is_refusal(std::string_view text) {
  return text.find(kBusy) != std::string_view::npos || text.starts_with(kDenied);
}

ReloadReply parse_reload_reply(std::string_view text) {
  if (text.find(kBusy) != std::string_view::npos) {
    return {ReloadReply::Kind::Busy, {}};
  }
  if (text.starts_with(kDenied)) {
    return {ReloadReply::Kind::Denied, {}};
  }
  std::string_view rest = text;
  if (next_line(rest) != "Success=0") {
    return {};
  }
  std::string alerts = alerts_of(rest);
  return {ReloadReply::Kind::Failed,
          alerts.empty() ? "HAProxy did not take the configuration" : std::move(alerts)};
}

}  // namespace haguard::proxy
