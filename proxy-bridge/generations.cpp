#include "proxy-bridge/generations.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <set>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "proxy-bridge/content.h"
#include "proxy-bridge/durable_file.h"
#include "proxy-bridge/restoration.h"
#include "proxy-bridge/restoration_plan.h"

namespace haguard::proxy {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNotUtf8 = "a name is not UTF-8, so it cannot be recorded";

/// 0: not the name of a generation.
unsigned id_of(const std::string& name) {
  unsigned id = 0;
  const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), id);
  const bool fits = error == std::errc{} && name == fmt::format("{}.json", id);
  return fits ? id : 0;
}

std::vector<std::string> names_in(const std::string& directory, std::error_code& failure) {
  std::vector<std::string> names;
  fs::directory_iterator entry(directory, failure);
  for (; !failure && entry != fs::directory_iterator(); entry.increment(failure)) {
    names.push_back(entry->path().filename().string());
  }
  return names;
}

/// The steps that leave something behind: its new names.
std::vector<std::string> rejected_by(const std::vector<RestoreStep>& steps) {
  std::vector<std::string> names;
  for (const RestoreStep& step : steps) {
    if (!step.rejected.empty()) {
      names.push_back(step.rejected);
    }
  }
  return names;
}

/// Told once, and kept for whoever wants to know what happened to it.
std::string set_damaged_aside(const std::string& path) {
  const std::string name = path + ".damaged";
  return std::rename(path.c_str(), name.c_str()) == 0 ? path + ": damaged, now " + name
                                                      : failure_of(path);
}

std::string taken_back(std::string error, const std::string& failure) {
  return failure.empty() ? std::move(error)
                         : error + "; and it could not be taken back: " + failure;
}

}  // namespace

Generations::Generations(std::string directory, unsigned most)
    : directory_(std::move(directory)), most_(std::max(most, 1U)) {}

std::string Generations::generation_path(unsigned id) const {
  return path(fmt::format("generations/{}.json", id));
}

std::string Generations::prepare_directories() const {
  for (const std::string& name : {directory_, path("blobs"), path("generations")}) {
    if (auto failure = make_private_directory(name); !failure.empty()) {
      return failure;
    }
  }
  return {};
}

Generations::Loaded Generations::load(WallClock now) {
  generations_.clear();
  staged_.reset();
  complete_ = true;
  std::string error = prepare_directories();
  load_generations(error);
  Loaded result = settle_restoration(now);
  result.error = error.empty() ? std::move(result.error) : error;
  // What is staged was not proven before the daemon ended, and is staged again if need be.
  ::unlink(path("staged.json").c_str());
  remove_drafts(directory_);
  remove_drafts(path("generations"));
  collect_garbage();
  return result;
}

void Generations::load_generations(std::string& error) {
  std::error_code failure;
  const auto fail = [&](std::string text) {
    error = error.empty() ? std::move(text) : std::move(error);
  };
  for (const std::string& name : names_in(path("generations"), failure)) {
    const unsigned id = id_of(name);
    last_id_ = std::max(last_id_, id);
    if (id == 0) {
      continue;
    }
    auto content = read_content(generation_path(id), kLargestContent, Keep::Text);
    if (const auto* unreadable = std::get_if<FileFailure>(&content)) {
      complete_ = false;
      fail(unreadable->text);
      continue;
    }
    auto generation = parse_generation(std::get<Content>(content).text);
    if (!generation || generation->about.id != id) {
      fail(set_damaged_aside(generation_path(id)));
      continue;
    }
    generations_.push_back(std::move(*generation));
  }
  if (failure) {
    complete_ = false;
    fail(path("generations") + ": " + failure.message());
  }
  std::ranges::sort(generations_, {}, [](const auto& stored) { return stored.about.id; });
}

std::vector<Generation> Generations::list() const {
  std::vector<Generation> result;
  for (const StoredGeneration& stored : generations_) {
    result.push_back(stored.about);
  }
  return result;
}

