#pragma once
// What a client command prints of a request that the daemon carried out in steps.

#include <nlohmann/json_fwd.hpp>

namespace haguard::supervisor {

/// `answer`: {"steps": [{"step": "gate", "ok": true, "took_ms": 1.2, "detail": "closed"}, …]}, as
/// the daemon sends it; without "steps" nothing is printed. One line per step to standard output:
///   ok   gate             1.2 ms  closed
///   no   hand over      110.3 ms  nobody took over within 0.110 s: still Active (edge/ipv4)
void print_steps(const nlohmann::json& answer);

}  // namespace haguard::supervisor
