// What checks of each type have of their own.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <unistd.h>
#include <variant>

#include <fmt/format.h>

#include "tests/conf/expect.h"

namespace haguard::conf::testing {
namespace {

namespace fs = std::filesystem;

/// The one check, of that type, on lines 8 to 10; its own keys begin on line 11.
std::string typed(std::string_view type, std::string_view keys) {
  return instance_with(fmt::format(
      "[haproxy]\nmode = \"none\"\n[[check]]\nname = \"web\"\ntype = \"{}\"\n{}", type, keys));
}

Check only_check(std::string_view type, std::string_view keys) {
  const Config config = valid(typed(type, keys));
  EXPECT_EQ(config.checks.size(), 1U);
  return config.checks.empty() ? Check{} : config.checks[0];
}

/// The one problem, without its line: that of the first own key.
std::string problem(std::string_view type, std::string_view keys) {
  const Lines lines = problems(typed(type, keys));
  EXPECT_EQ(lines.size(), 1U) << fmt::format("{}", keys);
  constexpr std::string_view kPlace = "f.toml:11:";
  const std::string line = lines.empty() ? "" : lines[0];
  EXPECT_TRUE(line.starts_with(kPlace)) << line;
  return line.substr(std::min(line.size(), kPlace.size()));
}

std::string url_problem(std::string_view url) {
  return problem("http", fmt::format("url = \"{}\"\n", url));
}

TEST(ConfCheckTypes, EachNeedsWhatItAsks) {
  for (const auto& [type, key] :
       std::vector<std::pair<const char*, const char*>>{{"tcp", "target"},
                                                        {"http", "url"},
                                                        {"interface", "interface"},
                                                        {"gateway", "target"},
                                                        {"exec", "command"},
                                                        {"file", "path"}}) {
    EXPECT_EQ(problems(typed(type, "")),
              Lines{fmt::format("f.toml:8:1: error: check: \"{}\" is missing", key)});
  }
}

TEST(ConfCheckTypes, Tcp) {
  EXPECT_FALSE(only_check("tcp", "target = \"[::1]:443\"\n").send_proxy);
  EXPECT_TRUE(only_check("tcp", "target = \"[::1]:443\"\nsend_proxy = true\n").send_proxy);
}

// ---- http

TEST(ConfCheckTypes, HttpDefaultsAreThoseOfTheContract) {
  const Check check = only_check("http", "url = \"http://127.0.0.1:8080/healthz?full=1\"\n");
  EXPECT_EQ(check.target.to_string(), "127.0.0.1:8080");
  EXPECT_EQ(check.http.path, "/healthz?full=1");
  EXPECT_EQ(check.http.host, "127.0.0.1:8080");
  EXPECT_EQ(check.http.method, "GET");
  EXPECT_EQ(check.http.status, std::vector{200U});
}

TEST(ConfCheckTypes, EveryHttpKeyIsRead) {
  const Check check = only_check("http", R"(url = "http://[::1]:81/"
host = "www.example.com"
method = "HEAD"
expect_status = [204, 301, 100, 599]
)");
  EXPECT_EQ(check.target.to_string(), "[::1]:81");
  EXPECT_EQ(check.http.path, "/");
  EXPECT_EQ(check.http.host, "www.example.com");
  EXPECT_EQ(check.http.method, "HEAD");
  EXPECT_EQ(check.http.status, (std::vector{204U, 301U, 100U, 599U}));
}

TEST(ConfCheckTypes, AUrlMayLackPortAndPath) {
  const Check plain = only_check("http", "url = \"http://10.0.0.1\"\n");
  EXPECT_EQ(plain.target.to_string(), "10.0.0.1:80");
  EXPECT_EQ(plain.http.path, "/");
  EXPECT_EQ(only_check("http", "url = \"http://10.0.0.1?a/b\"\n").http.path, "/?a/b");
  const Check local = only_check("http", "url = \"http://localhost:8080\"\n");
  EXPECT_EQ(local.target.to_string(), "127.0.0.1:8080");
  EXPECT_EQ(local.http.host, "localhost:8080");
  EXPECT_EQ(only_check("http", "url = \"http://[2001:db8::1]/\"\n").target.to_string(),
            "[2001:db8::1]:80");
}

TEST(ConfCheckTypes, AUrlWithANameIsRefusedWithTheReason) {
  for (const char* const host : {"www.example.com", "", "10.0.0.300", "::1", "0.0.0.0", "[1.2.3.4]",
                                 "224.0.0.1", "[fe80::1%eth0]", "[::1"}) {
    EXPECT_NE(url_problem(fmt::format("http://{}/", host))
                  .find("; a name would make the check depend on DNS"),
              std::string::npos)
        << host;
  }
  EXPECT_EQ(url_problem("http://app:8080/"),
            "7: error: check.url: expected the IPv4 address of a server, its IPv6 address in "
            "brackets or \"localhost\", got \"app\"; a name would make the check depend on DNS");
  EXPECT_NE(url_problem("http://[::1/").find("got \"[::1\""), std::string::npos);
}

TEST(ConfCheckTypes, AUrlHasAGoodPort) {
  for (const char* const port : {"", "0", "65536", "80x", "-1"}) {
    EXPECT_EQ(
        url_problem(fmt::format("http://10.0.0.1:{}/", port)),
        fmt::format("7: error: check.url: expected a port from 1 to 65535, got \"{}\"", port));
  }
  EXPECT_EQ(url_problem("http://[::1]80/").substr(0, 21), "7: error: check.url: ");
}

TEST(ConfCheckTypes, AUrlCannotCarryASecondRequest) {
  for (const char* const url :
       {"http://10.0.0.1/ HTTP/1.1", "http://10.0.0.1/\\r\\nX: y", "http://10.0.0.1/\\u0000",
        "http://10.0.0.1/\\t", "http://10.0.0.1/\\u007f", "http://10.0.0.1/ü"}) {
    EXPECT_NE(url_problem(url).find("without spaces, control characters and bytes beyond ASCII"),
              std::string::npos)
        << url;
  }
  EXPECT_NE(url_problem("http://10.0.0.1/" + std::string(2048, 'a')).find("at most 2048 bytes"),
            std::string::npos);
}

TEST(ConfCheckTypes, OtherSchemesAndPartsAreRefused) {
  EXPECT_EQ(url_problem("https://10.0.0.1/"),
            "7: error: check.url: https is not supported: expected http://, or a check of type "
            "\"tcp\" for the port");
  EXPECT_EQ(url_problem("10.0.0.1:80"),
            "7: error: check.url: expected a URL such as \"http://127.0.0.1:8080/healthz\", got "
            "\"10.0.0.1:80\"");
  EXPECT_EQ(url_problem("http://10.0.0.1/#top"),
            "7: error: check.url: a fragment (\"#…\") never goes to a server, expected a URL "
            "without it");
}

TEST(ConfCheckTypes, APasswordInAUrlIsRefusedAndNotShown) {
  for (const char* const url :
       {"http://me:secret@10.0.0.1/", "https://me:secret@10.0.0.1", "http://me:sec ret@10.0.0.1"}) {
    EXPECT_EQ(url_problem(url),
              "7: error: check.url: a user name or password in the URL is not supported");
  }
}

TEST(ConfCheckTypes, HttpWordsCannotCarryHeaders) {
  const std::string url = "\nurl = \"http://10.0.0.1/\"\n";
  EXPECT_EQ(problem("http", "host = \"a\\r\\nb: c\"" + url),
            "8: error: check.host: expected a host such as \"www.example.com\" or "
            "\"127.0.0.1:8080\", got \"a\\x0d\\x0ab: c\"");
  for (const std::string& method :
       {std::string("GET /"), std::string(), std::string(33, 'A'), std::string("GET:")}) {
    EXPECT_EQ(problem("http", "method = \"" + method + "\"" + url),
              "10: error: check.method: expected a method such as \"GET\" or \"HEAD\", got \"" +
                  method + "\"");
  }
}

TEST(ConfCheckTypes, StatusCodesHaveARange) {
  const std::string url = "\nurl = \"http://10.0.0.1/\"\n";
  EXPECT_EQ(problem("http", "expect_status = []" + url),
            "17: error: check.expect_status: expected at least 1 entry, got none");
  EXPECT_EQ(problem("http", "expect_status = [99]" + url),
            "18: error: check.expect_status: expected an integer from 100 to 599, got 99");
  EXPECT_EQ(problem("http", "expect_status = [600]" + url),
            "18: error: check.expect_status: expected an integer from 100 to 599, got 600");
  EXPECT_EQ(problem("http", "expect_status = [200, 200]" + url),
            "23: error: check.expect_status: listed twice");
}

// ---- interface and gateway

TEST(ConfCheckTypes, Interface) {
  EXPECT_EQ(only_check("interface", "interface = \"etx1\"\n").interface, "etx1");
  EXPECT_EQ(problem("interface", "interface = \"a/b\"\n"),
            "13: error: check.interface: expected an interface name of 1 to 15 bytes without \"/\" "
            "and spaces, got \"a/b\"");
}

TEST(ConfCheckTypes, WhatAnInterfaceCheckDoesNotCountIsAWarning) {
  EXPECT_EQ(problem("interface", "fall = 2\ninterface = \"etx1\"\n"),
            "8: warning: check.fall: changes nothing: an interface that is down fails at once");
  EXPECT_EQ(problem("interface", "timeout = \"1ms\"\ninterface = \"etx1\"\n"),
            "11: warning: check.timeout: changes nothing: an interface that is down fails at once");
}

TEST(ConfCheckTypes, AnInterfaceCheckCannotAskForADeviceOfOurOwn) {
  EXPECT_EQ(problems(instance_with("use_virtual_mac = true\n[[check]]\nname = \"web\"\n"
                                   "type = \"interface\"\ninterface = \"vrrp4.51\"\n")),
            Lines{"f.toml:6:19: error: vrrp.instance.use_virtual_mac: check \"web\" asks for the "
                  "device vrrp4.51 of it, which is down while this node is Backup"});
}

TEST(ConfCheckTypes, Gateway) {
  EXPECT_EQ(only_check("gateway", "target = \"172.28.1.1\"\n").gateway, ip("172.28.1.1"));
  EXPECT_EQ(only_check("gateway", "target = \"fe80::1\"\n").gateway, ip("fe80::1"));
  for (const char* const address : {"0.0.0.0", "::", "127.0.0.1", "::1", "224.0.0.18", "ff02::1"}) {
    EXPECT_NE(problem("gateway", fmt::format("target = \"{}\"\n", address))
                  .find(", expected one that a host can have"),
              std::string::npos)
        << address;
  }
  EXPECT_EQ(problem("gateway", "target = \"172.28.1.1:80\"\n"),
            "10: error: check.target: expected an IPv4 or IPv6 address such as \"172.28.1.254\" or "
            "\"2001:db8::10\", got \"172.28.1.1:80\"");
}

// ---- exec and file

class ConfLocalFiles : public ::testing::Test {
 protected:
  ConfLocalFiles() { fs::create_directory(directory_); }
  ~ConfLocalFiles() override { fs::remove_all(directory_); }

