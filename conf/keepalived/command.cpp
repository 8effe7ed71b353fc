#include "conf/keepalived/command.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>

#include <fmt/format.h>

#include "conf/keepalived/words.h"
#include "conf/report.h"

namespace haguard::conf::keepalived {
namespace {

/// What a shell does something with: outside of quotes, and within double ones.
constexpr std::string_view kShellCharacters = "|&;<>()$`*?~";
constexpr std::string_view kShellInQuotes = "$`";

bool needs_shell(std::string_view text) {
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      ++i;
    } else if (quote != 0 && c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (quote != '\'' &&
               (quote == 0 ? kShellCharacters : kShellInQuotes).find(c) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

/// "/dev/tcp" is a file of bash only.
std::string shell_for(std::string_view text) {
  return text.find("/dev/tcp/") != std::string_view::npos ? "/bin/bash" : "/bin/sh";
}

bool is_flag(std::string_view word) {
  return word.starts_with('-');
}

bool is_redirection(std::string_view word) {
  return word == ">/dev/null" || word == "1>/dev/null" || word == "2>/dev/null" ||
         word == "&>/dev/null" || word == "2>&1";
}

bool is_haproxy(std::string_view word) {
  word = base_name(word);
  return word == "haproxy" || word == "haproxy.service";
}

/// Without what only decides about output and the exit code, which is the same anyhow.
Command essence(Command words) {
  std::erase_if(words, is_redirection);
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if ((words[i] == ">" || words[i] == "2>" || words[i] == "&>") && words[i + 1] == "/dev/null") {
      words.erase(words.begin() + static_cast<std::ptrdiff_t>(i),
                  words.begin() + static_cast<std::ptrdiff_t>(i) + 2);
    }
  }
  const auto size = words.size();
  if (size > 3 && words[size - 2] == "exit" &&
      ((words[size - 3] == "||" && words[size - 1] != "0") ||
       (words[size - 3] == "&&" && words[size - 1] == "0"))) {
    words.resize(size - 3);
  }
  if (!words.empty() && base_name(words.front()) == "sudo") {
    words.erase(words.begin());
  }
  return words;
}

/// Flags, words that are allowed, and HAProxy once.
bool names_haproxy(const Command& words, std::initializer_list<std::string_view> allowed) {
  const auto others = [&](const std::string& word) {
    return !is_flag(word) && std::ranges::find(allowed, word) == allowed.end();
  };
  const auto first = words.begin() + 1;
  return std::count_if(first, words.end(), others) == 1 &&
         std::any_of(first, words.end(), [](const auto& word) { return is_haproxy(word); });
}

bool has(const Command& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

/// "$(cat /run/haproxy.pid)", "`pidof haproxy`"
bool is_pid_of_haproxy(std::string_view text) {
  const bool dollar = text.starts_with("$(") && text.ends_with(')');
  const bool ticks = text.size() > 2 && text.starts_with('`') && text.ends_with('`');
  if (!dollar && !ticks) {
    return false;
  }
  text = dollar ? text.substr(2, text.size() - 3) : text.substr(1, text.size() - 2);
  if (text.find_first_of("|&;()`$") != std::string_view::npos) {
    return false;
  }
  const auto words = command_words(text);
  const auto program = words.empty() ? std::string_view() : base_name(words.front());
  const bool from_file = words.size() == 2 && (program == "cat" || program == "<") &&
                         words[1].ends_with(".pid") &&
                         words[1].find("haproxy") != std::string::npos;
  return from_file || ((program == "pidof" || program == "pgrep") && names_haproxy(words, {}));
}

bool is_signal_to_haproxy(const Command& words) {
  std::string rest;
  for (std::size_t i = 2; i < words.size(); ++i) {
    rest += (rest.empty() ? "" : " ") + words[i];
  }
  return words.size() > 2 && words[1] == "-0" && is_pid_of_haproxy(rest);
}

}  // namespace

std::string command_text(const Statement& statement, bool all_words) {
  if (statement.words.size() == 2 || !all_words) {
    return std::string(statement.argument(1));
  }
  std::string text;
  for (std::size_t i = 1; i < statement.words.size(); ++i) {
    const Word& word = statement.words[i];
    const bool joins = word.quoted && word.text.find(' ') != std::string::npos;
    text += fmt::format("{}{}", text.empty() ? "" : " ",
                        joins && i > 1 ? fmt::format("'{}'", word.text) : word.text);
  }
  return text;
}

std::optional<Command> to_command(std::string_view text, const Place& place, Findings& findings) {
  if (needs_shell(text)) {
    findings.changed(place, fmt::format("{} needs a shell: it is run by {} -c", in_quotes(text),
                                        shell_for(text)));
    return Command{shell_for(text), "-c", std::string(text)};
  }
  auto words = command_words(text);
  if (words.empty()) {
    findings.dropped(place, "an empty command");
    return std::nullopt;
  }
  if (!words.front().starts_with('/')) {
    findings.changed(
        place, fmt::format("{} has no absolute path: it is run by /usr/bin/env; name its path",
                           in_quotes(words.front())));
    words.insert(words.begin(), "/usr/bin/env");
  }
  return words;
}

bool asks_for_haproxy_only(std::string_view text) {
  auto words = essence(command_words(text));
  if (words.size() == 3 && words[1] == "-c" && base_name(words[0]).ends_with("sh")) {
    words = essence(command_words(words[2]));
  }
  if (words.size() < 2) {
    return false;
  }
  const auto program = base_name(words.front());
  if (program == "killall") {
    const bool asks = has(words, "-0") || (has(words, "-s") && has(words, "0"));
    return asks && names_haproxy(words, {"0"});
  }
  if (program == "pidof" || program == "pgrep") {
    return names_haproxy(words, {});
  }
  if (program == "systemctl") {
    return (has(words, "is-active") || has(words, "status")) &&
           names_haproxy(words, {"is-active", "status"});
  }
  if (program == "service" || words.front() == "/etc/init.d/haproxy") {
    const auto last = words.size() - 1;
    return words[last] == "status" && (last == 1 ? program == "haproxy" : is_haproxy(words[1]));
  }
  return program == "kill" && is_signal_to_haproxy(words);
}

}  // namespace haguard::conf::keepalived
