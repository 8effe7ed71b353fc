#include "conf/check_types.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "conf/addresses.h"
#include "conf/kinds.h"
#include "conf/local_files.h"
#include "conf/url.h"

namespace haguard::conf {
namespace {

constexpr std::size_t kMostProxies = 1024;
constexpr std::size_t kMostStatusCodes = 500;
constexpr std::size_t kLongestMethod = 32;
/// A DNS name (RFC 1035 2.3.4) and a port.
constexpr std::size_t kLongestHost = 255 + 6;

constexpr std::array kTypes{CheckType::Tcp,       CheckType::Http,    CheckType::Haproxy,
                            CheckType::Interface, CheckType::Gateway, CheckType::Exec,
                            CheckType::File};

/// A key that only checks of some types have.
struct TypeKey {
  std::string_view key;
  CheckType type;
  CheckType other_type = type;
};
constexpr std::array kTypeKeys{
    TypeKey{"target", CheckType::Tcp, CheckType::Gateway},
    TypeKey{"send_proxy", CheckType::Tcp},
    TypeKey{"url", CheckType::Http},
    TypeKey{"expect_status", CheckType::Http},
    TypeKey{"host", CheckType::Http},
    TypeKey{"method", CheckType::Http},
    TypeKey{"frontends", CheckType::Haproxy},
    TypeKey{"backends", CheckType::Haproxy},
    TypeKey{"interface", CheckType::Interface},
    TypeKey{"command", CheckType::Exec},
    TypeKey{"user", CheckType::Exec},
    TypeKey{"path", CheckType::File},
};

void refuse_foreign_keys(Table& table, CheckType type) {
  for (const TypeKey& known : kTypeKeys) {
    const auto value = table.find(known.key);
    if (!value || known.type == type || known.other_type == type) {
      continue;
    }
    const std::string other = known.other_type == known.type
                                  ? ""
                                  : fmt::format(" or \"{}\"", to_string(known.other_type));
    value->error(fmt::format("only checks of type \"{}\"{} have it", to_string(known.type), other));
  }
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool consists_of(std::string_view text, std::size_t longest, std::string_view others) {
  return !text.empty() && text.size() <= longest && std::ranges::all_of(text, [others](char c) {
    return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
  });
}

/// A word for the wire: letters, digits and `others`.
auto word(std::string_view expected, std::size_t longest, std::string_view others) {
  return [=](const Value& value) -> std::optional<std::string> {
    auto text = value.text(expected);
    if (text && !consists_of(*text, longest, others)) {
      value.refuse(expected);
      return std::nullopt;
    }
    return text;
  };
}

bool read_tcp(Table& table, Check& check) {
  table.read("send_proxy", check.send_proxy, boolean);
  return table.require("target", check.target, endpoint);
}

bool read_http(Table& table, Check& check) {
  Url url;
  const bool read = table.require("url", url, http_url);
  check.target = url.server;
  check.http.host = url.authority;
  check.http.path = url.path;
  table.read(
      "host", check.http.host,
      word("a host such as \"www.example.com\" or \"127.0.0.1:8080\"", kLongestHost, "_.-:[]"));
  // RFC 9110 5.6.2: a token.
  table.read("method", check.http.method,
             word("a method such as \"GET\" or \"HEAD\"", kLongestMethod, "!#$%&'*+-.^_`|~"));
  table.read("expect_status", check.http.status,
             list_of(integer_between(100U, 599U), 1, kMostStatusCodes));
  return read;
}

std::optional<std::map<std::string, unsigned>> backends(const Value& value) {
  auto table = value.table();
  if (!table) {
    return std::nullopt;
  }
  std::map<std::string, unsigned> result;
  for (const std::string& backend : table->keys()) {
    unsigned servers = 0;
    if (!is_proxy_name(backend)) {
      table->error(fmt::format("{} cannot be the name of a backend", in_quotes(backend)));
    } else if (table->read(backend, servers, integer_between(1U, 65535U))) {
      result.emplace(backend, servers);
    }
  }
  return result;
}

bool read_haproxy(Table& table, Check& check, const Config& config) {
  if (config.haproxy.mode == HaproxyMode::None) {
    table.find("type")->error("needs a watched HAProxy, but haproxy.mode is \"none\"");
  }
  table.read("frontends", check.haproxy.frontends, list_of(proxy_name, 0, kMostProxies));
  table.read("backends", check.haproxy.backends, backends);
  return true;
}

bool read_interface(Table& table, Check& check) {
  for (const char* const key : {"timeout", "fall"}) {
    if (const auto value = table.find(key)) {
      value->warning("changes nothing: an interface that is down fails at once");
    }
  }
  return table.require("interface", check.interface, interface_name);
}

bool read_exec(Table& table, Check& check) {
  table.read("user", check.user, local_user);
  return table.require("command", check.command, command);
}

/// The key whose value says what is asked.
std::string_view subject(CheckType type) {
  switch (type) {
    case CheckType::Tcp:
    case CheckType::Gateway:
      return "target";
    case CheckType::Http:
      return "url";
    case CheckType::Haproxy:
      return "type";
    case CheckType::Interface:
      return "interface";
    case CheckType::Exec:
      return "command";
    case CheckType::File:
      return "path";
  }
  return "type";
}

bool read_own_keys(Table& table, Check& check, const Config& config) {
  switch (check.type) {
    case CheckType::Tcp:
      return read_tcp(table, check);
    case CheckType::Http:
      return read_http(table, check);
    case CheckType::Haproxy:
      return read_haproxy(table, check, config);
    case CheckType::Interface:
      return read_interface(table, check);
    case CheckType::Gateway:
      return table.require("target", check.gateway, host_address);
    case CheckType::Exec:
      return read_exec(table, check);
    case CheckType::File:
      return table.require("path", check.path, file_path);
  }
  return false;
}

}  // namespace

std::optional<CheckType> check_type(const Value& value) {
  std::vector<std::pair<std::string_view, CheckType>> words;
  for (const CheckType type : kTypes) {
    words.emplace_back(to_string(type), type);
  }
  return one_of<CheckType>(std::move(words))(value);
}

std::optional<Value> read_keys_of_type(Table& table, Check& check, const Config& config) {
  refuse_foreign_keys(table, check.type);
  return read_own_keys(table, check, config) ? table.find(subject(check.type)) : std::nullopt;
}

void know_keys_of_all_types(Table& table) {
  for (const TypeKey& known : kTypeKeys) {
    table.ignore(known.key);
  }
}

std::string question(const Check& check) {
  const auto& http = check.http;
  std::string asked(to_string(check.type));
  switch (check.type) {
    case CheckType::Tcp:
      return asked + fmt::format(" {} {}", check.target.to_string(), check.send_proxy);
    case CheckType::Http:
      return asked + fmt::format(" {} {} {} {} {}", check.target.to_string(), http.method,
                                 http.path, http.host, fmt::join(http.status, " "));
    case CheckType::Haproxy:
      return asked + fmt::format(" {} {}", check.haproxy.frontends, check.haproxy.backends);
    case CheckType::Interface:
      return asked + check.interface;
    case CheckType::Gateway:
      return asked + check.gateway.to_string();
    case CheckType::Exec:
      return asked + fmt::format(" {} {}", check.user, check.command);
    case CheckType::File:
      return asked + check.path;
  }
  return asked;
}

}  // namespace haguard::conf
