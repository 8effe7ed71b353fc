#include "conf/keepalived/tree.h"

#include <utility>

#include <fmt/format.h>

#include "conf/keepalived/words.h"
#include "conf/report.h"

namespace haguard::conf::keepalived {
namespace {

/// keepalived nests four deep; what is deeper is read as if it stood in the deepest block.
constexpr std::size_t kDeepest = 16;
/// Of a statement, so that no finding and no list is without a bound.
constexpr std::size_t kMostWords = 512;

class Builder {
 public:
  explicit Builder(Findings& findings) : findings_(findings) { open_.emplace_back(); }

  void read(const SourceLine& line) {
    const auto [tokens, unterminated] = split(line.text);
    if (unterminated) {
      findings_.warning(line.place, "a quote is not closed: it is read up to the end of the line");
    }
    fresh_ = true;
    for (const Token& token : tokens) {
      switch (token.kind) {
        case Token::Kind::Word:
          word(token, line.place);
          break;
        case Token::Kind::Open:
          open(line.place);
          break;
        case Token::Kind::Close:
          close(line.place);
          break;
      }
    }
  }

  std::vector<Statement> take() {
    while (open_.size() > 1) {
      const Statement& statement = parent_of(open_.size() - 1);
      findings_.warning(statement.place,
                        fmt::format("the block of {} is not closed: all that follows is read as "
                                    "a part of it",
                                    in_quotes(statement.keyword())));
      leave();
    }
    return std::move(open_.front());
  }

 private:
  /// Blocks that are open: each level collects its statements; the last of the level above owns it.
  Statement& parent_of(std::size_t level) { return open_[level - 1].back(); }

  void word(const Token& token, const Place& place) {
    auto& level = open_.back();
    if (fresh_) {
      level.push_back({place, {}, {}, false});
      fresh_ = false;
    }
    if (level.back().words.size() < kMostWords) {
      level.back().words.push_back({token.text, token.quoted});
    }
  }

  /// On the line of its keyword, or on one of its own.
  void open(const Place& place) {
    auto& level = open_.back();
    if (level.empty() || level.back().has_block) {
      level.push_back({place, {{"{", false}}, {}, false});
    }
    level.back().has_block = true;
    fresh_ = true;
    if (open_.size() <= kDeepest) {
      open_.emplace_back();
    } else {
      ++too_deep_;
    }
  }

  void close(const Place& place) {
    fresh_ = true;
    if (too_deep_ > 0) {
      --too_deep_;
    } else if (open_.size() > 1) {
      leave();
    } else {
      findings_.warning(place, "a \"}\" closes nothing");
    }
  }

  void leave() {
    auto block = std::move(open_.back());
    open_.pop_back();
    open_.back().back().block = std::move(block);
  }

  Findings& findings_;
  std::vector<std::vector<Statement>> open_;
  bool fresh_ = true;  ///< the next word is a keyword
  std::size_t too_deep_ = 0;
};

}  // namespace

std::string_view Statement::argument(std::size_t number) const {
  return number < words.size() ? std::string_view(words[number].text) : std::string_view();
}

std::vector<Statement> parse_tree(const std::vector<SourceLine>& lines, Findings& findings) {
  Builder builder(findings);
  for (const SourceLine& line : lines) {
    builder.read(line);
  }
  return builder.take();
}

}  // namespace haguard::conf::keepalived
