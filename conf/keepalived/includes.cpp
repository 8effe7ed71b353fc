#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "conf/file.h"
#include "conf/keepalived/source.h"

namespace haguard::conf::keepalived {
namespace {

constexpr std::size_t kMostFiles = 256;

}  // namespace

std::vector<Included> files_of(const std::string& pattern) {
  auto found = find_files(pattern);
  if (auto* failure = std::get_if<FileError>(&found)) {
    return {{pattern, {}, std::move(failure->reason)}};
  }
  auto& paths = std::get<std::vector<std::string>>(found);
  paths.resize(std::min(paths.size(), kMostFiles));
  std::vector<Included> result;
  for (const std::string& path : paths) {
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
