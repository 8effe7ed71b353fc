#include "proxy-bridge/configuration_files.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <variant>

#include "conf/file.h"
#include "proxy-bridge/command_line.h"
#include "proxy-bridge/master_pid.h"

namespace haguard::proxy {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestFile = std::size_t{16} << 20U;
constexpr std::size_t kMostBytes = std::size_t{64} << 20U;
constexpr std::size_t kMostFiles = 4096;

ConfigurationSources running_sources(int pid) {
  ConfigurationSources sources;
  sources.names = files_of_command_line(await_command_line_of(pid));
  sources.running = true;
  std::error_code failure;
  const fs::path directory =
      fs::read_symlink(fs::path("/proc") / std::to_string(pid) / "cwd", failure);
  if (!failure) {
    sources.working_directory = directory.string();
    for (std::string& name : sources.names) {
      name = (directory / name).string();
    }
  }
  return sources;
}

class Collector {
 public:
  /// What HAProxy does with the value of -f.
  void add(const fs::path& path) {
    std::error_code failure;
    if (!fs::is_directory(path, failure)) {
      read(path);
      return;
    }
    failure.clear();
    for (const fs::path& file : configuration_files_in(path, failure)) {
      read(file);
    }
    if (failure) {
      fail(path, failure.message());
    }
  }

  void fail(const fs::path& path, const std::string& why) {
    result_.failures.push_back(path.string() + ": " + why);
  }

  ConfigurationFiles take() { return std::move(result_); }

 private:
  void read(const fs::path& path) {
    auto content = conf::read_file(path, std::min(kLargestFile, kMostBytes - bytes_));
    if (const auto* failure = std::get_if<conf::FileError>(&content)) {
      fail(path, failure->reason);
      return;
    }
    std::string& text = std::get<conf::FileContent>(content).text;
    bytes_ += text.size();
    result_.files.push_back({path.string(), std::move(text)});
  }

  ConfigurationFiles result_;
  std::size_t bytes_ = 0;
};

void collect_running(int pid, Collector& collector) {
  for (const std::string& name : running_sources(pid).names) {
    if (fs::path(name).is_absolute()) {
      collector.add(name);
    } else {
      collector.fail(name, "the working directory of HAProxy is not known");
    }
  }
}

}  // namespace

std::vector<std::string> files_of_command_line(const std::string& cmdline) {
  fs::path directory;  // of -C
  std::vector<std::string> files;
  for (const Option& option : options_of_command_line(cmdline)) {
    if (option.name == "-f" || option.name == "--") {
      files.insert(files.end(), option.values.begin(), option.values.end());
    } else if (option.name == "-C" && !option.values.empty()) {
      directory = option.values[0];
    }
  }
  for (std::string& file : files) {
    file = (directory / file).string();
  }
  return files;
}

ConfigurationSources configuration_sources(const conf::Haproxy& haproxy, int master_pid) {
  if (master_pid != 0) {
    ConfigurationSources sources = running_sources(master_pid);
    if (!sources.names.empty()) {
      return sources;
    }
  }
  return {haproxy.config, "/", false};
}

std::vector<fs::path> configuration_files_in(const fs::path& directory, std::error_code& failure) {
  std::vector<fs::path> found;
  fs::directory_iterator entry(directory, failure);
  for (; !failure && entry != fs::directory_iterator(); entry.increment(failure)) {
    std::error_code unreadable;
    const std::string name = entry->path().filename().string();
    if (!name.starts_with('.') && name.ends_with(".cfg") && entry->is_regular_file(unreadable)) {
      found.push_back(entry->path());
    }
    if (found.size() > kMostFiles) {
      failure = std::make_error_code(std::errc::too_many_files_open);
    }
  }
  std::ranges::sort(found, {}, [](const fs::path& file) { return file.string(); });
  return found;
}

ConfigurationFiles read_configuration_files(const conf::Haproxy& haproxy, int master_pid) {
  Collector collector;
  auto master = master_pid != 0 ? std::optional(master_pid) : haproxy_behind(haproxy.master_socket);
  if (!master) {
    master = haproxy_in(haproxy.pid_file);
  }
  if (master) {
    collect_running(*master, collector);
    return collector.take();
  }
  for (const std::string& path : haproxy.config) {
    std::error_code failure;
    if (std::filesystem::exists(path, failure)) {
      collector.add(path);
    }
  }
  return collector.take();
}

}  // namespace haguard::proxy
