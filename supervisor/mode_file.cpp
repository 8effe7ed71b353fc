#include "supervisor/mode_file.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>

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
  return conf::replace_file(path_, to_text({mode, wall_ms()}));
}

}  // namespace haguard::supervisor
