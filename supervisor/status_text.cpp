// The screen of `haguard status`. Times are UTC, as in the log.

#include <algorithm>

#include <boost/algorithm/string/case_conv.hpp>
#include <boost/algorithm/string/join.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "supervisor/ages.h"
#include "supervisor/printable.h"
#include "supervisor/status.h"

namespace haguard::supervisor {
namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr std::size_t kWidth = 80;
/// Of what stands behind the name of a line.
constexpr std::size_t kIndent = 13;

std::string text(const Json& object, const char* key) {
  return printable(object.at(key).get_ref<const std::string&>());
}

/// "since 12:03:01 (3.0 s)"
std::string since(const Json& object, const Json& status) {
  const auto then = text(object, "since");
  const auto now = text(status, "time");
  const auto from = from_iso8601(then);
  const auto to = from_iso8601(now);
  if (!from || !to) {
    return "since " + then;
  }
  return fmt::format("since {} ({})", clock_time(then, now),
                     duration(std::max(*to - *from, milliseconds(0))));
}

/// "web: 503 Service Unavailable for 3.2 s"
std::string because_of(const std::string& name, const Json& status) {
  const Json& checks = status.at("checks");
  const auto check = std::ranges::find_if(
      checks, [&name](const Json& candidate) { return text(candidate, "name") == name; });
  if (check == checks.end()) {
    return name;
  }
  const auto from = from_iso8601(text(*check, "since"));
  const auto to = from_iso8601(text(status, "time"));
  const auto detail = text(*check, "detail");
  return fmt::format(
      "{}: {}{}", name, detail.empty() ? text(*check, "status") : detail,
      from && to ? " for " + duration(std::max(*to - *from, milliseconds(0))) : std::string());
}

/// "50 = 100 - 50 (web: 503 Service Unavailable for 3.2 s)"; without the reasons when they do not
/// fit.
std::string priority_sum(const Json& priority, const Json& status, bool reasons = true) {
  const int effective = priority.at("effective").get<int>();
  int sum = priority.at("configured").get<int>();
  std::string out = fmt::format("{} = {}", effective, sum);
  for (const Json& adjustment : priority.at("adjustments")) {
    const int weight = adjustment.at("weight").get<int>();
    const auto check = text(adjustment, "check");
    sum += weight;
    out += fmt::format(" {} {} ({})", weight < 0 ? '-' : '+', std::abs(weight),
                       reasons ? because_of(check, status) : check);
  }
  if (sum != effective) {
    out += effective == 255 ? ", but owner" : ", kept in 1-254";
  }
  const bool fits = kIndent + out.size() <= kWidth;
  return fits || !reasons ? out : priority_sum(priority, status, false);
}

std::string addresses(const Json& instance) {
  std::vector<std::string> all;
  for (const Json& address : instance.at("addresses")) {
    all.push_back(printable(address.get_ref<const std::string&>()));
  }
  return fmt::format("{}: {}", instance.at("addresses_held").get<bool>() ? "held here" : "not here",
                     boost::join(all, ", "));
}

std::string active_router(const Json& instance) {
  const Json& router = instance.at("active_router");
  if (router.is_null()) {
    return "none heard";
  }
  return fmt::format("{}, priority {}{}", text(router, "address"), router.at("priority").get<int>(),
                     instance.at("state") == "active" ? " (this node)" : "");
}

/// Empty unless it is held down.
std::string hold_down_line(const Json& instance, const Json& status) {
  const Json& hold = instance.at("hold_down");
  if (hold.is_null() || !from_iso8601(text(hold, "until"))) {
    return "";
  }
  return fmt::format("  held down  no preemption until {}: {}\n",
                     clock_time(text(hold, "until"), text(status, "time")), text(hold, "reason"));
}

/// Empty while the node takes part as usual.
std::string mode_line(const Json& status) {
  const auto mode = text(status, "mode");
  if (mode != "drained" && mode != "draining") {
    return "";
  }
  return fmt::format("{} {}: `haguard undrain` ends it\n", mode,
                     since({{"since", status.at("mode_since")}}, status));
}

std::string instance_block(const Json& instance, const Json& status) {
  const auto head =
      fmt::format("{}/{}  {} {}", text(instance, "name"), text(instance, "family"),
                  boost::to_upper_copy(text(instance, "state")), since(instance, status));
  const auto reason = text(instance, "reason");
  const bool fits = head.size() + 2 + reason.size() <= kWidth;
  return fmt::format(
      "{}{}{}\n"
      "  router     {}, virtual router {}\n"
      "  priority   {}\n"
      "  addresses  {}\n"
      "  active     {}\n"
      "  election   {}\n"
      "{}",
      head, fits ? "  " : "\n  because    ", reason, text(instance, "interface"),
      instance.at("virtual_router_id").get<int>(), priority_sum(instance.at("priority"), status),
      addresses(instance), active_router(instance), text(instance, "election"),
      hold_down_line(instance, status));
}

std::string check_line(const Json& check, const Json& status) {
  const auto detail = text(check, "detail");
  const auto verdict = text(check, "status");
  const auto head = fmt::format("  {:<12} {:<8} {}", text(check, "name"),
                                verdict == "failing" ? "FAILING" : verdict, since(check, status));
  if (detail.empty()) {
    return head + "\n";
  }
  const bool fits = head.size() + 2 + detail.size() <= kWidth;
  return head + (fits ? "  " : "\n               ") + detail + "\n";
}

std::string peer_line(const Json& peer, const Json& status) {
  const auto heard = from_iso8601(text(peer, "last_advert"));
  const auto now = from_iso8601(text(status, "time"));
  const auto age =
      heard && now ? duration(std::max(*now - *heard, milliseconds(0))) : std::string("some time");
  return fmt::format("  {}  priority {}, last advertisement {} ago\n", text(peer, "address"),
                     peer.at("priority").get<int>(), age);
}

}  // namespace

