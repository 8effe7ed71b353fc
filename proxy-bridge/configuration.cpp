#include "proxy-bridge/configuration.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <functional>
#include <limits>
#include <map>
#include <span>
#include <string_view>
#include <utility>

#include "conf/duration.h"
#include "proxy-bridge/words.h"

namespace haguard::proxy {
namespace {

/// More than any machine listens on.
constexpr std::size_t kMostProxies = 100'000;
constexpr std::size_t kMostBinds = 100'000;
constexpr std::size_t kMostStatsSockets = 1'000;

/// Words that end a section without beginning one that is of interest here.
constexpr std::array<std::string_view, 16> kOtherSections{
    "acme",        "cache",    "crt-store",      "fcgi-app",   "http-errors", "log-forward",
    "log-profile", "mailers",  "peers",          "program",    "resolvers",   "ring",
    "traces",      "userlist", "namespace_list", "healthcheck"};

std::optional<ProxyKind> proxy_kind(std::string_view word) {
  if (word == "frontend") {
    return ProxyKind::Frontend;
  }
  if (word == "listen") {
    return ProxyKind::Listen;
  }
  if (word == "backend") {
    return ProxyKind::Backend;
  }
  return word == "defaults" ? std::optional(ProxyKind::Defaults) : std::nullopt;
}

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && stop == text.data() + text.size() ? std::optional(value)
                                                                   : std::nullopt;
}

/// "30s", "1d", and milliseconds without a unit (configuration manual 2.5).
std::optional<Duration> duration(std::string_view text) {
  if (number(text)) {
    return conf::parse_duration(std::string(text) + "ms");
  }
  if (text.ends_with('d')) {
    const auto days = number(text.substr(0, text.size() - 1));
    return days && *days < 10'000 ? std::optional<Duration>(std::chrono::hours(24) * *days)
                                  : std::nullopt;
  }
  return conf::parse_duration(text);
}

/// "5" or "1-5" of a server template.
unsigned servers_of(std::string_view range) {
  const auto dash = range.find('-');
  const auto first = number(range.substr(0, dash));
  if (dash == std::string_view::npos) {
    return first.value_or(0);
  }
  const auto last = number(range.substr(dash + 1));
  constexpr unsigned kMost = std::numeric_limits<unsigned>::max();
  return first && last && *last >= *first ? std::min(*last - *first, kMost - 1) + 1 : 0;
}

class Reader {
 public:
  void read(const ConfigurationFile& file) {
    file_ = file.name;
    line_ = 0;
    depth_ = 0;
    leave_section();
    std::string_view rest = file.text;
    while (!rest.empty()) {
      const auto end = rest.find('\n');
      ++line_;
      read_line(words_of(rest.substr(0, end)));
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
  }

  Configuration take() { return std::move(result_); }

 private:
  using Words = std::span<const Word>;

  /// `words` is valid for this line.
  void read_line(const std::vector<Word>& words) {
    if (words.empty() || read_condition(words[0].text)) {
      return;
    }
    const std::string& keyword = words[0].text;
    if (const auto kind = proxy_kind(keyword)) {
      enter_proxy(*kind, words);
    } else if (keyword == "global") {
      leave_section();
      in_global_ = true;
    } else if (std::ranges::find(kOtherSections, keyword) != kOtherSections.end()) {
      leave_section();
    } else if (in_global_) {
      read_global(words);
    } else if (proxy_ != kNone) {
      read_proxy(result_.proxies[proxy_], words);
    }
  }

  /// All branches are read; whether one is taken, only HAProxy knows.
  bool read_condition(std::string_view keyword) {
    if (keyword == ".if") {
      ++depth_;
    } else if (keyword == ".endif" && depth_ > 0) {
      --depth_;
    }
    return keyword.starts_with('.');
  }

  void leave_section() {
    in_global_ = false;
    proxy_ = kNone;
  }

  void enter_proxy(ProxyKind kind, Words words) {
    leave_section();
    if (result_.proxies.size() >= kMostProxies) {
      result_.complete = false;
      return;
    }
    ProxySection section;
    section.kind = kind;
    section.file = file_;
    section.line = line_;
    section.conditional = depth_ > 0;
    std::size_t at = 1;
    const bool anonymous =
        kind == ProxyKind::Defaults && words.size() > 2 && words[1].text == "from";
    if (words.size() > 1 && !anonymous) {
      section.name = words[1].text;
      section.unresolved = words[1].unresolved;
      at = 2;
    }
    inherit(section, words.subspan(std::min(at, words.size())));
    proxy_ = result_.proxies.size();
    if (kind == ProxyKind::Defaults) {
      last_defaults_ = proxy_;
      named_defaults_[section.name] = proxy_;
    }
    result_.proxies.push_back(std::move(section));
  }

  /// A `defaults` section begins afresh unless it names another one. `rest`: "from <name>".
  void inherit(ProxySection& section, Words rest) const {
    std::size_t source = section.kind == ProxyKind::Defaults ? kNone : last_defaults_;
    if (rest.size() >= 2 && rest[0].text == "from") {
      const auto named = named_defaults_.find(rest[1].text);
      source = named == named_defaults_.end() ? kNone : named->second;
    }
    if (source != kNone) {
      const ProxySection& defaults = result_.proxies[source];
      section.mode = defaults.mode;
      section.monitor_uri = defaults.monitor_uri;
      section.disabled = defaults.disabled;
    }
  }

  void read_global(Words words) {
    if (words[0].text == "daemon") {
      result_.daemon = true;
    } else if (words.size() > 1 && words[0].text == "hard-stop-after") {
      result_.hard_stop_after = duration(words[1].text);
    } else if (words[0].text == "noreuseport") {
      result_.noreuseport = true;
    } else if (words[0].text == "unix-bind") {
      read_unix_bind(words);
    } else if (words.size() > 2 && words[0].text == "stats" && words[1].text == "socket") {
      read_stats_socket(words.subspan(2));
    } else if (words.size() > 2 && words[0].text == "stats" && words[1].text == "maxconn") {
      if (const auto most = number(words[2].text)) {
        result_.stats_maxconn = *most;
        result_.stats_maxconn_file = file_;
        result_.stats_maxconn_line = line_;
      }
    }
  }

  void read_unix_bind(Words words) {
    for (std::size_t i = 1; i + 1 < words.size(); ++i) {
      if (words[i].text == "prefix") {
        result_.unix_prefix = words[i + 1].text;
      }
    }
  }

  void read_stats_socket(Words words) {
    if (result_.stats_sockets.size() >= kMostStatsSockets) {
      result_.complete = false;
      return;
    }
    StatsSocket socket;
    socket.address = words[0].text;
    socket.file = file_;
    socket.line = line_;
    socket.binds = located(parse_bind(words), depth_ > 0);
    for (std::size_t i = 1; i + 1 < words.size(); ++i) {
      if (words[i].text == "level") {
        socket.level = words[++i].text;
      } else if (words[i].text == "maxconn") {
        socket.maxconn = number(words[++i].text);
      }
    }
    result_.stats_sockets.push_back(std::move(socket));
  }

  void read_proxy(ProxySection& section, Words words) {
    const std::string& keyword = words[0].text;
    if (keyword == "disabled" || keyword == "enabled") {
      section.disabled = keyword == "disabled";
    } else if (words.size() < 2) {
      return;
    } else if (keyword == "mode") {
      section.mode = words[1].text;
    } else if (keyword == "monitor-uri") {
      section.monitor_uri = words[1].text;
    } else if (keyword == "bind") {
      read_bind(section, words.subspan(1));
    } else if (keyword == "server") {
      add_servers(section, 1);
    } else if (keyword == "server-template" && words.size() > 2) {
      section.has_template = true;
      add_servers(section, servers_of(words[2].text));
    }
  }

  static void add_servers(ProxySection& section, unsigned count) {
    section.servers += std::min(count, std::numeric_limits<unsigned>::max() - section.servers);
  }

  void read_bind(ProxySection& section, Words arguments) {
    for (Bind& bind : located(parse_bind(arguments), section.conditional || depth_ > 0)) {
      if (++binds_ > kMostBinds) {
        result_.complete = false;
        return;
      }
      section.binds.push_back(std::move(bind));
    }
  }

  [[nodiscard]] std::vector<Bind> located(std::vector<Bind> binds, bool conditional) const {
    for (Bind& bind : binds) {
      bind.file = file_;
      bind.line = line_;
      bind.conditional = conditional;
    }
    return binds;
  }

  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  Configuration result_;
  std::string file_;
  unsigned line_ = 0;
  unsigned depth_ = 0;  ///< of `.if` blocks
  std::size_t binds_ = 0;
  bool in_global_ = false;
  std::size_t proxy_ = kNone;  ///< the section that is being read
  std::size_t last_defaults_ = kNone;
  std::map<std::string, std::size_t, std::less<>> named_defaults_;
};

}  // namespace

bool ProxySection::is_frontend() const {
  return kind == ProxyKind::Frontend || kind == ProxyKind::Listen;
}

bool ProxySection::is_backend() const {
  return kind == ProxyKind::Backend || kind == ProxyKind::Listen;
}

Configuration parse_configuration(const std::vector<ConfigurationFile>& files) {
  Reader reader;
  for (const ConfigurationFile& file : files) {
    reader.read(file);
  }
  return reader.take();
}

}  // namespace haguard::proxy
