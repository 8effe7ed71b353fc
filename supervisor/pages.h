#pragma once
// What haguard answers over HTTP, without the HTTP: everything is made from the last published
// snapshot and the journal, so that no request costs the protocol loop anything.

#include <functional>
#include <string>
#include <string_view>

#include "conf/units.h"
#include "supervisor/journal.h"
#include "supervisor/publication.h"

namespace haguard::supervisor {

struct Request {
  std::string_view target;       ///< of the request line, query included
  std::string_view accept = {};  ///< the header of that name
};

struct Page {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::string content_security_policy{};  ///< empty: no such header
};

class Pages {
 public:
  using RenderMetrics = std::function<std::string(const Status&)>;

  /// `publication` and `journal` must outlive it.
  Pages(const Publication& publication, const Journal& journal, RenderMetrics metrics);

  [[nodiscard]] Page get(const Request& request, Instant now) const;

 private:
  /// Why what is published may be old; empty while the protocol loop turns.
  [[nodiscard]] std::string stall(Instant now) const;
  [[nodiscard]] Page events(std::string_view query) const;
  [[nodiscard]] Page root(const Status& status, const Request& request, Instant now) const;

  const Publication& publication_;
  const Journal& journal_;
  RenderMetrics metrics_;
};

}  // namespace haguard::supervisor
