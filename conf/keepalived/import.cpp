#include "conf/keepalived/import.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "conf/keepalived/result.h"
#include "conf/keepalived/sections.h"
#include "conf/keepalived/tree.h"
#include "conf/keepalived/writer.h"

namespace haguard::conf::keepalived {

bool Imported::good() const {
  return std::ranges::none_of(
      problems, [](const Problem& problem) { return problem.severity == Severity::Error; });
}

Imported import_text(std::string_view text, const std::string& file, const std::string& toml_file,
                     const std::string& host_name, const Includer& includer) {
  Findings findings;
  const auto config_id = host_name.substr(0, host_name.find('.'));
  const auto lines = source_lines(text, file, config_id, includer, findings);
  const auto model = read_model(parse_tree(lines, findings), findings);
  const auto result = settle(model, findings);
  Imported imported;
  imported.toml = to_toml(result);
  imported.has_instance = !result.instances.empty();
  imported.has_password = std::ranges::any_of(
      result.instances, [](const ResultInstance& instance) { return !instance.password.empty(); });
  auto parsed = parse(imported.toml, toml_file, host_name, Purpose::Ask);
  imported.problems = std::holds_alternative<Parsed>(parsed)
                          ? std::get<Parsed>(std::move(parsed)).warnings
                          : std::get<Problems>(std::move(parsed));
  imported.findings = findings.take();
  return imported;
}

}  // namespace haguard::conf::keepalived