  std::string make(const std::string& name, fs::perms mode) {
    const fs::path path = directory_ / name;
    std::ofstream(path) << "#!/bin/sh\n";
    fs::permissions(path, mode);
    return path.string();
  }

  fs::path directory_ = fs::temp_directory_path() / fmt::format("haguard-check-types-{}", getpid());
};

TEST_F(ConfLocalFiles, ACommandIsAProgramAndItsArguments) {
  const std::string program = make("check", fs::perms(0700));
  const Check check = only_check(
      "exec", fmt::format("command = [\"{}\", \"-a\", \"-a\", \"\"]\nuser = \"root\"\n", program));
  EXPECT_EQ(check.command, (std::vector<std::string>{program, "-a", "-a", ""}));
  EXPECT_EQ(check.user, "root");
  EXPECT_EQ(only_check("exec", fmt::format("command = [\"{}\"]\n", program)).user, "");
}

TEST_F(ConfLocalFiles, ACommandThatCannotRunIsAnError) {
  const std::string plain = make("plain", fs::perms(0640));
  const std::string where = directory_.string();
  EXPECT_EQ(problem("exec", fmt::format("command = [\"{}/absent\"]\n", where)),
            fmt::format("12: error: check.command: cannot run \"{}/absent\": No such file or "
                        "directory",
                        where));
  EXPECT_EQ(problem("exec", fmt::format("command = [\"{}\"]\n", where)),
            fmt::format("12: error: check.command: cannot run \"{}\": not a regular file", where));
  EXPECT_EQ(problem("exec", fmt::format("command = [\"{}\"]\n", plain)),
            fmt::format("12: error: check.command: cannot run \"{}\": it has mode 0640, so it is "
                        "not executable",
                        plain));
  EXPECT_EQ(problem("exec", "command = [\"true\"]\n"),
            "12: error: check.command: expected an absolute path, got \"true\"");
  EXPECT_EQ(problem("exec", "command = []\n"),
            "11: error: check.command: expected at least 1 entry, got none");
  EXPECT_EQ(problem("exec", "command = \"/bin/true\"\n"),
            "11: error: check.command: expected an array, got string \"/bin/true\"");
}

TEST_F(ConfLocalFiles, WhoOnlyAsksTheDaemonNeedsNothingThatTheFileNames) {
  const std::string text = fmt::format(R"([[vrrp.instance]]
name = "edge"
interface = "eth0"
virtual_router_id = 51
virtual_addresses = ["172.28.1.254"]
authentication = {{ type = "pass", password_file = "{0}/secret" }}
[vrrp]
version = 2
[control]
socket = "/run/elsewhere/control.sock"
[hooks]
on_active = ["{0}/hook"]
[[check]]
name = "exec"
type = "exec"
command = ["{0}/absent"]
user = "no.such-user"
[[check]]
name = "file"
type = "file"
path = "{0}/absent/flag"
)",
                                       directory_.string());
  const auto daemon = parse(text, "haguard.toml", "proxy-1");
  ASSERT_TRUE(std::holds_alternative<Problems>(daemon));
  EXPECT_EQ(std::ranges::count(std::get<Problems>(daemon), Severity::Error, &Problem::severity), 5);

