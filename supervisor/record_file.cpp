#include "supervisor/record_file.h"

#include <fstream>

#include "conf/file.h"

namespace haguard::supervisor {
namespace {

constexpr std::size_t kLargestRecord = std::size_t{8} << 20U;

/// Empty when the kernel does not tell; then nothing is ever adopted.
std::string read_boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

}  // namespace

RecordFile::RecordFile(const std::string& runtime_dir)
    : path_(runtime_dir + "/record.json"), boot_id_(read_boot_id()) {}

std::vector<RecordedRouter> RecordFile::read() const {
  const auto content = conf::read_file(path_, kLargestRecord);
  const auto* file = std::get_if<conf::FileContent>(&content);
  const auto record = file == nullptr ? std::nullopt : parse_record(file->text);
  if (!record || boot_id_.empty() || record->boot_id != boot_id_) {
    return {};
  }
  return record->routers;
}

std::string RecordFile::write(const std::vector<RecordedRouter>& routers) const {
  return conf::replace_file(path_, to_text({boot_id_, routers}));
}

}  // namespace haguard::supervisor
