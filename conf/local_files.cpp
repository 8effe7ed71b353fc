#include "conf/local_files.h"

#include <filesystem>
#include <string_view>
#include <system_error>
#include <variant>

#include <fmt/format.h>

#include "conf/file.h"
#include "conf/kinds.h"

namespace haguard::conf {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostArguments = 256;
/// Linux takes 128 KiB (MAX_ARG_STRLEN, execve(2)).
constexpr std::size_t kLongestArgument = 65536;
constexpr std::size_t kLargestUserList = std::size_t{4} << 20U;
constexpr const char* kUserList = "/etc/passwd";

bool has(fs::perms mode, fs::perms any_of) {
  return (mode & any_of) != fs::perms::none;
}

/// A program that exists and may be executed by somebody.
bool is_program(const Value& value, const std::string& path) {
  std::error_code failure;
  const auto status = fs::status(path, failure);
  if (failure) {
    value.absent(fmt::format("cannot run {}: {}", in_quotes(path), failure.message()));
    return false;
  }
  if (!fs::is_regular_file(status)) {
    value.absent(fmt::format("cannot run {}: not a regular file", in_quotes(path)));
    return false;
  }
  using fs::perms;
  const perms mode = status.permissions();
  if (!has(mode, perms::owner_exec | perms::group_exec | perms::others_exec)) {
    value.absent(fmt::format("cannot run {}: it has mode {:04o}, so it is not executable",
                             in_quotes(path), static_cast<unsigned>(mode)));
    return false;
  }
  if (has(mode, perms::others_write)) {
    value.warning(fmt::format("{} has mode {:04o}, so everybody can change what is run",
                              in_quotes(path), static_cast<unsigned>(mode)));
  }
  return true;
}

/// Any text but one that C would cut short.
std::optional<std::string> argument(const Value& value) {
  auto text = value.text("an argument as a string");
  if (text && (text->size() > kLongestArgument || text->find('\0') != std::string::npos)) {
    value.error(fmt::format("expected at most {} bytes and none of them zero", kLongestArgument));
    return std::nullopt;
  }
  return text;
}

bool is_user_of(std::string_view list, std::string_view name) {
  const std::string entry = fmt::format("{}:", name);
  while (!list.empty()) {
    if (list.starts_with(entry)) {
      return true;
    }
    const auto end = list.find('\n');
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
  }
  return false;
}

}  // namespace

std::optional<std::string> program(const Value& value) {
  auto path = absolute_path(value);
  return path && is_program(value, *path) ? path : std::nullopt;
}

std::optional<std::vector<std::string>> command(const Value& value) {
  const auto items = items_between(value, 1, kMostArguments);
  if (!items) {
    return std::nullopt;
  }
  const auto path = program(items->front());
  if (!path) {
    return std::nullopt;
  }
  std::vector<std::string> words{*path};
  for (std::size_t i = 1; i < items->size(); ++i) {
    auto word = argument((*items)[i]);
    if (!word) {
      return std::nullopt;
    }
    words.push_back(*std::move(word));
  }
  return words;
}

std::optional<std::string> local_user(const Value& value) {
  auto user = name(value);
  if (!user) {
    return std::nullopt;
  }
  const auto list = read_file(kUserList, kLargestUserList);
  if (const auto* failure = std::get_if<FileError>(&list)) {
    value.absent(fmt::format("cannot read {}: {}", kUserList, failure->reason));
    return std::nullopt;
  }
  if (!is_user_of(std::get<FileContent>(list).text, *user)) {
    value.absent(fmt::format("there is no user {} in {}", in_quotes(*user), kUserList));
    return std::nullopt;
  }
  return user;
}

std::optional<std::string> file_path(const Value& value) {
  auto path = absolute_path(value);
  if (!path) {
    return std::nullopt;
  }
  if (path->ends_with('/')) {
    value.refuse("the path of a file");
    return std::nullopt;
  }
  const std::string directory = fs::path(*path).parent_path().string();
  std::error_code failure;
  const bool there = fs::is_directory(directory, failure);
  if (!there) {
    value.absent(fmt::format("{} is no directory{}", in_quotes(directory),
                             failure ? ": " + failure.message() : ""));
    return std::nullopt;
  }
  return path;
}

}  // namespace haguard::conf
