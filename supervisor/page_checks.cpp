// The status page: the checks, and what became of them in the last hour.

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "supervisor/ages.h"
#include "supervisor/page_parts.h"

namespace haguard::supervisor {
namespace {

using Json = nlohmann::json;

/// The strip is so many seconds wide, one unit each.
constexpr int kWindow = 3600;
/// What is shorter would not be seen.
constexpr int kNarrowest = 30;

/// A stretch with one verdict, in seconds from the left end of the strip.
struct Stretch {
  int from = 0;
  int to = 0;
  std::string verdict;
  std::string since;
};

std::vector<Stretch> stretches(const Json& check, const Json& status) {
  std::vector<Stretch> all;
  const auto now = from_iso8601(status.at("time").get<std::string>());
  for (const Json& change : check.at("history")) {
    const auto& time = change.at("time").get_ref<const std::string&>();
    const auto at = from_iso8601(time);
    if (!now || !at) {
      return {};
    }
    const auto ago = std::chrono::floor<std::chrono::seconds>(*now - *at).count();
    const int from = kWindow - static_cast<int>(std::clamp<std::int64_t>(ago, 0, kWindow));
    if (!all.empty()) {
      all.back().to = from;
    }
    all.push_back({from, kWindow, change.at("status").get<std::string>(),
                   clock_time(time, status.at("time").get<std::string>())});
  }
  return all;
}

/// Failing is a bar of the whole height, passing a low one: to be told apart without colours.
std::string bar(const Stretch& stretch) {
  const bool failing = stretch.verdict == "failing";
  const bool passing = stretch.verdict == "passing";
  const int height = failing ? 20 : passing ? 6 : 12;
  const int width = std::max(stretch.to - stretch.from, failing ? kNarrowest : 1);
  return fmt::format(
      R"(<rect class="{}" x="{}" y="{}" width="{}" height="{}"><title>{} from {}</title></rect>)",
      failing   ? "failing"
      : passing ? "passing"
                : "pending",
      std::min(stretch.from, kWindow - width), 20 - height, width, height, html(stretch.verdict),
      html(stretch.since));
}

std::string in_words(const std::vector<Stretch>& all) {
  int failing = 0;
  for (const Stretch& stretch : all) {
    failing += stretch.verdict == "failing" ? stretch.to - stretch.from : 0;
  }
  const auto changes = all.empty() ? 0 : all.size() - 1;
  return fmt::format("last hour: {} change{}, failing for {}", changes, changes == 1 ? "" : "s",
                     duration(std::chrono::seconds(failing)));
}

std::string strip(const Json& check, const Json& status) {
  const auto all = stretches(check, status);
  std::string calm;
  std::string failing;  // drawn last: a short failure lies on top of what surrounds it
  for (const Stretch& stretch : all) {
    (stretch.verdict == "failing" ? failing : calm) += bar(stretch);
  }
  return fmt::format(
      R"(<svg class="strip" viewBox="0 0 {} 20" preserveAspectRatio="none" role="img" )"
      R"(aria-label="{}">{}{}</svg>)",
      kWindow, in_words(all), calm, failing);
}

std::string rows(const Json& check, const Json& status) {
  const auto look = check_look(check.at("status").get<std::string>());
  auto out = fmt::format(
      "<tr><th scope=\"row\">{}<br><span class=\"faint\">{}</span></th>"
      "<td>{}<br><span class=\"faint\">{}</span></td><td class=\"history\">{}</td></tr>\n",
      html(check, "name"), html(check, "type"), badge(look),
      since(check.at("since").get<std::string>(), status), strip(check, status));
  if (const auto detail = html(check, "detail"); !detail.empty()) {
    out += fmt::format("<tr class=\"more\"><td></td><td colspan=\"2\">{}</td></tr>\n", detail);
  }
  return out;
}

}  // namespace

std::string checks_part(const Json& status) {
  std::string out =
      "<section class=\"tall\" aria-labelledby=\"checks\">\n<h2 id=\"checks\">Checks</h2>\n";
  if (status.at("checks").empty()) {
    return out + "<p>There are none.</p>\n</section>\n";
  }
  out +=
      "<table>\n<caption>Verdicts; a low bar is passing, a full one failing, up to now at the "
      "right</caption>\n<thead><tr><th scope=\"col\">Check</th><th scope=\"col\">Verdict</th>"
      "<th scope=\"col\">Last hour</th></tr></thead>\n<tbody>\n";
  for (const Json& check : status.at("checks")) {
    out += rows(check, status);
  }
  return out + "</tbody>\n</table>\n</section>\n";
}

}  // namespace haguard::supervisor
