#include "proxy-bridge/file_set.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "proxy-bridge/references.h"

namespace haguard::proxy {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMostFiles = 20'000;
/// Also of those that are missing.
constexpr std::size_t kMostNames = 100'000;
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 30U;
constexpr std::size_t kMostText = std::size_t{64} << 20U;
/// Longer than a tick of the clock that file systems stamp with (10 ms at CONFIG_HZ=100).
constexpr std::int64_t kTickNs = 50'000'000;

/// What HAProxy looks for beside a certificate (configuration manual 3.1, ssl-load-extra-files),
/// and the parts of a bundle.
constexpr std::array<std::string_view, 7> kCompanions{".key",   ".ocsp", ".sctl", ".issuer",
                                                      ".ecdsa", ".rsa",  ".dsa"};

/// A clock that was set back must not make every file look fresh for hours.
bool is_fresh(const FileStamp& stamp, std::int64_t now_ns) {
  return stamp.changed_ns > now_ns - kTickNs && stamp.changed_ns < now_ns + kTickNs;
}

std::int64_t wall_nanoseconds() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::optional<FileStamp> stamp_or_none(const std::string& path) {
  const auto found = stamp_of(path);
  const auto* stamp = std::get_if<FileStamp>(&found);
  return stamp == nullptr ? std::nullopt : std::optional(*stamp);
}

template <typename Accept>
std::vector<std::string> regular_files_in(const std::string& directory, std::error_code& failure,
                                          Accept accept) {
  std::vector<std::string> found;
  fs::directory_iterator entry(directory, failure);
  for (; !failure && entry != fs::directory_iterator(); entry.increment(failure)) {
    std::error_code unreadable;
    const std::string name = entry->path().filename().string();
    if (!name.starts_with('.') && accept(name) && entry->is_regular_file(unreadable)) {
      found.push_back(entry->path().string());
    }
    if (found.size() > kMostFiles) {
      failure = std::make_error_code(std::errc::too_many_files_open);
    }
  }
  std::ranges::sort(found);
  return found;
}

bool is_authority(const std::string& name) {
  const std::string extension = fs::path(name).extension().string();
  return extension == ".pem" || extension == ".crt" || extension == ".cer" || extension == ".crl";
}

}  // namespace

/// One look at everything.
class FilePass {
 public:
  FilePass(FileSurveyor& surveyor, const ConfigurationSources& sources)
      : surveyor_(surveyor), sources_(sources), known_(std::exchange(surveyor.known_, {})) {
    surveyor_.observed_.clear();
    surveyor_.settled_ = true;
  }

  FileSet run() {
    for (const std::string& name : sources_.names) {
      add_source(name);
    }
    if (texts_.empty() && !unreadable_) {
      unreadable_ = true;
      flaw(absent_.empty() ? "HAProxy has no configuration" : absent_);
    }
    const References references = references_of(texts_, sources_.working_directory);
    certificate_directory_ = references.certificate_directory;
    add_all(references);
    return finish();
  }

 private:
  /// What HAProxy does with the value of -f.
  void add_source(const std::string& name) {
    const auto found = observe(name);
    const auto* stamp = std::get_if<FileStamp>(&found);
    const auto* failure = std::get_if<FileFailure>(&found);
    if (failure != nullptr && !sources_.running && failure->number == ENOENT) {
      absent_ = absent_.empty() ? failure->text : absent_;
    } else if (stamp != nullptr && stamp->is_directory()) {
      for (const std::string& file : add_directory({name, LoadedKind::Configuration}, *stamp)) {
        add_configuration(file);
      }
    } else {
      add_configuration(name);
    }
  }

  void add_configuration(const std::string& path) {
    auto text = add_text(path);
    unreadable_ = unreadable_ || !text;
    texts_.push_back({path, text ? std::move(*text) : std::string()});
  }

  void add_all(const References& references) {
    if (!references.complete) {
      flaw(fmt::format("the configuration names more than {} files", kMostFiles));
    }
    for (const Reference& reference : references.files) {
      add(reference);
    }
  }

  void add(const Reference& reference) {
    if (!has_room(reference.path)) {
      return;
    }
    const auto found = observe(reference.path);
    const auto* stamp = std::get_if<FileStamp>(&found);
    if (stamp == nullptr) {
      const bool is_bundle =
          reference.kind == ReferenceKind::Certificate && add_companions(reference.path);
      if (!reference.optional && !is_bundle) {
        flaw(std::get<FileFailure>(found).text);
      }
    } else if (stamp->is_directory() && reference.kind == ReferenceKind::Certificate) {
      for (const auto& file : add_directory({reference.path, LoadedKind::Certificates}, *stamp)) {
        add_file(file);
      }
    } else if (stamp->is_directory() && reference.kind == ReferenceKind::Authorities) {
      add_authorities(reference.path);
    } else if (reference.kind == ReferenceKind::CertificateList) {
      add_certificate_list(reference.path);
    } else {
      add_file(reference.path);
      if (reference.kind == ReferenceKind::Certificate) {
        add_companions(reference.path);
      }
    }
  }

  void add_certificate_list(const std::string& path) {
    if (!lists_.insert(path).second) {
      return;
    }
    if (const auto text = add_text(path)) {
      add_all(certificates_of(*text, certificate_directory_));
    }
  }

  std::vector<std::string> add_directory(const LoadedDirectory& directory, const FileStamp& stamp) {
    result_.directories.push_back(directory);
    note_change(stamp);
    std::error_code failure;
    auto files = loaded_files_in(directory, failure);
    if (failure) {
      flaw(directory.path + ": " + failure.message());
      unreadable_ = unreadable_ || directory.kind == LoadedKind::Configuration;
    }
    return files;
  }

