#pragma once
// A directory with the files of a HAProxy that does not run.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "conf/config.h"

namespace haguard::proxy {

class ScratchHaproxy : public testing::Test {
 protected:
  ScratchHaproxy() {
    std::string name = (std::filesystem::temp_directory_path() / "haguard-reload-XXXXXX").string();
    directory = ::mkdtemp(name.data());
    settings.pid_file = path("none.pid");
    settings.master_socket = path("none.sock");
    settings.config = {path("haproxy.cfg")};
  }
  ~ScratchHaproxy() override { std::filesystem::remove_all(directory); }

  [[nodiscard]] std::string path(const std::string& name) const { return directory / name; }

  /// In place, as `cat >` does.
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((directory / name).parent_path());
    std::ofstream(directory / name) << text;
  }

  [[nodiscard]] std::string text_of(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(directory / name).rdbuf();
    return text.str();
  }

  [[nodiscard]] bool exists(const std::string& name) const {
    return std::filesystem::exists(std::filesystem::symlink_status(directory / name));
  }

  std::filesystem::path directory;
  conf::Haproxy settings;
};

}  // namespace haguard::proxy
