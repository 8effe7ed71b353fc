#include "supervisor/pages.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <boost/algorithm/string/predicate.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "supervisor/page.h"
#include "supervisor/page_files.h"

namespace haguard::supervisor {
namespace {

/// On the page for people.
constexpr std::size_t kShownEvents = 30;
constexpr Duration kAlive = std::chrono::seconds(1);

constexpr unsigned kOk = 200;
constexpr unsigned kNotFound = 404;
constexpr unsigned kUnavailable = 503;

Page page(bool good, std::string body) {
  return {.status = good ? kOk : kUnavailable, .body = std::move(body)};
}

std::string title(const RouterStatus& router) {
  return fmt::format("{}/{}", router.instance, vrrp::to_string(router.family));
}

Page ready(const Status& status) {
  const std::string reasons = unready(status);
  return page(reasons.empty(), reasons.empty() ? "ready\n" : reasons);
}

/// Resolves %XX; nothing when that is malformed.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text.front() != '%') {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    unsigned byte = 0;
    const auto hex = text.substr(1, 2);
    const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), byte, 16);
    if (hex.size() != 2 || error != std::errc{} || end != hex.data() + hex.size()) {
      return std::nullopt;
    }
    out += static_cast<char>(byte);
    text.remove_prefix(3);
  }
  return out;
}

/// Active in all virtual routers that `query` speaks of: those of one instance, or all.
Page active(const Status& status, std::string_view query) {
  constexpr std::string_view kInstance = "instance=";
  std::optional<std::string> wanted;
  if (query.starts_with(kInstance)) {
    wanted = percent_decoded(query.substr(kInstance.size()));
  }
  if (!query.empty() && !wanted) {
    return {.status = kNotFound, .body = "the query may be ?instance=NAME\n"};
  }
  bool all = true;
  std::string states;
  for (const RouterStatus& router : status.routers) {
    if (!wanted || *wanted == router.instance) {
      all = all && router.state == vrrp::State::Active;
      states += fmt::format("{}: {}\n", title(router), vrrp::to_string(router.state));
    }
  }
  if (states.empty()) {
    return {.status = kNotFound, .body = "no such instance\n"};
  }
  return page(all, std::move(states));
}

Page json_page(const nlohmann::json& json) {
  constexpr auto kReplaceBadUtf8 = nlohmann::json::error_handler_t::replace;
  return {.content_type = "application/json",
          .body = json.dump(-1, ' ', false, kReplaceBadUtf8) + "\n"};
}

/// A browser names the type; curl and scripts take anything and get what a terminal can show.
bool wants_html(std::string_view accept) {
  return boost::algorithm::icontains(accept, "text/html");
}

}  // namespace

Pages::Pages(const Publication& publication, const Journal& journal, RenderMetrics metrics)
    : publication_(publication), journal_(journal), metrics_(std::move(metrics)) {}

Page Pages::get(const Request& request, Instant now) const {
  const auto target = request.target;
  const auto question = std::min(target.find('?'), target.size());
  const auto path = target.substr(0, question);
  const auto query = target.substr(std::min(question + 1, target.size()));
  if (path == "/healthz") {
    const auto reason = stall(now);
    return page(reason.empty(), reason.empty() ? "ok\n" : reason + "\n");
  }
  if (path == "/events") {
    return events(query);
  }
  const auto status = publication_.awaited(now);
  if (path == "/metrics") {
    return {.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = metrics_(*status)};
  }
  if (path == "/readyz") {
    return ready(*status);
  }
  if (path == "/active") {
    return active(*status, query);
  }
  if (path == "/status") {
    return json_page(to_json(*status));
  }
  if (path == "/") {
    return root(*status, request, now);
  }
  return {.status = kNotFound,
          .body = "there are /metrics /healthz /readyz /active /status /events and /\n"};
}

Page Pages::events(std::string_view query) const {
  constexpr std::string_view kSince = "since=";
  if (query.empty()) {
    return json_page(to_json(journal_.latest(Journal::kCapacity), journal_.last()));
  }
  std::uint64_t since = 0;
  const char* const end = query.data() + query.size();
  const bool named = query.starts_with(kSince);
  const auto [rest, error] =
      std::from_chars(named ? query.data() + kSince.size() : end, end, since);
  if (error != std::errc{} || rest != end) {
    return {.status = kNotFound, .body = "the query may be ?since=NUMBER\n"};
  }
  return json_page(to_json(journal_.after(since, Journal::kCapacity), journal_.last()));
}

Page Pages::root(const Status& status, const Request& request, Instant now) const {
  const auto json = to_json(status);
  const bool fragment = request.target.ends_with("?fragment");
  if (!fragment && !wants_html(request.accept)) {
    return {.body = to_text(json)};
  }
  const auto events = to_json(journal_.latest(kShownEvents), journal_.last());
  const PageSources sources{json, events, stall(now)};
  return {.content_type = "text/html; charset=utf-8",
          .body = fragment ? page_content(sources) : whole_page(sources),
          .content_security_policy = std::string(kPagePolicy)};
}

std::string Pages::stall(Instant now) const {
  const auto silent = now - publication_.stamped();
  return silent <= kAlive ? std::string()
                          : fmt::format("the protocol loop has not turned for {:.3f} s",
                                        std::chrono::duration<double>(silent).count());
}

}  // namespace haguard::supervisor