  void add_authorities(const std::string& path) {
    std::error_code failure;
    for (const std::string& file : regular_files_in(path, failure, is_authority)) {
      add_file(file);
    }
    if (failure) {
      flaw(path + ": " + failure.message());
    }
  }

  /// Where they could appear, the directory is watched in their stead.
  bool add_companions(const std::string& path) {
    observe(fs::path(path).parent_path().string());
    bool any = false;
    const auto try_file = [&](const std::string& companion) {
      if (const auto stamp = stamp_or_none(companion); stamp && stamp->is_regular()) {
        add_file(companion);
        any = true;
      }
    };
    for (const std::string_view extension : kCompanions) {
      try_file(path + std::string(extension));
    }
    // ssl-load-extra-del-ext
    if (const auto key = fs::path(path).replace_extension(".key").string(); key != path) {
      try_file(key);
    }
    return any;
  }

  void add_file(const std::string& path) {
    if (files_.contains(path) || !has_room(path)) {
      return;
    }
    const auto found = observe(path);
    const auto* stamp = std::get_if<FileStamp>(&found);
    const auto known = known_.find(path);
    if (stamp != nullptr && known != known_.end() && known->second.settled &&
        known->second.stamp == *stamp) {
      keep(path, *stamp, known->second.digest);
      return;
    }
    const auto content = read(path, Keep::Digest, kLargestContent);
    if (content) {
      keep(path, content->stamp, content->digest);
    }
  }

  std::optional<std::string> add_text(const std::string& path) {
    observe(path);
    auto content = read(path, Keep::Text, std::min(kLargestContent, kMostText - text_));
    if (!content) {
      return std::nullopt;
    }
    text_ += content->text.size();
    keep(path, content->stamp, content->digest);
    return std::move(content->text);
  }

  bool has_room(const std::string& path) {
    if (files_.size() < kMostFiles && bytes_ < kMostBytes &&
        surveyor_.observed_.size() < kMostNames) {
      return true;
    }
    flaw(fmt::format("{}: not looked at, there are too many files before it", path));
    return false;
  }

  std::optional<Content> read(const std::string& path, Keep what, std::size_t limit) {
    ++surveyor_.reads_;
    auto found = read_content(path, limit, what);
    if (const auto* failure = std::get_if<FileFailure>(&found)) {
      flaw(failure->text);
      return std::nullopt;
    }
    return std::get<Content>(std::move(found));
  }

  void keep(const std::string& path, const FileStamp& stamp, const std::string& digest) {
    const bool settled = !is_fresh(stamp, now_ns_);
    surveyor_.known_[path] = {stamp, digest, settled};
    surveyor_.settled_ = surveyor_.settled_ && settled;
    bytes_ += files_.contains(path) ? 0 : stamp.size;
    files_[path] = {path, digest, stamp.mode & 07777U, stamp.uid, stamp.gid};
    note_change(stamp);
  }

  void note_change(const FileStamp& stamp) {
    changed_at_ = std::max(changed_at_, stamp.changed_at());
  }

  std::variant<FileStamp, FileFailure> observe(const std::string& path) {
    auto found = stamp_of(path);
    const auto* stamp = std::get_if<FileStamp>(&found);
    surveyor_.observed_[path] = stamp == nullptr ? std::nullopt : std::optional(*stamp);
    surveyor_.settled_ = surveyor_.settled_ && (stamp == nullptr || !is_fresh(*stamp, now_ns_));
    return found;
  }

  void flaw(const std::string& text) {
    if (result_.survey.flaw.empty()) {
      result_.survey.flaw = text;
    }
  }

  FileSet finish() {
    Digest digest;
    for (const auto& [path, file] : files_) {
      digest.add(path);
      digest.add(std::string_view("\0", 1));
      digest.add(file.digest);
      result_.survey.files.push_back(path);
      result_.files.push_back(file);
    }
    result_.survey.digest = unreadable_ ? std::string() : digest.hex();
    result_.survey.changed_at = changed_at_;
    for (const auto& [path, stamp] : surveyor_.observed_) {
      result_.watched.push_back(path);
    }
    return std::move(result_);
  }

  FileSurveyor& surveyor_;
  const ConfigurationSources& sources_;
  std::map<std::string, FileSurveyor::Known> known_;  ///< from the look before
  const std::int64_t now_ns_ = wall_nanoseconds();
  FileSet result_;
  std::map<std::string, KeptFile> files_;
  std::vector<ConfigurationFile> texts_;
  std::set<std::string> lists_;
  std::string certificate_directory_;
  std::string absent_;  ///< the first of haproxy.config that does not exist
  bool unreadable_ = false;
  std::size_t text_ = 0;
  std::uint64_t bytes_ = 0;
  WallClock changed_at_{};
};

std::vector<std::string> loaded_files_in(const LoadedDirectory& directory,
                                         std::error_code& failure) {
  if (directory.kind == LoadedKind::Certificates) {
    return regular_files_in(directory.path, failure, [](const std::string&) { return true; });
  }
  std::vector<std::string> names;
  for (const fs::path& file : configuration_files_in(directory.path, failure)) {
    names.push_back(file.string());
  }
  return names;
}

bool FileSurveyor::has_changed() const {
  return std::ranges::any_of(observed_, [](const auto& observation) {
    return stamp_or_none(observation.first) != observation.second;
  });
}

const FileSet& FileSurveyor::look(const ConfigurationSources& sources) {
  if (!last_ || !settled_ || sources != sources_ || has_changed()) {
    ++passes_;
    sources_ = sources;
    last_ = FilePass(*this, sources_).run();
  }
  return *last_;
}

}  // namespace haguard::proxy
