#include "supervisor/mode_file.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include "conf/file.h"

namespace haguard::supervisor {
namespace {

constexpr std::size_t kLargestFile = 4096;

std::int64_t wall_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

ModeFile::ModeFile(const std::string& state_dir) : path_(state_dir + "/mode.json") {}

SavedMode ModeFile::read() const {
  const auto content = conf::read_file(path_, kLargestFile);
  const auto* file = std::get_if<conf::FileContent>(&content);
  const auto record = file == nullptr ? std::nullopt : parse_mode(file->text);
  if (!record) {
    return {};
  }
  const std::int64_t now = wall_ms();
  return {record->mode,
          std::chrono::milliseconds(now - std::clamp<std::int64_t>(record->since_ms, 0, now))};
}

std::string ModeFile::write(Mode mode) const {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), ignored);
  const std::string draft = path_ + ".new";
  std::ofstream file(draft, std::ios::trunc);
  file << to_text({mode, wall_ms()});
  file.close();
  if (!file || std::rename(draft.c_str(), path_.c_str()) != 0) {
    return fmt::format("{}: {}", path_, std::generic_category().message(errno));
  }
  return {};
}

}  // namespace haguard::supervisor
