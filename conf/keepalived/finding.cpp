#include "conf/keepalived/finding.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "conf/report.h"

namespace haguard::conf::keepalived {
namespace {

/// A file that is no keepalived.conf has as many findings as lines.
constexpr std::size_t kMostFindings = 10'000;
constexpr std::size_t kLongestPlace = 300;
constexpr std::size_t kLongestMessage = 600;

}  // namespace

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::Dropped:
      return "dropped";
    case Kind::Changed:
      return "changed";
    case Kind::Warning:
      return "warning";
    case Kind::Verdict:
      return "verdict";
  }
  return "warning";
}

std::string Finding::to_string() const {
  return fmt::format("{}: {}: {}", printable(place.to_string(), kLongestPlace),
                     keepalived::to_string(kind), printable(message, kLongestMessage));
}

void Findings::add(const Place& place, Kind kind, std::string& message) {
  if (findings_.size() < kMostFindings) {
    findings_.push_back({place, kind, std::move(message)});
  } else if (!full_) {
    full_ = true;
    findings_.push_back({place, Kind::Warning, "there is more to say than is said here"});
  }
}

std::vector<Finding> Findings::take() {
  std::map<std::string, std::size_t> files;
  for (const Finding& finding : findings_) {
    files.emplace(finding.place.file, files.size());
  }
  std::ranges::stable_sort(findings_, {}, [&files](const Finding& finding) {
    return std::pair(files.at(finding.place.file), finding.place.line);
  });
  const auto same = [](const Finding& a, const Finding& b) {
    return a.place.file == b.place.file && a.place.line == b.place.line && a.kind == b.kind &&
           a.message == b.message;
  };
  findings_.erase(std::unique(findings_.begin(), findings_.end(), same), findings_.end());
  return std::exchange(findings_, {});
}

}  // namespace haguard::conf::keepalived
