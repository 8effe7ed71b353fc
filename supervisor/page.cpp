#include "supervisor/page.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "supervisor/ages.h"
#include "supervisor/page_files.h"
#include "supervisor/page_parts.h"

namespace haguard::supervisor {
namespace {

using Json = nlohmann::json;

std::string name_of(const Json& instance) {
  return html(instance, "name") + "/" + html(instance, "family");
}

/// "ACTIVE edge/ipv4 · proxy-1"
std::string title(const Json& status) {
  std::string states;
  for (const Json& instance : status.at("instances")) {
    states += fmt::format("{} {} · ", router_look(instance, status).word, name_of(instance));
  }
  return states + html(status, "node");
}

/// What is read out when it changes: states, mode, and what fails. Nothing that changes by itself.
std::string spoken(const Json& status) {
  auto out = title(status) + ", mode " + html(status, "mode");
  for (const Json& check : status.at("checks")) {
    if (check.at("status") == "failing") {
      out += fmt::format(", check {} failing", html(check, "name"));
    }
  }
  return out;
}

/// With the date, as that of all other times is only told when it is another.
std::string as_of(const Json& status) {
  auto time = html(status, "time").substr(0, 19);
  std::ranges::replace(time, 'T', ' ');
  return fmt::format("<time>{}</time>", time);
}

/// Empty while the node takes part as usual.
std::string mode_banner(const Json& status) {
  const auto& mode = status.at("mode").get_ref<const std::string&>();
  if (mode == "normal") {
    return "";
  }
  const bool can_end = mode == "drained" || mode == "draining";
  return fmt::format("<p class=\"banner warn\">This node is {} {}{}</p>\n", html(mode),
                     since(status.at("mode_since").get<std::string>(), status),
                     can_end ? ": <code>haguard undrain</code> ends it" : "");
}

std::string glance(const Json& status) {
  std::string out = "<ul class=\"glance\">\n";
  int number = 0;
  for (const Json& instance : status.at("instances")) {
    const Look look = router_look(instance, status);
    out += fmt::format(
        "<li class=\"{}\"><strong><span aria-hidden=\"true\">{}</span> {}</strong>"
        "<a href=\"#router-{}\">{}</a> {}<br>{}</li>\n",
        look.tone, look.sign, html(look.word), number++, name_of(instance),
        since(instance.at("since").get<std::string>(), status), html(instance, "reason"));
  }
  return out + "</ul>\n";
}

/// Puts `text` where the mark {{name}} stands.
void fill(std::string& page, std::string_view mark, std::string_view text) {
  const auto at = page.find(mark);
  page.replace(at, mark.size(), text);
}

std::string header(const PageSources& sources) {
  const Json& status = sources.status;
  const auto uptime = static_cast<std::int64_t>(status.at("uptime_s").get<double>() * 1000);
  const auto alarm = sources.alarm.empty()
                         ? std::string()
                         : fmt::format("<p class=\"banner bad\">{}</p>\n", html(sources.alarm));
  return fmt::format(
      "<header>\n<h1>{}</h1>\n<p>haguard {}, mode {}, up {}, as of {}</p>\n{}{}{}</header>\n",
      html(status, "node"), html(status, "version"), html(status, "mode"),
      duration(std::chrono::milliseconds(uptime)), as_of(status), alarm, mode_banner(status),
      glance(status));
}

}  // namespace

std::string page_content(const PageSources& sources) {
  const Json& status = sources.status;
  return fmt::format("<div data-title=\"{}\" data-spoken=\"{}{}\">\n{}<div class=\"columns\">\n",
                     title(status), spoken(status), sources.alarm.empty() ? "" : ", out of date",
                     header(sources)) +
         routers_part(status) + checks_part(status) + haproxy_part(status) + peers_part(status) +
         events_part(sources.events, status) + "</div>\n</div>\n";
}

std::string whole_page(const PageSources& sources) {
  // From the end, so that a mark in the content is no mark.
  std::string page(kPageHtml);
  fill(page, "{{script}}", kPageJs);
  fill(page, "{{content}}", page_content(sources));
  fill(page, "{{style}}", kPageCss);
  fill(page, "{{title}}", title(sources.status));
  return page;
}

}  // namespace haguard::supervisor
