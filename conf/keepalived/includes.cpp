#include <glob.h>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "conf/file.h"
#include "conf/keepalived/source.h"

namespace haguard::conf::keepalived {
namespace {

constexpr std::size_t kMostFiles = 256;

/// The paths that glob(3) finds, freed with it.
class Matches {
 public:
  explicit Matches(const std::string& pattern) {
    found_ = ::glob(pattern.c_str(), GLOB_BRACE, nullptr, &result_) == 0;
  }
  ~Matches() { ::globfree(&result_); }
  Matches(const Matches&) = delete;
  Matches& operator=(const Matches&) = delete;

  [[nodiscard]] std::vector<std::string> paths() const {
    std::vector<std::string> paths;
    for (std::size_t i = 0; found_ && i < result_.gl_pathc && i < kMostFiles; ++i) {
      paths.emplace_back(result_.gl_pathv[i]);
    }
    return paths;
  }

 private:
  glob_t result_{};
  bool found_ = false;
};

}  // namespace

std::vector<Included> files_of(const std::string& pattern) {
  std::vector<Included> result;
  for (const std::string& path : Matches(pattern).paths()) {
    auto content = read_file(path, kLargestFile);
    if (auto* failure = std::get_if<FileError>(&content)) {
      result.push_back({path, {}, failure->reason});
    } else {
      result.push_back({path, std::get<FileContent>(std::move(content)).text, {}});
    }
  }
  return result;
}

}  // namespace haguard::conf::keepalived
