#include "conf/keepalived/source.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "conf/keepalived/definitions.h"
#include "conf/keepalived/utf8.h"
#include "conf/keepalived/words.h"
#include "conf/report.h"

namespace haguard::conf::keepalived {
namespace {

constexpr unsigned kDeepestInclude = 16;
constexpr unsigned kMostIncludes = 256;
constexpr std::size_t kMostText = 4 * kLargestFile;
constexpr std::string_view kInclude = "include";
/// How strict keepalived is about files that are not there: a letter behind the keyword.
constexpr std::string_view kStrictness = "rmwba";

bool is_include(std::string_view word) {
  return word == kInclude || (word.starts_with(kInclude) && word.size() == kInclude.size() + 1 &&
                              kStrictness.find(word.back()) != std::string_view::npos);
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n\f\v";
  const auto begin = std::min(text.find_first_not_of(kBlanks), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

std::string_view take_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  const auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

class Reader {
 public:
  Reader(const std::string& config_id, const Includer& includer, Findings& findings)
      : config_id_(config_id), includer_(includer), findings_(findings) {
    definitions_.set("_HASH", "#");
    definitions_.set("_BANG", "!");
  }

  void read_file(std::string_view text, const std::string& file, unsigned depth) {
    text = text.substr(0, kMostText - std::min(kMostText, read_));
    read_ += text.size();
    Place place{file, 0, 0};
    while (!text.empty()) {
      ++place.line;
      read_line(as_line(take_line(text), place), place, text, depth);
    }
  }

  std::vector<SourceLine> take() { return std::move(lines_); }

 private:
  /// Without its comment.
  std::string as_line(std::string_view raw, const Place& place) {
    auto line = as_utf8(raw);
    if (line != raw) {
      findings_.warning(place, "bytes that are not UTF-8 are now \"?\"");
    }
    return std::string(trimmed(without_comment(line)));
  }

  /// `rest` is what follows in the file: a definition may go on there.
  void read_line(std::string_view line, Place& place, std::string_view& rest, unsigned depth) {
    if (line.starts_with('@')) {
      line = conditional(line, place);
    }
    if (line.starts_with('$') && define(line, place, rest)) {
      return;
    }
    const std::string text = is_full(place) ? std::string() : definitions_.substitute(line);
    written_ += text.size();
    std::string_view parts = text;
    while (!parts.empty()) {
      add(trimmed(take_line(parts)), place, depth);
    }
  }

  /// Definitions can make much out of little.
  bool is_full(const Place& place) {
    const bool full = written_ >= kMostText;
    if (full && !told_) {
      told_ = true;
      findings_.warning(place, "from here on nothing is read: the definitions make too much text");
    }
    return full;
  }

  /// "@id text" is read by the host of that name only, "@^id text" by all others.
  std::string_view conditional(std::string_view line, const Place& place) {
    const auto end = std::min(line.find_first_of(" \t"), line.size());
    auto id = line.substr(1, end - 1);
    const bool negated = id.starts_with('^');
    id.remove_prefix(negated ? 1 : 0);
    if ((id == config_id_) == negated) {
      findings_.dropped(place, fmt::format("the line is for {}{}, and this is {}",
                                           negated ? "any host but " : "host ", in_quotes(id),
                                           in_quotes(config_id_)));
      return {};
    }
    return trimmed(line.substr(end));
  }

  /// False when it is none after all.
  bool define(std::string_view line, Place& place, std::string_view& rest) {
    const auto length = name_length(line.substr(1));
    const auto behind = trimmed(line.substr(1 + length));
    if (length == 0 || !behind.starts_with('=')) {
      return false;
    }
    std::string value(trimmed(behind.substr(1)));
    while (value.ends_with('\\') && !rest.empty()) {
      value.back() = '\n';
      ++place.line;
      value += as_line(take_line(rest), place);
    }
    definitions_.set(std::string(line.substr(1, length)), std::move(value));
    return true;
  }

  void add(std::string_view line, const Place& place, unsigned depth) {
    if (line.empty()) {
      return;
    }
    if (line.starts_with('~')) {
      findings_.dropped(place, "~SEQ and ~LST are not carried out: write the lines that they make");
      return;
    }
    const auto word = line.substr(0, line.find_first_of(" \t"));
    if (is_include(word)) {
      include(line.substr(word.size()), place, depth);
    } else {
      lines_.push_back({place, std::string(line)});
    }
  }

  void include(std::string_view argument, const Place& place, unsigned depth) {
    // Braces belong to the pattern here, so these are the words of a command.
    const auto words = command_words(argument);
    if (words.empty()) {
      findings_.dropped(place, "include names no file");
      return;
    }
    const auto pattern = (std::filesystem::path(place.file).parent_path() / words.front()).string();
    if (depth >= kDeepestInclude || includes_ >= kMostIncludes || read_ >= kMostText) {
      findings_.dropped(place, fmt::format("{} is not read: too many or too large includes",
                                           in_quotes(words.front())));
      return;
    }
    const auto files = includer_(pattern);
    if (files.empty()) {
      findings_.warning(place, fmt::format("there is no file {}, so what it says is missing here",
                                           in_quotes(pattern)));
    }
    for (const Included& file : files) {
      ++includes_;
      if (!file.failure.empty()) {
        findings_.warning(place, fmt::format("{} is not read: {}", in_quotes(file.path),
                                             printable(file.failure)));
      } else {
        read_file(file.text, as_utf8(file.path), depth + 1);
      }
    }
  }

  const std::string& config_id_;
  const Includer& includer_;
  Findings& findings_;
  Definitions definitions_;
  std::vector<SourceLine> lines_;
  std::size_t read_ = 0;
  std::size_t written_ = 0;
  bool told_ = false;
  unsigned includes_ = 0;
};

}  // namespace

std::vector<SourceLine> source_lines(std::string_view text, const std::string& file,
                                     const std::string& config_id, const Includer& includer,
                                     Findings& findings) {
  Reader reader(config_id, includer, findings);
  reader.read_file(text, file, 0);
  return reader.take();
}

}  // namespace haguard::conf::keepalived
