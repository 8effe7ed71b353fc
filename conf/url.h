#pragma once
// The kind of value that says where an HTTP check asks; what a kind is, conf/kinds.h says.

#include <optional>
#include <string>

#include "conf/config.h"
#include "conf/reader.h"

namespace haguard::conf {

struct Url {
  Endpoint server;
  std::string authority;  ///< as written: "127.0.0.1:8080"
  std::string path;       ///< with the query; never empty
};

/// "http://127.0.0.1:8080/healthz?full". Names are refused, except "localhost": a check must not
/// depend on DNS. What is accepted can go into a request as it is.
[[nodiscard]] std::optional<Url> http_url(const Value& value);

}  // namespace haguard::conf
