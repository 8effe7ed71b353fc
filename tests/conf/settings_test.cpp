// Every table of the file that is neither a check nor an instance.

#include "tests/conf/expect.h"

namespace haguard::conf::testing {
namespace {

using namespace std::chrono_literals;

TEST(ConfSettings, DefaultsAreThoseOfTheContract) {
  const Config config = valid(instance_with(""));
  EXPECT_EQ(config.node_name, "host-1");
  EXPECT_EQ(config.haproxy.mode, HaproxyMode::Attached);
  EXPECT_EQ(config.haproxy.admin_socket, "/run/haproxy/admin.sock");
  EXPECT_EQ(config.haproxy.master_socket, "/run/haproxy-master.sock");
  EXPECT_EQ(config.haproxy.pid_file, "/run/haproxy.pid");
  EXPECT_EQ(config.haproxy.hang_timeout, 600ms);
  ASSERT_TRUE(config.metrics_listen);
  EXPECT_EQ(config.metrics_listen->to_string(), "127.0.0.1:9650");
  EXPECT_EQ(config.control_socket, "/run/haguard/control.sock");
  EXPECT_EQ(config.log_level, LogLevel::Info);
  EXPECT_EQ(config.log_format, LogFormat::Text);
  EXPECT_EQ(config.process.state_dir, "/var/lib/haguard");
  EXPECT_EQ(config.process.runtime_dir, "/run/haguard");
  EXPECT_EQ(config.process.realtime_priority, 0);
  EXPECT_TRUE(config.process.lock_memory);
}

TEST(ConfSettings, EveryKeyIsRead) {
  const Config config = valid(instance_with(R"(
[node]
name = "proxy-1.example"
[haproxy]
mode = "none"
admin_socket = "/a"
master_socket = "/b"
pid_file = "/c"
hang_timeout = "50ms"
[metrics]
listen = "[::1]:1"
[control]
socket = "/d"
[log]
level = "debug"
format = "json"
[process]
state_dir = "/e"
runtime_dir = "/f"
realtime_priority = 99
lock_memory = false
)"));
  EXPECT_EQ(config.node_name, "proxy-1.example");
  EXPECT_EQ(config.haproxy.mode, HaproxyMode::None);
  EXPECT_EQ(config.haproxy.admin_socket, "/a");
  EXPECT_EQ(config.haproxy.master_socket, "/b");
  EXPECT_EQ(config.haproxy.pid_file, "/c");
  EXPECT_EQ(config.haproxy.hang_timeout, 50ms);
  ASSERT_TRUE(config.metrics_listen);
  EXPECT_EQ(config.metrics_listen->to_string(), "[::1]:1");
  EXPECT_EQ(config.control_socket, "/d");
  EXPECT_EQ(config.log_level, LogLevel::Debug);
  EXPECT_EQ(config.log_format, LogFormat::Json);
  EXPECT_EQ(config.process.state_dir, "/e");
  EXPECT_EQ(config.process.runtime_dir, "/f");
  EXPECT_EQ(config.process.realtime_priority, 99);
  EXPECT_FALSE(config.process.lock_memory);
}

TEST(ConfSettings, LevelsAndFormatsAreWords) {
  EXPECT_EQ(valid(instance_with("[log]\nlevel = \"warning\"\n")).log_level, LogLevel::Warning);
  EXPECT_EQ(valid(instance_with("[log]\nlevel = \"error\"\n")).log_level, LogLevel::Error);
  EXPECT_EQ(problems(instance_with("[log]\nformat = \"xml\"\n")),
            Lines{"f.toml:7:10: error: log.format: expected one of \"text\", \"json\", got "
                  "\"xml\""});
}

TEST(ConfSettings, AnEmptyListenAddressTurnsMetricsOff) {
  EXPECT_FALSE(valid(instance_with("[metrics]\nlisten = \"\"\n")).metrics_listen);
}

TEST(ConfSettings, ListenAddressesNeedAddressAndPort) {
  for (const char* const text : {"9650", ":9650", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0",
                                 "127.0.0.1:65536", "127.0.0.1:+1", "127.0.0.1:1x", "::1:9650",
                                 "[127.0.0.1]:9650", "[::1]", "[]:1", "localhost:9650"}) {
    EXPECT_EQ(problems(instance_with("[metrics]\nlisten = \"" + std::string(text) + "\"\n")),
              Lines{"f.toml:7:10: error: metrics.listen: expected an address and a port such as "
                    "\"127.0.0.1:443\" or \"[::1]:443\", got \"" +
                    std::string(text) + "\""});
  }
}

TEST(ConfSettings, PathsAreAbsolute) {
  EXPECT_EQ(problems(instance_with(R"([haproxy]
admin_socket = "a.sock"
master_socket = ""
pid_file = "b"
[control]
socket = "\u0000"
[process]
state_dir = "./c"
runtime_dir = "/a\nb"
)")),
            (Lines{
                "f.toml:7:16: error: haproxy.admin_socket: expected an absolute path of at most "
                "107 bytes, got \"a.sock\"",
                "f.toml:8:17: error: haproxy.master_socket: expected an absolute path of at most "
                "107 bytes, got \"\"",
                "f.toml:9:12: error: haproxy.pid_file: expected an absolute path, got \"b\"",
                "f.toml:11:10: error: control.socket: expected an absolute path of at most 107 "
                "bytes, got \"\\x00\"",
                "f.toml:13:13: error: process.state_dir: expected an absolute path, got \"./c\"",
                "f.toml:14:15: error: process.runtime_dir: expected an absolute path, got "
                "\"/a\\x0ab\"",
            }));
}

TEST(ConfSettings, SocketPathsFitIntoASocketAddress) {
  const std::string longest = "/" + std::string(106, 's');
  EXPECT_EQ(valid(instance_with("[control]\nsocket = \"" + longest + "\"\n")).control_socket,
            longest);
  EXPECT_EQ(problems(instance_with("[control]\nsocket = \"" + longest + "s\"\n")),
            Lines{"f.toml:7:10: error: control.socket: expected an absolute path of at most 107 "
                  "bytes, got \"" +
                  longest + "s\""});
}

TEST(ConfSettings, HangTimeoutHasARange) {
  EXPECT_EQ(problems(instance_with("[haproxy]\nhang_timeout = \"49ms\"\n")),
            Lines{"f.toml:7:16: error: haproxy.hang_timeout: expected 50ms to 60s, got \"49ms\""});
  EXPECT_EQ(problems(instance_with("[haproxy]\nhang_timeout = \"61s\"\n")),
            Lines{"f.toml:7:16: error: haproxy.hang_timeout: expected 50ms to 60s, got \"61s\""});
  EXPECT_EQ(valid(instance_with("[haproxy]\nhang_timeout = \"1m\"\n")).haproxy.hang_timeout, 60s);
}

TEST(ConfSettings, RealtimePriorityHasARange) {
  EXPECT_EQ(problems(instance_with("[process]\nrealtime_priority = -1\n")),
            Lines{"f.toml:7:21: error: process.realtime_priority: expected an integer from 0 to "
                  "99, got -1"});
}

TEST(ConfSettings, NodeNamesAreNames) {
  EXPECT_EQ(problems(instance_with("[node]\nname = \"proxy 1\"\n")),
            Lines{"f.toml:7:8: error: node.name: expected 1 to 64 letters, digits or \"_.-\", got "
                  "\"proxy 1\""});
}

TEST(ConfSettings, FilesOfHaproxyAreAbsolutePaths) {
  const std::vector<std::string> usual{"/etc/haproxy/haproxy.cfg"};
  EXPECT_EQ(valid(instance_with("")).haproxy.config, usual);
  const std::vector<std::string> two{"/a.cfg", "/conf.d"};
  EXPECT_EQ(valid(instance_with("[haproxy]\nconfig = [\"/a.cfg\", \"/conf.d\"]\n")).haproxy.config,
            two);
  EXPECT_EQ(problems(instance_with("[haproxy]\nconfig = []\n")).size(), 1U);
  EXPECT_EQ(problems(instance_with("[haproxy]\nconfig = [\"a.cfg\"]\n")).size(), 1U);
}

TEST(ConfSettings, ReloadsAndDrain) {
  const Haproxy defaults = valid(instance_with("")).haproxy;
  EXPECT_FALSE(defaults.reload.watch);
  EXPECT_EQ(defaults.reload.debounce, 2s);
  EXPECT_EQ(defaults.reload.min_interval, 5s);
  EXPECT_EQ(defaults.reload.probation, 10s);
  EXPECT_EQ(defaults.reload.on_failure, OnFailure::Keep);
  EXPECT_EQ(defaults.reload.generations, 10U);
  EXPECT_EQ(defaults.drain_timeout, 10s);
  EXPECT_EQ(defaults.binary, "/usr/sbin/haproxy");

  const Haproxy set = valid(instance_with(R"([haproxy]
binary = "/opt/haproxy"
[haproxy.reload]
watch = true
debounce = "1s"
min_interval = "7s"
probation = "20s"
on_failure = "restore"
generations = 3
[haproxy.drain]
timeout = "1m"
)"))
                          .haproxy;
  EXPECT_TRUE(set.reload.watch);
  EXPECT_EQ(set.reload.debounce, 1s);
  EXPECT_EQ(set.reload.min_interval, 7s);
  EXPECT_EQ(set.reload.probation, 20s);
  EXPECT_EQ(set.reload.on_failure, OnFailure::Restore);
  EXPECT_EQ(set.reload.generations, 3U);
  EXPECT_EQ(set.drain_timeout, 60s);
  EXPECT_EQ(set.binary, "/opt/haproxy");
}

TEST(ConfSettings, OfReloadsAndDrainNonsenseIsRefused) {
  EXPECT_EQ(problems(instance_with(R"([haproxy.reload]
watch = "yes"
on_failure = "retry"
generations = 0
)"))
                .size(),
            3U);
}

TEST(ConfSettings, AManagedHaproxyHasTheBuiltInCheckAsWell) {
  const Config config = valid(instance_with("[haproxy]\nmode = \"managed\"\n"));
  EXPECT_EQ(config.haproxy.mode, HaproxyMode::Managed);
  ASSERT_EQ(config.checks.size(), 1U);
  EXPECT_EQ(config.checks[0].type, CheckType::Haproxy);
}

}  // namespace
}  // namespace haguard::conf::testing
