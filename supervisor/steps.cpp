#include "supervisor/steps.h"

#include <iostream>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "supervisor/printable.h"

namespace haguard::supervisor {

void print_steps(const nlohmann::json& answer) {
  const auto steps = answer.find("steps");
  if (steps == answer.end()) {
    return;
  }
  for (const nlohmann::json& step : *steps) {
    std::cout << fmt::format("{:<4} {:<12} {:>9.1f} ms  {}\n",
                             step.value("ok", false) ? "ok" : "no",
                             printable(step.value("step", "")), step.value("took_ms", 0.0),
                             printable(step.value("detail", "")));
  }
}

}  // namespace haguard::supervisor
