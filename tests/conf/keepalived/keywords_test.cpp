// docs/import.md names each keyword that the importer knows.

#include "conf/keepalived/keywords.h"

#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace haguard::conf::keepalived {
namespace {

TEST(KeepalivedKeywords, AreAllInTheDocument) {
  std::ifstream file(HAGUARD_SOURCE_DIR "/docs/import.md");
  const std::string document(std::istreambuf_iterator<char>(file), {});
  for (const KnownKeyword& known : known_keywords()) {
    EXPECT_NE(document.find("`" + std::string(known.keyword) + "`"), std::string::npos)
        << known.keyword;
  }
}

TEST(KeepalivedKeywords, AreKnownOnceInEachPlace) {
  std::set<std::pair<Scope, std::string_view>> seen;
  for (const KnownKeyword& known : known_keywords()) {
    EXPECT_TRUE(seen.emplace(known.scope, known.keyword).second) << known.keyword;
  }
}

}  // namespace
}  // namespace haguard::conf::keepalived