  const auto command = parse(text, "haguard.toml", "proxy-1", Purpose::Ask);
  ASSERT_TRUE(std::holds_alternative<Parsed>(command));
  const auto& [config, warnings, places, texts] = std::get<Parsed>(command);
  EXPECT_EQ(config.control_socket, "/run/elsewhere/control.sock");
  EXPECT_EQ(config.instances.size(), 1U);
  EXPECT_EQ(std::ranges::count(warnings, Severity::Warning, &Problem::severity), 5);
}

TEST_F(ConfLocalFiles, ArgumentsAreStringsThatCCanPass) {
  const std::string program = make("check", fs::perms(0700));
  EXPECT_NE(problem("exec", fmt::format("command = [\"{}\", \"a\\u0000b\"]\n", program))
                .find("expected at most 65536 bytes and none of them zero"),
            std::string::npos);
  EXPECT_NE(problem("exec", fmt::format("command = [\"{}\", 1]\n", program))
                .find("expected an argument as a string, got integer 1"),
            std::string::npos);
}

TEST_F(ConfLocalFiles, AProgramThatEverybodyCanChangeIsAWarning) {
  const std::string program = make("check", fs::perms(0777));
  EXPECT_EQ(problem("exec", fmt::format("command = [\"{}\"]\n", program)),
            fmt::format("12: warning: check.command: \"{}\" has mode 0777, so everybody can change "
                        "what is run",
                        program));
}

TEST_F(ConfLocalFiles, AUserMustExist) {
  const std::string program = make("check", fs::perms(0700));
  EXPECT_EQ(problem("exec", fmt::format("user = \"no.such-user\"\ncommand = [\"{}\"]\n", program)),
            "8: error: check.user: there is no user \"no.such-user\" in /etc/passwd");
  EXPECT_EQ(problem("exec", fmt::format("user = \"roo\"\ncommand = [\"{}\"]\n", program)),
            "8: error: check.user: there is no user \"roo\" in /etc/passwd");
}

TEST_F(ConfLocalFiles, AFileMayBeMissingButNotItsDirectory) {
  const std::string where = directory_.string();
  EXPECT_EQ(only_check("file", fmt::format("path = \"{}/maintenance\"\n", where)).path,
            where + "/maintenance");
  EXPECT_EQ(problem("file", fmt::format("path = \"{}/absent/maintenance\"\n", where)),
            fmt::format("8: error: check.path: \"{}/absent\" is no directory: No such file or "
                        "directory",
                        where));
  const std::string plain = make("plain", fs::perms(0640));
  EXPECT_EQ(problem("file", fmt::format("path = \"{}/maintenance\"\n", plain)),
            fmt::format("8: error: check.path: \"{}\" is no directory", plain));
  EXPECT_EQ(problem("file", "path = \"maintenance\"\n"),
            "8: error: check.path: expected an absolute path, got \"maintenance\"");
  EXPECT_EQ(problem("file", fmt::format("path = \"{}/\"\n", where)),
            fmt::format("8: error: check.path: expected the path of a file, got \"{}/\"", where));
}

TEST_F(ConfLocalFiles, ChecksOfEveryTypeAreComparedWithTheOthers) {
  const std::string program = make("check", fs::perms(0700));
  for (const auto& [type, keys, column] :
       std::vector<std::tuple<const char*, std::string, unsigned>>{
           {"http", "url = \"http://10.0.0.1/a\"\n", 7},
           {"interface", "interface = \"etx1\"\n", 13},
           {"gateway", "target = \"10.0.0.1\"\n", 10},
           {"exec", fmt::format("command = [\"{}\", \"a\"]\n", program), 11},
           {"file", "path = \"/maintenance\"\n", 8}}) {
    const std::string twice =
        typed(type, keys) + fmt::format("[[check]]\nname = \"b\"\ntype = \"{}\"\n{}", type, keys);
    const Lines lines = problems(twice);
    ASSERT_EQ(lines.size(), 1U) << type;
    EXPECT_TRUE(lines[0].starts_with(fmt::format("f.toml:15:{}: warning: ", column))) << lines[0];
    EXPECT_TRUE(lines[0].ends_with("check \"web\" asks the same")) << lines[0];
  }
  EXPECT_EQ(problems(typed("http", "url = \"http://10.0.0.1/a\"\n") +
                     "[[check]]\nname = \"b\"\ntype = \"http\"\nurl = \"http://10.0.0.1/b\"\n"),
            Lines{});
}

}  // namespace
}  // namespace haguard::conf::testing
