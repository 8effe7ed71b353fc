#include "proxy-bridge/generation_record.h"

#include <algorithm>
#include <chrono>

#include <nlohmann/json.hpp>

namespace haguard::proxy {
namespace {

using nlohmann::json;

bool is_digest(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// All that goes wrong within is an exception of the library's, and means: not as it was written.
template <typename Value, typename Read>
std::optional<Value> parsed(std::string_view text, Read read) {
  try {
    return read(json::parse(text));
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

std::optional<std::string> dumped(const json& value) {
  try {
    return value.dump(1) + "\n";
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

json to_json(const KeptFile& file) {
  return {{"path", file.path},
          {"sha256", file.digest},
          {"mode", file.mode},
          {"uid", file.uid},
          {"gid", file.gid}};
}

KeptFile to_file(const json& value) {
  return {value.at("path").get<std::string>(), value.at("sha256").get<std::string>(),
          value.at("mode").get<std::uint32_t>(), value.at("uid").get<std::uint32_t>(),
          value.at("gid").get<std::uint32_t>()};
}

json to_json(const RestoreStep& step) {
  return {{"kind", step.kind},
          {"path", step.path},
          {"draft", step.draft},
          {"rejected", step.rejected},
          {"file", to_json(step.file)}};
}

RestoreStep to_step(const json& value) {
  return {value.at("kind").get<StepKind>(), value.at("path").get<std::string>(),
          value.at("draft").get<std::string>(), value.at("rejected").get<std::string>(),
          to_file(value.at("file"))};
}

bool is_sound(const StoredGeneration& generation) {
  return is_digest(generation.about.digest) &&
         std::ranges::all_of(generation.files,
                             [](const KeptFile& file) { return is_digest(file.digest); });
}

bool is_sound(const RestoreStep& step) {
  const bool has_file = step.kind == StepKind::Replace || step.kind == StepKind::Create;
  return step.kind <= StepKind::SetAside && step.path.starts_with('/') &&
         (!has_file || is_digest(step.file.digest));
}

}  // namespace

std::optional<std::string> to_text(const StoredGeneration& generation) {
  const Generation& about = generation.about;
  const auto since =
      std::chrono::duration_cast<std::chrono::microseconds>(about.kept_at.time_since_epoch());
  json value{{"id", about.id},         {"kept_at_us", since.count()},
             {"digest", about.digest}, {"version", about.version},
             {"files", json::array()}, {"directories", json::array()}};
  for (const KeptFile& file : generation.files) {
    value["files"].push_back(to_json(file));
  }
  for (const LoadedDirectory& directory : generation.directories) {
    value["directories"].push_back({{"path", directory.path}, {"kind", directory.kind}});
  }
  return dumped(value);
}

std::optional<std::string> to_text(const RestoreRecord& record) {
  json value{{"id", record.id}, {"state", record.state}, {"steps", json::array()}};
  for (const RestoreStep& step : record.steps) {
    value["steps"].push_back(to_json(step));
  }
  return dumped(value);
}

std::optional<StoredGeneration> parse_generation(std::string_view text) {
  auto found = parsed<StoredGeneration>(text, [](const json& value) {
    StoredGeneration generation;
    generation.about.id = value.at("id").get<unsigned>();
    generation.about.kept_at =
        WallClock(std::chrono::microseconds(value.at("kept_at_us").get<std::int64_t>()));
    generation.about.digest = value.at("digest").get<std::string>();
    generation.about.version = value.at("version").get<std::string>();
    for (const json& file : value.at("files")) {
      generation.files.push_back(to_file(file));
    }
    for (const json& directory : value.at("directories")) {
      generation.directories.push_back(
          {directory.at("path").get<std::string>(), directory.at("kind").get<LoadedKind>()});
    }
    generation.about.files = generation.files.size();
    return generation;
  });
  return found && is_sound(*found) ? found : std::nullopt;
}

std::optional<RestoreRecord> parse_restore_record(std::string_view text) {
  auto found = parsed<RestoreRecord>(text, [](const json& value) {
    RestoreRecord record{value.at("id").get<unsigned>(), value.at("state").get<RestoreState>(), {}};
    for (const json& step : value.at("steps")) {
      record.steps.push_back(to_step(step));
    }
    return record;
  });
  const bool sound =
      found && found->state <= RestoreState::Undoing &&
      std::ranges::all_of(found->steps, [](const auto& step) { return is_sound(step); });
  return sound ? found : std::nullopt;
}

}  // namespace haguard::proxy
