#pragma once
// What haguard answers over HTTP, without the HTTP: everything is made from the last published
// snapshot, so that no request costs the protocol loop anything.

#include <functional>
#include <string>
#include <string_view>

#include "conf/units.h"
#include "supervisor/publication.h"

namespace haguard::supervisor {

struct Page {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

class Pages {
 public:
  using RenderMetrics = std::function<std::string(const Status&)>;

  /// `publication` must outlive it.
  Pages(const Publication& publication, RenderMetrics metrics);

  /// `target` is that of the request line, query included.
  [[nodiscard]] Page get(std::string_view target, Instant now) const;

 private:
  [[nodiscard]] Page health(Instant now) const;

  const Publication& publication_;
  RenderMetrics metrics_;
};

}  // namespace haguard::supervisor
