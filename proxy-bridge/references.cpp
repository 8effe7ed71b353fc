#include "proxy-bridge/references.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "proxy-bridge/reference_arguments.h"
#include "proxy-bridge/words.h"

namespace haguard::proxy {
namespace {

constexpr std::size_t kMostReferences = 20'000;
/// PATH_MAX of Linux: no longer name can be opened.
constexpr std::size_t kLongestPath = 4096;

/// Against which directory a relative name is taken.
enum class Base : std::uint8_t { Default, Certificates, Authorities, Keys };

struct Option {
  std::string_view keyword;
  ReferenceKind kind;
  Base base;
};

/// Of `bind`, `server` and their kin.
constexpr std::array<Option, 7> kSslOptions{{
    {"crt", ReferenceKind::Certificate, Base::Certificates},
    {"crt-list", ReferenceKind::CertificateList, Base::Default},
    {"ca-file", ReferenceKind::Authorities, Base::Authorities},
    {"ca-verify-file", ReferenceKind::Authorities, Base::Authorities},
    {"crl-file", ReferenceKind::Authorities, Base::Authorities},
    {"ca-sign-file", ReferenceKind::File, Base::Default},
    {"tls-ticket-keys", ReferenceKind::File, Base::Default},
}};
constexpr std::array<std::string_view, 6> kSslLines{
    "bind", "server", "server-template", "default-server", "default-bind", "dgram-bind"};

/// Keywords of `global` whose first value is a file.
constexpr std::array<Option, 6> kGlobalFiles{{
    {"lua-load", ReferenceKind::File, Base::Default},
    {"lua-load-per-thread", ReferenceKind::File, Base::Default},
    {"ssl-dh-param-file", ReferenceKind::File, Base::Default},
    {"h1-case-adjust-file", ReferenceKind::File, Base::Default},
    {"issuers-chain-path", ReferenceKind::Authorities, Base::Default},
    {"httpclient.ssl.ca-file", ReferenceKind::Authorities, Base::Authorities},
}};

/// `load` in a section crt-store (3.0).
constexpr std::array<Option, 5> kStoreOptions{{
    {"crt", ReferenceKind::Certificate, Base::Certificates},
    {"key", ReferenceKind::File, Base::Keys},
    {"ocsp", ReferenceKind::File, Base::Certificates},
    {"issuer", ReferenceKind::File, Base::Certificates},
    {"sctl", ReferenceKind::File, Base::Certificates},
}};

constexpr std::array<std::string_view, 3> kReplies{"return", "deny", "tarpit"};
constexpr std::array<std::string_view, 3> kReplyFiles{"file", "lf-file", "errorfile"};
constexpr std::array<std::string_view, 21> kSections{
    "acme",    "backend",     "cache",       "crt-store", "defaults", "fcgi-app", "frontend",
    "global",  "healthcheck", "http-errors", "listen",    "mailers",  "peers",    "log-forward",
    "program", "log-profile", "resolvers",   "ring",      "traces",   "userlist", "namespace_list"};

template <typename Words>
bool is_one_of(const Words& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

template <std::size_t size>
const Option* find_option(const std::array<Option, size>& options, std::string_view word) {
  const auto found = std::ranges::find(options, word, &Option::keyword);
  return found == options.end() ? nullptr : &*found;
}

class Collection {
 public:
  void add(Reference reference) {
    if (reference.path.size() > kLongestPath) {
      return;
    }
    const auto [place, is_new] = found_.try_emplace({reference.kind, reference.path}, true);
    place->second = place->second && reference.optional;
    if (found_.size() > kMostReferences) {
      complete_ = false;
      found_.erase(place);
    }
  }

  [[nodiscard]] bool is_full() const { return !complete_; }

  References take() {
    References result;
    for (auto& [key, optional] : found_) {
      result.files.push_back({key.first, key.second, optional});
    }
    result.complete = complete_;
    return result;
  }

 private:
  std::map<std::pair<ReferenceKind, std::string>, bool> found_;  ///< whether all are optional
  bool complete_ = true;
};

/// Not normalised: behind a symbolic link, ".." is not what it looks like.
std::string joined(const std::string& directory, const std::string& name) {
  std::string path = (std::filesystem::path(directory) / name).string();
  while (path.size() > 1 && path.ends_with('/')) {
    path.pop_back();
  }
  return path;
}

class Reader {
 public:
  explicit Reader(const std::string& working_directory)
      : origin_(working_directory), default_path_(working_directory) {}

  void read(const ConfigurationFile& file) {
    file_ = file.name;
    section_.clear();
    depth_ = 0;
    enter_file();
    std::string_view rest = file.text;
    while (!rest.empty() && !found_.is_full()) {
      const auto end = rest.find('\n');
      const auto words = words_of(rest.substr(0, end));
      if (!words.empty()) {
        read_line(words);
      }
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
  }

  References take() {
    References result = found_.take();
    result.certificate_directory = directory_of(Base::Certificates);
    return result;
  }

 private:
  using Words = std::span<const Word>;

  void read_line(Words words) {
    const std::string& keyword = words[0].text;
    if (keyword.starts_with('.')) {
      read_condition(keyword);
    } else if (is_one_of(kSections, keyword)) {
      section_ = keyword;
      store_bases_.clear();
    } else if (section_ == "global") {
      read_global(words);
    } else if (section_ == "crt-store") {
      read_store(words);
    } else if (section_ != "program") {  // whose arguments are another program's
      read_proxy(words);
    }
  }

  void read_condition(std::string_view keyword) {
    if (keyword == ".if") {
      ++depth_;
    } else if (keyword == ".endif" && depth_ > 0) {
      --depth_;
    }
  }

  void read_global(Words words) {
    if (words.size() < 2) {
      return;
    }
    const std::string& keyword = words[0].text;
    if (keyword == "default-path") {
      default_mode_ = words[1].text;
      default_origin_ = words.size() > 2 && !words[2].unresolved ? words[2].text : std::string();
      enter_file();
    } else if (keyword == "crt-base" || keyword == "ca-base" || keyword == "key-base") {
      if (!words[1].unresolved) {
        bases_[keyword] = joined(default_path_, words[1].text);
      }
    } else if (const Option* option = find_option(kGlobalFiles, keyword)) {
      add(option->kind, option->base, words[1]);
    }
  }

  void read_store(Words words) {
    const std::string& keyword = words[0].text;
    if ((keyword == "crt-base" || keyword == "key-base") && words.size() > 1) {
      store_bases_[keyword] = joined(default_path_, words[1].text);
    } else if (keyword == "load") {
      read_options(kStoreOptions, words.subspan(1));
    }
  }

  void read_proxy(Words words) {
    const std::string& keyword = words[0].text;
    if (is_one_of(kSslLines, keyword)) {
      read_options(kSslOptions, words.subspan(1));
    } else if (keyword == "errorfile" && words.size() > 2) {
      add(ReferenceKind::File, Base::Default, words[2]);
    } else if (keyword == "filter" && words.size() > 2 && words[1].text == "spoe") {
      read_value_of("config", words.subspan(2));
    } else if (keyword == "http-error" || (keyword.starts_with("http-") && words.size() > 1 &&
                                           is_one_of(kReplies, words[1].text))) {
      for (const std::string_view name : kReplyFiles) {
        read_value_of(name, words.subspan(1));
      }
    }
    for (const Word& name : files_of_patterns(words)) {
      add_pattern_file(name);
    }
    for (const Word& word : words) {
      for (const std::string& name : files_of_converters(word)) {
        add_pattern_file({name, false});
      }
    }
  }

  template <std::size_t size>
  void read_options(const std::array<Option, size>& options, Words words) {
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
      if (const Option* option = find_option(options, words[i].text)) {
        add(option->kind, option->base, words[++i]);
      }
    }
  }

  void read_value_of(std::string_view name, Words words) {
    for (std::size_t i = 0; i + 1 < words.size() && words[i].text != "if"; ++i) {
      if (words[i].text == name) {
        add(ReferenceKind::File, Base::Default, words[++i]);
      }
    }
  }

  /// From 3.0 on the name may say what it is (section 2.7): only in memory, optional, or a file.
  void add_pattern_file(Word name) {
    if (name.text.starts_with("virt@")) {
      return;
    }
    const bool optional = name.text.starts_with("opt@");
    if (optional || name.text.starts_with("file@")) {
      name.text.erase(0, name.text.find('@') + 1);
    }
    add(ReferenceKind::File, Base::Default, name, optional);
  }

  /// Names with @ stand for a crt-store or for the authorities of the system.
  void add(ReferenceKind kind, Base base, const Word& name, bool optional = false) {
    if (name.unresolved || name.text.empty() || name.text.starts_with('@') ||
        name.text.find('\0') != std::string::npos) {
      return;
    }
    found_.add({kind, joined(directory_of(base), name.text), optional || depth_ > 0});
  }

  [[nodiscard]] std::string directory_of(Base base) const {
    static constexpr std::array<std::string_view, 4> kNames{"", "crt-base", "ca-base", "key-base"};
    const std::string name(kNames.at(static_cast<std::size_t>(base)));
    for (const auto* bases : {&store_bases_, &bases_}) {
      if (const auto found = bases->find(name); found != bases->end()) {
        return found->second;
      }
    }
    return default_path_;
  }

  /// Section 3.1, `default-path`: it holds for this file and for those that follow.
  void enter_file() {
    const std::filesystem::path directory = std::filesystem::path(file_).parent_path();
    if (default_mode_ == "config") {
      default_path_ = joined(origin_, directory.string());
    } else if (default_mode_ == "parent") {
      default_path_ = joined(origin_, (directory / "..").string());
    } else {
      default_path_ = default_mode_ == "origin" ? joined(origin_, default_origin_) : origin_;
    }
  }

  Collection found_;
  std::string origin_;
  std::string default_mode_;
  std::string default_origin_;
  std::string default_path_;
  std::map<std::string, std::string> bases_;        ///< of `global`
  std::map<std::string, std::string> store_bases_;  ///< of the crt-store being read
  std::string file_;
  std::string section_;
  unsigned depth_ = 0;  ///< of `.if` blocks
};

}  // namespace

References references_of(const std::vector<ConfigurationFile>& files,
                         const std::string& working_directory) {
  Reader reader(working_directory);
  for (const ConfigurationFile& file : files) {
    reader.read(file);
  }
  return reader.take();
}

References certificates_of(std::string_view list, const std::string& directory) {
  Collection found;
  while (!list.empty() && !found.is_full()) {
    const auto end = list.find('\n');
    // Options in brackets and filters follow the name; both are of no interest.
    std::string_view line = list.substr(0, end);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    const auto name = line.substr(0, line.find_first_of(" \t\r["));
    if (!name.empty() && name.front() != '#' && name.front() != '@' &&
        name.find('\0') == std::string_view::npos) {
      found.add({ReferenceKind::Certificate, joined(directory, std::string(name)), false});
    }
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
  }
  return found.take();
}

}  // namespace haguard::proxy
