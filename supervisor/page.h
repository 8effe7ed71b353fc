#pragma once
// The status page for people, rendered on the server from the same JSON that /status and /events
// answer with. The script of the page only fetches the content again: there is one renderer.

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace haguard::supervisor {

struct PageSources {
  const nlohmann::json& status;  ///< that of to_json(const Status&)
  const nlohmann::json& events;  ///< that of the journal
  std::string alarm{};           ///< why all of it may be old; empty: it is not
};

/// What stands in the page's element main. Whatever bytes the sources hold, the result is
/// well-formed HTML in UTF-8.
[[nodiscard]] std::string page_content(const PageSources& sources);

/// The whole document, complete without its script.
[[nodiscard]] std::string whole_page(const PageSources& sources);

}  // namespace haguard::supervisor
