#include "packaging/manual/settings_page.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "packaging/manual/roff.h"

namespace haguard::manual {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(' ');
  const auto end = text.find_last_not_of(' ');
  return begin == std::string_view::npos ? "" : text.substr(begin, end - begin + 1);
}

/// Where the comment behind a setting begins: the first # outside of quotes.
std::size_t comment_of(std::string_view line) {
  bool quoted = false;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] == '"') {
      quoted = !quoted;
    } else if (line[at] == '#' && !quoted) {
      return at;
    }
  }
  return line.size();
}

std::string upper_case(std::string_view text) {
  std::string result;
  for (const char c : text) {
    result += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return result;
}

/// The page as it grows, line by line. Prose and the text of a setting go on until something else
/// begins.
class Page {
 public:
  void read(std::string_view line) {
    constexpr std::string_view kPart = "# ---- ";
    if (line.empty()) {
      finish();
    } else if (line.starts_with(kPart)) {
      const auto title = line.substr(kPart.size());
      heading(".SH", upper_case(title.substr(0, title.find(" ----"))));
    } else if (line.starts_with("# ") || line == "#") {
      prose(trimmed(line.substr(1)));
    } else if (line.starts_with(' ')) {
      append(trimmed(line.substr(comment_of(line) + 1)));
    } else {
      setting(line.starts_with('#') ? line.substr(1) : line);
    }
  }

  [[nodiscard]] std::string take() {
    finish();
    return page_;
  }

 private:
  void append(std::string_view text) {
    text_ += (text_.empty() || text.empty() ? "" : " ") + std::string(text);
  }

  void prose(std::string_view text) {
    if (!term_.empty() || text.empty()) {
      finish();
    }
    append(text);
  }

  void setting(std::string_view line) {
    finish();
    const auto comment = comment_of(line);
    const auto term = trimmed(line.substr(0, comment));
    if (term.starts_with('[')) {
      heading(".SS", std::string(term));
    } else {
      const auto equals = term.find('=');
      term_ =
          bold(trimmed(term.substr(0, equals))) + " = " + roff(trimmed(term.substr(equals + 1)));
    }
    append(trimmed(line.substr(std::min(comment + 1, line.size()))));
  }

  void heading(std::string_view macro, const std::string& title) {
    finish();
    page_ += fmt::format("{} \"{}\"\n", macro, roff(title));
    begins_ = true;
  }

  void finish() {
    if (!term_.empty()) {
      page_ += tagged(term_, text_);
    } else if (!text_.empty()) {
      page_ += (begins_ ? "" : ".PP\n") + roff(text_) + "\n";
    } else {
      return;
    }
    begins_ = false;
    term_.clear();
    text_.clear();
  }

  std::string page_;
  bool begins_ = false;  ///< a heading came last: it makes a paragraph of what follows
  std::string term_;
  std::string text_;
};

}  // namespace

std::string settings(std::string_view file) {
  Page page;
  while (!file.empty()) {
    const auto end = file.find('\n');
    page.read(file.substr(0, end));
    file.remove_prefix(end == std::string_view::npos ? file.size() : end + 1);
  }
  return page.take();
}

}  // namespace haguard::manual
