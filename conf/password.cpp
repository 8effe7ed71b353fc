// The password of version 2. It may stand in the file or in a file of its own; either way no
// problem shows it.

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "conf/file.h"
#include "conf/kinds.h"
#include "conf/sections.h"

namespace haguard::conf {
namespace {

constexpr std::size_t kBytesOnTheWire = 8;
constexpr std::size_t kLargestSecretFile = 4096;

/// The text without the newline that editors put at its end.
std::string without_newline(std::string text) {
  if (text.ends_with('\n')) {
    text.pop_back();
  }
  if (text.ends_with('\r')) {
    text.pop_back();
  }
  return text;
}

std::optional<std::string> from_file(const Value& value) {
  const auto name = value.text("the path of a file");
  if (!name) {
    return std::nullopt;
  }
  const auto path = std::filesystem::path(value.place().file).parent_path() / *name;
  const auto content = read_file(path, kLargestSecretFile);
  if (const auto* failure = std::get_if<FileError>(&content)) {
    value.absent(fmt::format("cannot read {}: {}", in_quotes(path.string()), failure->reason));
    return std::nullopt;
  }
  const auto& file = std::get<FileContent>(content);
  if (!is_private(file)) {
    value.absent(
        fmt::format("{} {}, so others than root can read it; chown root:root and chmod "
                    "0600 it",
                    in_quotes(path.string()), access_of(file)));
    return std::nullopt;
  }
  return without_newline(file.text);
}

/// A warning only: existing files have to go on working.
void warn_if_exposed(const Value& password) {
  if (const std::string access = password.exposure(); !access.empty()) {
    password.warning(
        fmt::format("this file {}, so others than root can read the password; chown "
                    "root:root and chmod 0600 it, or use password_file",
                    access));
  }
}

/// Refuses a password that cannot protect, warns of one that is longer than it looks.
std::optional<std::string> usable(const Value& value, std::optional<std::string> password) {
  if (!password) {
    return std::nullopt;
  }
  if (password->empty()) {
    value.error("the password is empty");
    return std::nullopt;
  }
  if (password->size() > kBytesOnTheWire) {
    value.warning("only the first 8 bytes of the password go on the wire");
    password->resize(kBytesOnTheWire);
  }
  return password;
}

}  // namespace

std::optional<std::string> read_password(Table& authentication) {
  std::string type;
  authentication.require("type", type, one_of<std::string>({{"pass", "pass"}}));
  const auto inline_text = authentication.find("password");
  const auto file = authentication.find("password_file");
  if (inline_text && file) {
    file->error("\"password\" is given as well, expected only one of them");
    return std::nullopt;
  }
  if (inline_text) {
    warn_if_exposed(*inline_text);
    return usable(*inline_text, inline_text->secret().text());
  }
  if (file) {
    return usable(*file, from_file(*file));
  }
  authentication.missing("password");
  return std::nullopt;
}

}  // namespace haguard::conf