const StoredGeneration* Generations::find(unsigned id) const {
  const auto found = std::ranges::find(generations_, id, [](const auto& g) { return g.about.id; });
  return found == generations_.end() ? nullptr : &*found;
}

std::string Generations::store_blob(const KeptFile& file) const {
  const std::string blob = path("blobs/" + file.digest);
  const auto found = read_content(blob, kLargestContent, Keep::Digest);
  const auto* content = std::get_if<Content>(&found);
  if (content != nullptr && content->digest == file.digest) {
    return {};
  }
  const std::string draft = blob + ".new";
  auto failure = copy_durably(file.path, {draft, file.digest, 0600, ::geteuid(), ::getegid()});
  if (failure.empty() && std::rename(draft.c_str(), blob.c_str()) != 0) {
    failure = failure_of(blob);
  }
  return failure;
}

std::string Generations::stage(const FileSet& set, WallClock now) {
  if (set.survey.digest.empty()) {
    return set.survey.flaw;
  }
  StoredGeneration next;
  next.about.kept_at = now;
  next.about.digest = set.survey.digest;
  next.files = set.files;
  next.directories = set.directories;
  next.about.files = next.files.size();
  const auto text = to_text(next);
  std::string failure = text ? prepare_directories() : kNotUtf8;
  for (const KeptFile& file : set.files) {
    failure = failure.empty() ? store_blob(file) : std::move(failure);
  }
  if (failure.empty()) {
    sync_directory_of(path("blobs/."));
    failure = write_durably(path("staged.json"), *text);
  }
  if (failure.empty()) {
    staged_ = std::move(next);
  }
  collect_garbage();
  return failure;
}

std::string Generations::keep_staged(const std::string& version) {
  if (!staged_) {
    return "nothing is staged";
  }
  if (generations_.empty() || generations_.back().about.digest != staged_->about.digest) {
    StoredGeneration next = *staged_;
    next.about.id = last_id_ + 1;
    next.about.version = version;
    const auto text = to_text(next);
    auto failure = text ? write_durably(generation_path(next.about.id), *text) : kNotUtf8;
    if (!failure.empty()) {
      return failure;
    }
    last_id_ = next.about.id;
    drop_twins_of(next);
    generations_.push_back(std::move(next));
  }
  staged_.reset();
  ::unlink(path("staged.json").c_str());
  drop_surplus();
  collect_garbage();
  return {};
}

/// After a rollback: what comes back takes no place from others.
void Generations::drop_twins_of(const StoredGeneration& next) {
  std::erase_if(generations_, [&](const StoredGeneration& older) {
    const bool same = older.about.digest == next.about.digest;
    if (same) {
      ::unlink(generation_path(older.about.id).c_str());
    }
    return same;
  });
}

void Generations::drop_surplus() {
  while (generations_.size() > most_) {
    ::unlink(generation_path(generations_.front().about.id).c_str());
    generations_.erase(generations_.begin());
  }
}

/// Contents that nobody refers to any more, and what a killed daemon left half-written.
void Generations::collect_garbage() const {
  if (!complete_) {
    return;
  }
  std::set<std::string> used;
  const auto use = [&](const StoredGeneration& stored) {
    for (const KeptFile& file : stored.files) {
      used.insert(file.digest);
    }
  };
  std::ranges::for_each(generations_, use);
  if (staged_) {
    use(*staged_);
  }
  std::error_code failure;
  for (const std::string& name : names_in(path("blobs"), failure)) {
    if (!used.contains(name)) {
      ::unlink(path("blobs/" + name).c_str());
    }
  }
}

std::string Generations::write_record(const RestoreRecord& record) const {
  const auto text = to_text(record);
  return text ? write_durably(path("restore.json"), *text) : kNotUtf8;
}

