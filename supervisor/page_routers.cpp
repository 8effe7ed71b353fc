// The status page: the virtual routers, and why their priority is what it is. Their state and its
// reason stand at the top of the page.

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "supervisor/page_parts.h"

namespace haguard::supervisor {
namespace {

using Json = nlohmann::json;

/// Why a check adds what it adds: its detail, or else its verdict.
std::string why(const Json& name, const Json& status) {
  const Json& checks = status.at("checks");
  const auto check = std::ranges::find_if(
      checks, [&name](const Json& candidate) { return candidate.at("name") == name; });
  if (check == checks.end()) {
    return "";
  }
  const auto detail = html(*check, "detail");
  return fmt::format("{} {}", detail.empty() ? html(*check, "status") : detail,
                     since(check->at("since").get<std::string>(), status));
}

std::string row(std::string_view attributes, std::string_view what, std::string_view number,
                std::string_view reason) {
  return fmt::format(R"(<tr{}><th scope="row">{}</th><td class="number">{}</td><td>{}</td></tr>)"
                     "\n",
                     attributes, what, number, reason);
}

std::string priority(const Json& instance, const Json& status) {
  const Json& priority = instance.at("priority");
  int sum = priority.at("configured").get<int>();
  auto rows = row("", "configured", std::to_string(sum), "");
  for (const Json& adjustment : priority.at("adjustments")) {
    const int weight = adjustment.at("weight").get<int>();
    sum += weight;
    rows += row("", "check " + html(adjustment, "check"),
                fmt::format("{} {}", weight < 0 ? "−" : "+", std::abs(weight)),
                why(adjustment.at("check"), status));
  }
  const int effective = priority.at("effective").get<int>();
  const char* const limit = effective == 255 ? "owner of the addresses" : "kept in 1-254";
  rows +=
      row(R"( class="sum")", "effective", std::to_string(effective), sum == effective ? "" : limit);
  return "<table>\n<caption>Priority</caption>\n" + rows + "</table>\n";
}

std::string fact(std::string_view term, const std::string& description) {
  return fmt::format("<dt>{}</dt><dd>{}</dd>\n", term, description);
}

std::string addresses(const Json& instance) {
  std::string all;
  for (const Json& address : instance.at("addresses")) {
    all += (all.empty() ? "" : ", ") + html(address.get_ref<const std::string&>());
  }
  return all + (instance.at("addresses_held").get<bool>() ? " <strong>held here</strong>"
                                                          : " (not here)");
}

std::string active_router(const Json& instance) {
  const Json& router = instance.at("active_router");
  if (router.is_null()) {
    return "none heard";
  }
  return fmt::format("{}, priority {}{}", html(router, "address"), router.at("priority").get<int>(),
                     instance.at("state") == "active" ? " (this node)" : "");
}

std::string facts(const Json& instance, const Json& status) {
  auto where = fmt::format("{}, virtual router {}", html(instance, "interface"),
                           instance.at("virtual_router_id").get<int>());
  if (instance.contains("virtual_mac")) {
    where += ", " + html(instance, "virtual_mac");
  }
  auto all = fact("Addresses", addresses(instance)) + fact("Active", active_router(instance)) +
             fact("Election", html(instance, "election")) + fact("Runs on", where);
  if (const Json& hold = instance.at("hold_down"); !hold.is_null()) {
    all += fact("Held down", fmt::format("no preemption until {}: {}",
                                         moment(hold.at("until").get<std::string>(), status),
                                         html(hold, "reason")));
  }
  return "<dl>\n" + all + "</dl>\n";
}

}  // namespace

std::string routers_part(const Json& status) {
  std::string out =
      "<section class=\"wide\" aria-labelledby=\"routers\">\n"
      "<h2 id=\"routers\">Virtual routers</h2>\n";
  int number = 0;
  for (const Json& instance : status.at("instances")) {
    out += fmt::format("<article id=\"router-{}\">\n<h3>{}/{} {}</h3>\n{}{}</article>\n", number++,
                       html(instance, "name"), html(instance, "family"),
                       badge(router_look(instance, status)), facts(instance, status),
                       priority(instance, status));
  }
  return out + "</section>\n";
}

}  // namespace haguard::supervisor
