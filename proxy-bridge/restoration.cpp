#include "proxy-bridge/restoration.h"

#include <algorithm>
#include <cstdio>
#include <ranges>
#include <unistd.h>
#include <variant>

#include <sys/stat.h>

#include "proxy-bridge/content.h"
#include "proxy-bridge/durable_file.h"

namespace haguard::proxy {
namespace {

bool exists(const std::string& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0;
}

bool is_same_file(const std::string& one, const std::string& other) {
  struct stat first {};
  struct stat second {};
  return ::lstat(one.c_str(), &first) == 0 && ::lstat(other.c_str(), &second) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

bool has_content_of(const std::string& path, const KeptFile& file) {
  const auto found = read_content(path, kLargestContent, Keep::Digest);
  const auto* content = std::get_if<Content>(&found);
  return content != nullptr && content->digest == file.digest;
}

/// Done: what stood there is under its other name only.
bool is_finished(const RestoreStep& step) {
  switch (step.kind) {
    case StepKind::MakeDirectory:
      return exists(step.path);
    case StepKind::Replace:
      return exists(step.rejected) && !is_same_file(step.rejected, step.path);
    case StepKind::Create:
      return has_content_of(step.path, step.file);
    case StepKind::SetAside:
      return exists(step.rejected) && !exists(step.path);
  }
  return false;
}

std::string prepare(const RestoreStep& step, const std::string& blobs) {
  if (step.kind == StepKind::MakeDirectory) {
    const bool made = ::mkdir(step.path.c_str(), 0700) == 0;
    return made || exists(step.path) ? std::string() : failure_of(step.path);
  }
  if (step.kind == StepKind::SetAside) {
    return {};
  }
  KeptFile draft = step.file;
  draft.path = step.draft;
  return copy_durably(blobs + "/" + step.file.digest, draft);
}

/// A link and not a copy: what stood there keeps its owner, mode and attributes, needs no space,
/// and is there under one of the names at every moment.
std::string finish(const RestoreStep& step) {
  switch (step.kind) {
    case StepKind::MakeDirectory:
      break;
    case StepKind::Replace:
      if (::link(step.path.c_str(), step.rejected.c_str()) != 0) {
        return failure_of(step.rejected);
      }
      if (std::rename(step.draft.c_str(), step.path.c_str()) != 0) {
        return failure_of(step.path);
      }
      break;
    case StepKind::Create:  // not by rename: what has come meanwhile is not replaced
      if (::link(step.draft.c_str(), step.path.c_str()) != 0) {
        return failure_of(step.path);
      }
      ::unlink(step.draft.c_str());
      break;
    case StepKind::SetAside:
      if (std::rename(step.path.c_str(), step.rejected.c_str()) != 0) {
        return failure_of(step.path);
      }
      break;
  }
  return {};
}

std::string undo(const RestoreStep& step) {
  if (!step.draft.empty()) {
    ::unlink(step.draft.c_str());
  }
  int result = 0;
  if (step.kind == StepKind::Replace && is_same_file(step.rejected, step.path)) {
    result = ::unlink(step.rejected.c_str());
  } else if (is_finished(step)) {
    switch (step.kind) {
      case StepKind::MakeDirectory:
        ::rmdir(step.path.c_str());  // unless somebody uses it by now
        break;
      case StepKind::Replace:
      case StepKind::SetAside:
        result = std::rename(step.rejected.c_str(), step.path.c_str());
        break;
      case StepKind::Create:
        result = ::unlink(step.path.c_str());
        break;
    }
  }
  return result == 0 ? std::string() : failure_of(step.path);
}

void sync_directories(std::span<const RestoreStep> steps) {
  std::vector<std::string> synced;
  for (const RestoreStep& step : steps) {
    std::string directory = step.path.substr(0, step.path.rfind('/'));
    if (std::ranges::find(synced, directory) == synced.end()) {
      sync_directory_of(step.path);
      synced.push_back(std::move(directory));
    }
  }
}

}  // namespace

std::string carry_out(std::span<const RestoreStep> steps, const std::string& blobs) {
  for (const RestoreStep& step : steps) {
    if (auto failure = prepare(step, blobs); !failure.empty()) {
      return failure;
    }
  }
  for (const RestoreStep& step : steps) {
    if (auto failure = finish(step); !failure.empty()) {
      return failure;
    }
  }
  sync_directories(steps);
  return {};
}

std::string take_back(std::span<const RestoreStep> steps) {
  std::string first;
  for (std::size_t i = steps.size(); i > 0; --i) {
    auto failure = undo(steps[i - 1]);
    if (first.empty()) {
      first = std::move(failure);
    }
  }
  sync_directories(steps);
  return first;
}

std::string obstacle_to_taking_back(std::span<const RestoreStep> steps) {
  for (const RestoreStep& step : steps) {
    const bool renamed = step.kind == StepKind::Replace || step.kind == StepKind::SetAside;
    if (renamed && !exists(step.rejected)) {
      return step.rejected + ": is not there any more";
    }
    const bool changed =
        step.kind == StepKind::SetAside
            ? exists(step.path)
            : step.kind != StepKind::MakeDirectory && !has_content_of(step.path, step.file);
    if (changed) {
      return step.path + ": has changed since it was restored";
    }
  }
  return {};
}

std::vector<RestoreStep> finished_steps(std::span<const RestoreStep> steps) {
  std::vector<RestoreStep> finished;
  for (const RestoreStep& step : steps) {
    if (is_finished(step)) {
      ::unlink(step.draft.c_str());
      finished.push_back(step);
    } else if (step.kind == StepKind::Replace || step.kind == StepKind::Create) {
      static_cast<void>(undo(step));
    }
  }
  return finished;
}

}  // namespace haguard::proxy
