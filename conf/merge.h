#pragma once
// Two files of one configuration become one document.

#include <toml++/toml.h>

#include "conf/report.h"

namespace haguard::conf {

/// Moves everything from one document to the other: tables are joined key by key, and the tables of
/// [[…]] appended in their order. What is set already stays as it was, and is reported with both
/// places.
void merge(toml::table& into, toml::table&& from, Report& report);

}  // namespace haguard::conf
