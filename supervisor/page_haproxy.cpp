// The status page: HAProxy and its reloads, the peers, the last events.

#include <algorithm>
#include <iterator>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "supervisor/page_parts.h"

namespace haguard::supervisor {
namespace {

using Json = nlohmann::json;

constexpr std::ptrdiff_t kShownReloads = 5;

std::string fact(std::string_view term, const std::string& description) {
  return fmt::format("<dt>{}</dt><dd>{}</dd>\n", term, description);
}

Look haproxy_look(const std::string& status) {
  if (status == "running") {
    return {"good", "✓", status};
  }
  if (status == "unknown") {
    return {"warn", "…", status};
  }
  return {"bad", "✕", status};
}

std::string files(const Json& haproxy) {
  const Json& in_sync = haproxy.at("config_in_sync");
  if (in_sync.is_null()) {
    return "not known yet";
  }
  return in_sync.get<bool>()
             ? std::string("on disk is what runs")
             : badge({"warn", "≠", "not what runs"}) + " " + html(haproxy, "config_detail");
}

std::string pid(const Json& haproxy, const char* key) {
  const int number = haproxy.at(key).get<int>();
  return number == 0 ? "none" : std::to_string(number);
}

std::string facts(const Json& haproxy) {
  const auto detail = html(haproxy, "detail");
  const auto version = html(haproxy, "version");
  auto out = fact("Status", badge(haproxy_look(haproxy.at("status").get<std::string>())) +
                                (detail.empty() ? "" : " " + detail)) +
             fact("Version", fmt::format("{}, {}", version.empty() ? "unknown" : version,
                                         html(haproxy, "mode"))) +
             fact("Processes", fmt::format("master {}, worker {}, old workers {}",
                                           pid(haproxy, "master_pid"), pid(haproxy, "worker_pid"),
                                           haproxy.at("old_workers").get<unsigned>())) +
             fact("Files", files(haproxy));
  if (const auto step = html(haproxy, "reload_step"); !step.empty()) {
    out += fact("Reload", "under way: " + step);
  }
  for (const Json& warning : haproxy.at("warnings")) {
    out += fact("Warning", badge({"warn", "!", warning.at("warning").get<std::string>()}) + " " +
                               html(warning, "detail"));
  }
  return "<dl>\n" + out + "</dl>\n";
}

/// The newest first.
std::string reloads(const Json& status) {
  const Json& haproxy = status.at("haproxy");
  const Json& all = haproxy.at("reloads");
  if (all.empty()) {
    return "<p>No reload yet.</p>\n";
  }
  std::string out =
      "<table>\n<caption>Last reloads</caption>\n<thead><tr><th scope=\"col\">Time</th>"
      "<th scope=\"col\">Result</th><th scope=\"col\">What came of it</th></tr></thead>\n<tbody>\n";
  const auto count = std::min(kShownReloads, std::ssize(all));
  for (auto at = all.end(); at != all.end() - count;) {
    const Json& reload = *--at;
    out +=
        fmt::format("<tr><td>{}</td><th scope=\"row\">{}</th><td>{} (by {}, {:.1f} ms)</td></tr>\n",
                    moment(reload.at("time").get<std::string>(), status), html(reload, "result"),
                    html(reload, "detail"), html(reload, "by"), reload.at("took_ms").get<double>());
  }
  return out + "</tbody>\n</table>\n";
}

Look level_look(const std::string& level) {
  if (level == "error") {
    return {"bad", "✕", level};
  }
  return level == "warning" ? Look{"warn", "!", level} : Look{"calm", "·", level};
}

}  // namespace

std::string haproxy_part(const Json& status) {
  const Json& haproxy = status.at("haproxy");
  const std::string head =
      "<section aria-labelledby=\"haproxy\">\n<h2 id=\"haproxy\">HAProxy</h2>\n";
  if (haproxy.at("mode") == "none") {
    return head + "<p>Not watched.</p>\n</section>\n";
  }
  return head + facts(haproxy) + reloads(status) + "</section>\n";
}

std::string peers_part(const Json& status) {
  std::string out = "<section aria-labelledby=\"peers\">\n<h2 id=\"peers\">Peers</h2>\n";
  if (status.at("peers").empty()) {
    return out + "<p>None heard.</p>\n</section>\n";
  }
  out +=
      "<table>\n<caption>Other nodes that advertise</caption>\n<thead><tr><th scope=\"col\">"
      "Address</th><th scope=\"col\" class=\"number\">Priority</th><th scope=\"col\">Last heard"
      "</th></tr></thead>\n<tbody>\n";
  for (const Json& peer : status.at("peers")) {
    out += fmt::format(
        "<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td><td>{} ago</td></tr>\n",
        html(peer, "address"), peer.at("priority").get<int>(),
        age(peer.at("last_advert").get<std::string>(), status));
  }
  return out + "</tbody>\n</table>\n</section>\n";
}

std::string events_part(const Json& events, const Json& status) {
  std::string out =
      "<section class=\"wide\" aria-labelledby=\"events\">\n<h2 id=\"events\">Events</h2>\n"
      "<table>\n<caption>The newest first</caption>\n<thead><tr><th scope=\"col\">Time</th>"
      "<th scope=\"col\">Level</th><th scope=\"col\">What happened</th></tr></thead>\n<tbody>\n";
  const Json& all = events.at("events");
  for (auto at = all.end(); at != all.begin();) {
    const Json& event = *--at;
    out +=
        fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                    moment(event.at("time").get<std::string>(), status),
                    badge(level_look(event.at("level").get<std::string>())), html(event, "text"));
  }
  return out + "</tbody>\n</table>\n</section>\n";
}

}  // namespace haguard::supervisor
