#include "conf/include.h"

#include <filesystem>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "conf/document.h"
#include "conf/kinds.h"
#include "conf/merge.h"
#include "conf/reader.h"

namespace haguard::conf {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostEntries = 64;
/// With the one that includes them.
constexpr std::size_t kMostFiles = 256;
/// PATH_MAX of Linux.
constexpr std::size_t kLongestName = 4096;
constexpr std::string_view kWildcards = "*?[{";

std::optional<std::string> file_name(const Value& value) {
  auto text = value.text("a file or a pattern");
  if (text &&
      (text->empty() || text->size() > kLongestName || text->find('\0') != std::string::npos)) {
    value.refuse("a file or a pattern");
    return std::nullopt;
  }
  return text;
}

/// A pattern that matches nothing but this path.
std::string literally(const std::string& path) {
  std::string result;
  for (const char c : path) {
    if (std::string_view("*?[]{},\\").find(c) != std::string_view::npos) {
      result += '\\';
    }
    result += c;
  }
  return result;
}

class Inclusion {
 public:
  Inclusion(toml::table& document, const FileSource& source, Report& report,
            std::vector<std::string>& texts)
      : document_(document),
        source_(source),
        report_(report),
        texts_(texts),
        directory_(fs::path(report.files().front()).parent_path()),
        seen_{fs::path(report.files().front()).lexically_normal()},
        size_(texts.front().size()) {}

  bool run() {
    const auto value = Table(document_, "", report_).find("include");
    const auto entries = value ? items_between(*value, 0, kMostEntries) : std::nullopt;
    complete_ = entries || !value;
    for (const Value& entry : entries.value_or(std::vector<Value>{})) {
      if (const auto name = file_name(entry)) {
        include(entry, *name);
      } else {
        complete_ = false;
      }
    }
    return complete_;
  }

 private:
  void include(const Value& entry, const std::string& name) {
    const auto found = find(name);
    if (const auto* failure = std::get_if<FileError>(&found)) {
      return refuse(entry, fmt::format("cannot find {}: {}", in_quotes(name), failure->reason));
    }
    const auto& paths = std::get<std::vector<std::string>>(found);
    if (seen_.size() + paths.size() > kMostFiles) {
      return refuse(
          entry, fmt::format("with {} there are more than {} files", in_quotes(name), kMostFiles));
    }
    for (const std::string& path : paths) {
      read(entry, path);
    }
  }

  /// A name without wildcards is a file that must be there.
  [[nodiscard]] std::variant<std::vector<std::string>, FileError> find(const std::string& name) {
    if (name.find_first_of(kWildcards) == std::string::npos) {
      return std::vector<std::string>{(directory_ / name).string()};
    }
    return source_.find(
        fs::path(name).is_absolute() ? name : literally((directory_ / "").string()) + name);
  }

  void read(const Value& entry, const std::string& path) {
    if (size_ > kLargestFile) {
      return;  // which was said
    }
    if (!seen_.insert(fs::path(path).lexically_normal()).second) {
      return refuse(entry, fmt::format("{} is read already", in_quotes(path)));
    }
    auto content = source_.read(path, kLargestFile);
    if (const auto* failure = std::get_if<FileError>(&content)) {
      return refuse(entry, fmt::format("cannot read {}: {}", in_quotes(path), failure->reason));
    }
    if (const auto& file = std::get<FileContent>(content); !is_private(file)) {
      report_.expose(path, access_of(file));
    }
    std::string text = std::get<FileContent>(std::move(content)).text;
    size_ += text.size();
    if (size_ > kLargestFile) {
      return refuse(entry, fmt::format("with {} all files together are larger than {} bytes",
                                       in_quotes(path), kLargestFile));
    }
    take(path, std::move(text));
  }

  void take(const std::string& path, std::string text) {
    report_.add_file(path);
    auto document = parse_document(text, path, report_);
    texts_.push_back(std::move(text));
    if (!document) {
      complete_ = false;
      return;
    }
    if (const auto nested = document->find("include"); nested != document->end()) {
      report_.error(place_of(nested->first.source()),
                    "include: an included file cannot include others");
      complete_ = false;
      document->erase(nested);
    }
    merge(document_, *std::move(document), report_);
  }

  void refuse(const Value& entry, std::string_view message) {
    entry.error(message);
    complete_ = false;
  }

  toml::table& document_;
  const FileSource& source_;
  Report& report_;
  std::vector<std::string>& texts_;
  fs::path directory_;
  std::set<fs::path> seen_;
  std::size_t size_;  ///< of all texts
  bool complete_ = true;
};

}  // namespace

bool merge_included(toml::table& document, const FileSource& source, Report& report,
                    std::vector<std::string>& texts) {
  return Inclusion(document, source, report, texts).run();
}

}  // namespace haguard::conf
