#pragma once
// The status page for people, rendered on the server from the same JSON that /status and /events
// answer with. The script of the page only fetches the content again: there is one renderer.

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace haguard::supervisor {

/// What stands in the page's element main. `status` is that of to_json(const Status&), `events`
/// that of the journal. Whatever bytes they hold, the result is well-formed HTML in UTF-8.
[[nodiscard]] std::string page_content(const nlohmann::json& status, const nlohmann::json& events);

/// The whole document, complete without its script.
[[nodiscard]] std::string whole_page(const nlohmann::json& status, const nlohmann::json& events);

}  // namespace haguard::supervisor
