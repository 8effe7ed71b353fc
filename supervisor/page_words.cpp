// What the parts of the status page have in common: text made safe, states, times.

#include <algorithm>

#include <boost/algorithm/string/case_conv.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "supervisor/ages.h"
#include "supervisor/page_parts.h"
#include "supervisor/printable.h"

namespace haguard::supervisor {

using Json = nlohmann::json;
using std::chrono::milliseconds;

std::string html(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string html(const Json& object, const char* key) {
  return html(object.at(key).get_ref<const std::string&>());
}

std::string badge(const Look& look) {
  return fmt::format(R"(<span class="badge {}"><span aria-hidden="true">{}</span> {}</span>)",
                     look.tone, look.sign, html(look.word));
}

Look router_look(const Json& instance, const Json& status) {
  const auto& state = instance.at("state").get_ref<const std::string&>();
  const auto& reason = instance.at("reason").get_ref<const std::string&>();
  const auto& mode = status.at("mode").get_ref<const std::string&>();
  if (state == "active") {
    return {"good", "●", "ACTIVE"};
  }
  if (state == "backup") {
    return {"calm", "○", "BACKUP"};
  }
  if (reason.starts_with("fault")) {
    return {"bad", "✕", "FAULT"};
  }
  if (mode != "normal") {
    return {"warn", "‖", boost::to_upper_copy(mode)};
  }
  return {"warn", "…", boost::to_upper_copy(state)};
}

Look check_look(const std::string& verdict) {
  if (verdict == "passing") {
    return {"good", "✓", verdict};
  }
  if (verdict == "failing") {
    return {"bad", "✕", "FAILING"};
  }
  return {"warn", "…", verdict};
}

std::string age(const std::string& then, const Json& status) {
  const auto from = from_iso8601(then);
  const auto to = from_iso8601(status.at("time").get_ref<const std::string&>());
  return from && to ? duration(std::max(*to - *from, milliseconds(0))) : std::string("some time");
}

std::string since(const std::string& then, const Json& status) {
  return fmt::format("since {} ({})", moment(then, status), age(then, status));
}

std::string moment(const std::string& then, const Json& status) {
  const auto& now = status.at("time").get_ref<const std::string&>();
  return fmt::format("<time>{}</time>", html(from_iso8601(then) ? clock_time(then, now) : then));
}

}  // namespace haguard::supervisor