std::string haproxy_text(const nlohmann::json& haproxy) {
  if (haproxy.at("mode") == "none") {
    return "haproxy  not watched\n";
  }
  const auto detail = text(haproxy, "detail");
  const auto version = text(haproxy, "version");
  auto out =
      fmt::format("haproxy  {}{}{}\n  version {}, master {}, worker {}, old workers {}\n",
                  text(haproxy, "status"), detail.empty() ? "" : ": ", detail,
                  version.empty() ? "unknown" : version, haproxy.at("master_pid").get<int>(),
                  haproxy.at("worker_pid").get<int>(), haproxy.at("old_workers").get<unsigned>());
  out += reload_lines(haproxy);
  for (const Json& warning : haproxy.at("warnings")) {
    out += fmt::format("  warning: {} ({})\n", text(warning, "warning"), text(warning, "detail"));
  }
  return out;
}

std::string to_text(const nlohmann::json& status) {
  const auto uptime = static_cast<std::int64_t>(status.at("uptime_s").get<double>() * 1000);
  auto clock = text(status, "time").substr(0, 19);
  std::ranges::replace(clock, 'T', ' ');
  auto out = fmt::format("{}  haguard {}  mode {}  up {}  {} UTC\n", text(status, "node"),
                         text(status, "version"), text(status, "mode"),
                         duration(milliseconds(uptime)), clock);
  out += mode_line(status);
  for (const Json& instance : status.at("instances")) {
    out += "\n" + instance_block(instance, status);
  }
  out += status.at("checks").empty() ? "\nno checks\n" : "\nchecks\n";
  for (const Json& check : status.at("checks")) {
    out += check_line(check, status);
  }
  out += "\n" + haproxy_text(status.at("haproxy"));
  out += status.at("peers").empty() ? "\nno peers heard\n" : "\npeers\n";
  for (const Json& peer : status.at("peers")) {
    out += peer_line(peer, status);
  }
  return out;
}

}  // namespace haguard::supervisor
