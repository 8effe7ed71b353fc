#include "supervisor/ctl_import.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <iostream>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <variant>

#include <fmt/format.h>
#include <sys/stat.h>

#include "conf/file.h"
#include "conf/keepalived/import.h"
#include "supervisor/ctl.h"

namespace haguard::supervisor {
namespace {

constexpr mode_t kWithPassword = 0600;
constexpr mode_t kWithout = 0640;

std::string system_error() {
  return std::generic_category().message(errno);
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(file, text.data(), text.size());
    if (written < 0 && errno != EINTR) {
      return false;
    }
    text.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
  }
  return true;
}

/// A file beside it that nobody else can have prepared, with its mode from the first moment.
bool write_draft(std::string& draft, std::string_view text, mode_t mode) {
  const int file = ::mkostemp(draft.data(), O_CLOEXEC);
  if (file < 0) {
    return false;
  }
  const bool written = ::fchmod(file, mode) == 0 && write_all(file, text) && ::fsync(file) == 0;
  return ::close(file) == 0 && written;
}

/// Whole or not at all, and never over a file that is there unless that is wanted. The error, or
/// empty.
std::string write_file(const ImportOptions& options, std::string_view text, mode_t mode) {
  const std::string& path = options.output;
  std::string draft = path + ".XXXXXX";
  if (!write_draft(draft, text, mode)) {
    const auto reason = system_error();
    ::unlink(draft.c_str());
    return fmt::format("{}: {}", path, reason);
  }
  // link(2) fails where rename(2) would replace.
  const bool done = options.force ? std::rename(draft.c_str(), path.c_str()) == 0
                                  : ::link(draft.c_str(), path.c_str()) == 0;
  const int failure = done ? 0 : errno;
  if (!options.force || !done) {
    ::unlink(draft.c_str());
  }
  if (failure == EEXIST) {
    return fmt::format("{} exists: --force replaces it", path);
  }
  return done ? std::string()
              : fmt::format("{}: {}", path, std::generic_category().message(failure));
}

/// "dropped 3, changed 1, warnings 0, verdicts 2"
std::string summary(const conf::keepalived::Imported& imported) {
  using conf::keepalived::Kind;
  const auto count = [&imported](Kind kind) {
    return std::ranges::count(imported.findings, kind, &conf::keepalived::Finding::kind);
  };
  return fmt::format("dropped {}, changed {}, warnings {}, verdicts {}", count(Kind::Dropped),
                     count(Kind::Changed), count(Kind::Warning), count(Kind::Verdict));
}

void print_findings(const conf::keepalived::Imported& imported, std::ostream& out) {
  for (const auto& finding : imported.findings) {
    out << finding.to_string() << "\n";
  }
  // Without an instance all that is to be said is that there is none.
  for (const conf::Problem& problem :
       imported.has_instance ? imported.problems : conf::Problems{}) {
    out << problem.to_string() << "\n";
  }
}

/// False when it could not be written, which is told.
bool write_result(const ImportOptions& options, const conf::keepalived::Imported& imported) {
  if (options.output.empty()) {
    std::cout << imported.toml << std::flush;
    return static_cast<bool>(std::cout);
  }
  const auto failure =
      write_file(options, imported.toml, imported.has_password ? kWithPassword : kWithout);
  if (!failure.empty()) {
    std::cerr << failure << "\n";
  }
  return failure.empty();
}

}  // namespace

int import_configuration(const ImportOptions& options) {
  const auto content = conf::read_file(options.file, conf::keepalived::kLargestFile);
  if (const auto* failure = std::get_if<conf::FileError>(&content)) {
    std::cerr << fmt::format("{}: cannot be read: {}\n", options.file, failure->reason);
    return kExitFailed;
  }
  const auto& text = std::get<conf::FileContent>(content).text;
  const std::string toml_file = options.output.empty() ? "haguard.toml" : options.output;
  const auto imported = conf::keepalived::import_text(text, options.file, toml_file, host_name());
  std::ostream& out = options.output.empty() ? std::cerr : std::cout;
  print_findings(imported, out);
  if (!imported.has_instance) {
    std::cerr << fmt::format("{}: no vrrp_instance, so there is nothing to import\n", options.file);
    return kExitFailed;
  }
  if (!write_result(options, imported)) {
    return kExitFailed;
  }
  out << fmt::format("{} made of {}: {}\n", toml_file, options.file, summary(imported));
  if (!imported.good()) {
    std::cerr << fmt::format("{} has the errors above: mend them, then run `haguard check`\n",
                             toml_file);
    return kExitFailed;
  }
  return kExitDone;
}

}  // namespace haguard::supervisor
