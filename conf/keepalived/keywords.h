#pragma once
// The keywords of keepalived.conf (keepalived.conf(5)) that haguard knows and does not take over,
// each with what to do instead. docs/import.md has the same table.

#include <span>
#include <string_view>
#include <vector>

#include "conf/keepalived/finding.h"
#include "conf/keepalived/tree.h"

namespace haguard::conf::keepalived {

/// Where a keyword stands.
enum class Scope { Top, Global, Instance, Group, Script, Thing };

struct KnownKeyword {
  Scope scope = Scope::Top;
  std::string_view keyword;
};

/// Every keyword that the importer knows, whether it is taken over or not.
[[nodiscard]] std::vector<KnownKeyword> known_keywords();

/// Says that the statement and its block are dropped, and why. One that is unknown is told
/// together with what may have been meant: `converted` are the keywords that are taken over there.
void drop(const Statement& statement, Scope scope, const std::vector<std::string_view>& converted,
          Findings& findings);

/// Reads a statement into a T. The keywords of a scope that are taken over are a table of these.
template <class T>
struct Handler {
  std::string_view keyword;
  void (*read)(const Statement& statement, T& into, Findings& findings);
};

/// The keywords of such a table.
template <class T>
[[nodiscard]] std::vector<std::string_view> keywords_of(std::span<const Handler<T>> handlers) {
  std::vector<std::string_view> result;
  for (const Handler<T>& handler : handlers) {
    result.push_back(handler.keyword);
  }
  return result;
}

/// Reads each statement of a block by its handler, and drops those that have none.
template <class T>
void read_block(const std::vector<Statement>& block, Scope scope,
                std::span<const Handler<T>> handlers, T& into, Findings& findings) {
  for (const Statement& statement : block) {
    const Handler<T>* found = nullptr;
    for (const Handler<T>& handler : handlers) {
      found = handler.keyword == statement.keyword() ? &handler : found;
    }
    if (found != nullptr) {
      found->read(statement, into, findings);
    } else {
      drop(statement, scope, keywords_of(handlers), findings);
    }
  }
}

}  // namespace haguard::conf::keepalived
