#include "proxy-bridge/restoration_plan.h"

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace haguard::proxy {
namespace {

namespace fs = std::filesystem;

/// As many as Linux follows.
constexpr int kMostLinks = 40;

bool exists(const std::string& path) {
  std::error_code failure;
  return fs::symlink_status(path, failure).type() != fs::file_type::not_found;
}

class Planner {
 public:
  Planner(const StoredGeneration& generation, WallClock now)
      : generation_(generation),
        suffix_(fmt::format(".rejected-{:%Y%m%dT%H%M%SZ}",
                            fmt::gmtime(std::chrono::system_clock::to_time_t(now)))) {
    for (const LoadedDirectory& directory : generation_.directories) {
      std::error_code failure;
      if (directory.kind == LoadedKind::Certificates) {
        certificate_directories_.insert(directory.path);
        certificate_directories_.insert(fs::weakly_canonical(directory.path, failure).string());
      }
    }
  }

  std::variant<std::vector<RestoreStep>, FileFailure> plan() {
    for (const KeptFile& file : generation_.files) {
      add_file(file);
    }
    for (const LoadedDirectory& directory : generation_.directories) {
      add_surplus(directory);
    }
    if (!failure_.text.empty()) {
      return failure_;
    }
    return std::move(steps_);
  }

 private:
  void fail(FileFailure failure) {
    if (failure_.text.empty()) {
      failure_ = std::move(failure);
    }
  }

  void add_file(const KeptFile& file) {
    names_.insert(file.path);
    auto resolved = resolve_links(file.path);
    if (auto* failure = std::get_if<FileFailure>(&resolved)) {
      return fail(std::move(*failure));
    }
    const std::string& path = std::get<std::string>(resolved);
    const auto [known, is_new] = targets_.try_emplace(path, &file);
    if (!is_new) {
      if (known->second->digest != file.digest) {
        fail({fmt::format("{} and {} are one file now, and were two", known->second->path,
                          file.path)});
      }
      return;
    }
    const auto found = read_content(path, kLargestContent, Keep::Digest);
    const auto* failure = std::get_if<FileFailure>(&found);
    const int error = failure == nullptr ? 0 : failure->number;
    if (error == ENOENT) {
      add_directories(fs::path(path).parent_path());
      steps_.push_back({StepKind::Create, path, draft_of(path), {}, file});
    } else if (failure != nullptr && error != EFBIG) {
      fail(*failure);
    } else if (error == EFBIG || std::get<Content>(found).digest != file.digest) {
      steps_.push_back({StepKind::Replace, path, draft_of(path), rejected_name(path), file});
    }
  }

  void add_directories(const fs::path& directory) {
    if (exists(directory.string()) || !directory.has_relative_path() ||
        !made_.insert(directory.string()).second) {
      return;
    }
    add_directories(directory.parent_path());
    steps_.push_back({StepKind::MakeDirectory, directory.string(), {}, {}, {}});
  }

  /// By name, not behind links: it is the name that HAProxy would load.
  void add_surplus(const LoadedDirectory& directory) {
    std::error_code failure;
    for (const std::string& path : loaded_files_in(directory, failure)) {
      if (!names_.contains(path)) {
        steps_.push_back({StepKind::SetAside, path, {}, rejected_name(path), {}});
      }
    }
    if (failure && failure != std::errc::no_such_file_or_directory) {
      fail({directory.path + ": " + failure.message()});
    }
  }

  /// Beside the target, so that a rename suffices; hidden, so that HAProxy does not load it.
  static std::string draft_of(const fs::path& path) {
    return (path.parent_path() / ("." + path.filename().string() + ".haguard-new")).string();
  }

  std::string rejected_name(const fs::path& path) {
    const bool hide = certificate_directories_.contains(path.parent_path().string());
    const std::string name =
        (path.parent_path() / ((hide ? "." : "") + path.filename().string() + suffix_)).string();
    std::string unique = name;
    for (int i = 2; exists(unique) || !rejected_.insert(unique).second; ++i) {
      unique = fmt::format("{}-{}", name, i);
    }
    return unique;
  }

  const StoredGeneration& generation_;
  std::string suffix_;
  std::set<std::string> certificate_directories_;
  std::map<std::string, const KeptFile*> targets_;  ///< by resolved path
  std::set<std::string> names_;                     ///< of the generation
  std::set<std::string> made_;
  std::set<std::string> rejected_;
  std::vector<RestoreStep> steps_;
  FileFailure failure_;
};

}  // namespace

std::variant<std::string, FileFailure> resolve_links(const std::string& path) {
  fs::path at = path;
  for (int i = 0; i < kMostLinks; ++i) {
    std::error_code failure;
    if (!fs::is_symlink(fs::symlink_status(at, failure))) {
      const fs::path directory = fs::weakly_canonical(at.parent_path(), failure);
      if (failure) {
        return FileFailure{path + ": " + failure.message()};
      }
      return (directory / at.filename()).string();
    }
    const fs::path target = fs::read_symlink(at, failure);
    if (failure) {
      return FileFailure{path + ": " + failure.message()};
    }
    at = at.parent_path() / target;
  }
  return FileFailure{path + ": Too many levels of symbolic links"};
}

std::variant<std::vector<RestoreStep>, FileFailure> plan_restoration(
    const StoredGeneration& generation, WallClock now) {
  return Planner(generation, now).plan();
}

}  // namespace haguard::proxy
