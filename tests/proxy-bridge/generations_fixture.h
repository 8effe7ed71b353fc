#pragma once
// A configuration of three files, and generations of it in a state directory beside it.

#include <chrono>
#include <functional>
#include <map>
#include <sched.h>
#include <string>
#include <thread>

#include <sys/mount.h>

#include "proxy-bridge/generations.h"
#include "tests/proxy-bridge/scratch_haproxy.h"

namespace haguard::proxy {

/// 2024-02-29 12:34:56 UTC
inline const WallClock kNow = WallClock(std::chrono::seconds(1'709'210'096));
inline const std::string kRejected = ".rejected-20240229T123456Z";

class GenerationsTest : public ScratchHaproxy {
 protected:
  void SetUp() override {
    settings.config = {path("etc/haproxy.cfg"), path("etc/conf.d")};
    write("etc/haproxy.cfg", "frontend f\n acl a src -f " + path("etc/a.lst") + "\n");
    write("etc/conf.d/a.cfg", "defaults\n");
    write("etc/a.lst", "one\n");
    ASSERT_EQ(generations.load(kNow).error, "");
  }

  std::string stage() {
    return generations.stage(surveyor.look(configuration_sources(settings, 0)), kNow);
  }

  void keep() {
    ASSERT_EQ(stage(), "");
    ASSERT_EQ(generations.keep_staged("2.6.12"), "");
  }

  /// Everything below etc/, by name, with its content.
  std::map<std::string, std::string> disk() const {
    std::map<std::string, std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory / "etc")) {
      const std::string name = entry.path().lexically_relative(directory);
      found[name] = entry.is_regular_file() ? text_of(name) : "";
    }
    return found;
  }

  std::size_t blobs() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(directory / "state/haproxy/blobs"), {}));
  }

  /// As a daemon that starts now finds it.
  Generations::Loaded load_again() {
    generations = Generations(path("state/haproxy"), 3);
    return generations.load(kNow + std::chrono::seconds(60));
  }

  /// Runs on a thread with mounts of its own.
  static void with_own_mounts(const std::function<void()>& run) {
    std::thread([&] {
      ASSERT_EQ(::unshare(CLONE_NEWNS), 0);
      ASSERT_EQ(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
      run();
    }).join();
  }

  Generations generations{path("state/haproxy"), 3};
  FileSurveyor surveyor;
};

}  // namespace haguard::proxy