/// `record` has all steps, `fresh` those that are still to be done.
std::string Generations::run(RestoreRecord& record, const std::vector<RestoreStep>& fresh) {
  std::string failure = write_record(record);
  if (failure.empty()) {
    failure = carry_out(fresh, path("blobs"));
  }
  if (failure.empty()) {
    record.state = RestoreState::Done;
    failure = write_record(record);
  }
  if (failure.empty()) {
    return {};
  }
  const std::string stuck = take_back(record.steps);
  if (stuck.empty()) {
    ::unlink(path("restore.json").c_str());
  }
  return taken_back(failure, stuck);
}

Generations::Restored Generations::restore(unsigned id, WallClock now) {
  const StoredGeneration* generation = find(id);
  if (generation == nullptr) {
    return {{}, fmt::format("there is no generation {}", id)};
  }
  auto planned = plan_restoration(*generation, now);
  if (const auto* failure = std::get_if<FileFailure>(&planned)) {
    return {{}, failure->text};
  }
  const auto& steps = std::get<std::vector<RestoreStep>>(planned);
  RestoreRecord record{id, RestoreState::Doing, steps};
  std::string failure = run(record, steps);
  return failure.empty() ? Restored{rejected_by(steps), {}} : Restored{{}, std::move(failure)};
}

std::string Generations::undo_restore() {
  auto content = read_content(path("restore.json"), kLargestContent, Keep::Text);
  if (const auto* failure = std::get_if<FileFailure>(&content)) {
    return failure->number == ENOENT ? "nothing was restored" : failure->text;
  }
  auto record = parse_restore_record(std::get<Content>(content).text);
  if (!record) {
    return path("restore.json") + ": damaged";
  }
  if (auto obstacle = obstacle_to_taking_back(record->steps); !obstacle.empty()) {
    return obstacle;
  }
  // A daemon that is killed from here on finishes it when it comes back.
  record->state = RestoreState::Undoing;
  std::string failure = write_record(*record);
  if (failure.empty()) {
    failure = take_back(record->steps);
  }
  if (failure.empty()) {
    ::unlink(path("restore.json").c_str());
  }
  return failure;
}

Generations::Loaded Generations::settle_restoration(WallClock now) {
  auto content = read_content(path("restore.json"), kLargestContent, Keep::Text);
  if (const auto* failure = std::get_if<FileFailure>(&content)) {
    return {0, failure->number == ENOENT ? std::string() : failure->text};
  }
  auto record = parse_restore_record(std::get<Content>(content).text);
  if (!record) {
    return {0, set_damaged_aside(path("restore.json"))};
  }
  if (record->state == RestoreState::Doing) {
    const unsigned id = record->id;
    std::string failure = resume(std::move(*record), now);
    return failure.empty() ? Loaded{id, {}} : Loaded{0, std::move(failure)};
  }
  if (record->state == RestoreState::Undoing) {
    std::string failure = take_back(record->steps);
    if (failure.empty()) {
      ::unlink(path("restore.json").c_str());
    }
    return {0, std::move(failure)};
  }
  return {};
}

/// The plan is made anew: somebody may have worked on the files meanwhile, and loses nothing.
std::string Generations::resume(RestoreRecord record, WallClock now) {
  record.steps = finished_steps(record.steps);
  const StoredGeneration* generation = find(record.id);
  std::string failure = fmt::format("there is no generation {}", record.id);
  if (generation != nullptr) {
    auto planned = plan_restoration(*generation, now);
    if (const auto* fresh = std::get_if<std::vector<RestoreStep>>(&planned)) {
      record.steps.insert(record.steps.end(), fresh->begin(), fresh->end());
      failure = run(record, *fresh);
      return failure.empty() ? failure : "the restoration was cut off, and taken back: " + failure;
    }
    failure = std::get<FileFailure>(planned).text;
  }
  const std::string stuck = take_back(record.steps);
  if (stuck.empty()) {
    ::unlink(path("restore.json").c_str());
  }
  return taken_back("the restoration was cut off, and taken back: " + failure, stuck);
}

}  // namespace haguard::proxy
