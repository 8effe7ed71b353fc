#include "proxy-bridge/round.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace haguard::proxy {
namespace {

/// Takes the first reply off the front of `rest`: each ends with an empty line and has none inside.
std::string_view next_reply(std::string_view& rest) {
  const std::size_t end = rest.find("\n\n");
  if (end == std::string_view::npos) {
    return {};
  }
  const std::string_view reply = rest.substr(0, end + 1);
  rest.remove_prefix(end + 2);
  return reply;
}

bool append_rows(std::string_view reply, std::vector<ProxyRow>& rows) {
  std::optional<std::vector<ProxyRow>> found = parse_stat(reply);
  if (!found) {
    return false;
  }
  std::ranges::move(*found, std::back_inserter(rows));
  return true;
}

}  // namespace

RoundQuestion::RoundQuestion(const std::set<std::string>& backends)
    : command_("show info;show stat -1 1 -1"), backends_(backends.size()) {
  for (const std::string& name : backends) {
    command_ += ";show stat " + name + " 2 -1";
  }
}

std::optional<Round> RoundQuestion::parse(std::string_view answer) const {
  const std::optional<Info> info = parse_info(next_reply(answer));
  Round round;
  if (!info || !append_rows(next_reply(answer), round.proxies)) {
    return std::nullopt;
  }
  round.info = *info;
  for (std::size_t i = 0; i < backends_; ++i) {
    const std::string_view reply = next_reply(answer);
    if (!reply.starts_with("No such proxy") && !append_rows(reply, round.proxies)) {
      return std::nullopt;
    }
  }
  return answer.empty() ? std::optional(std::move(round)) : std::nullopt;
}

}  // namespace haguard::proxy
