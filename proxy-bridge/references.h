#pragma once
// Which further files a configuration of HAProxy names: lists, maps, certificates, error pages, Lua
// (configuration manual, sections 3.1, 3.11, 4.2, 5, 7.1.3 and 7.3.1). What Lua scripts open by
// themselves cannot be known, and names with variables are passed over. Every byte is hostile.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proxy-bridge/configuration.h"

namespace haguard::proxy {

enum class ReferenceKind : std::uint8_t {
  File,
  /// `crt`: a file, with its .key, .ocsp and so on beside it, or a directory of which HAProxy loads
  /// each file whose name does not begin with a dot.
  Certificate,
  Authorities,      ///< `ca-file`: a file, or a directory of *.pem, *.crt, *.cer and *.crl
  CertificateList,  ///< `crt-list`: a file that names certificates
};

struct Reference {
  ReferenceKind kind = ReferenceKind::File;
  std::string path;       ///< absolute when the working directory is
  bool optional = false;  ///< HAProxy may do without: in an `.if` block, or with "opt@"

  auto operator<=>(const Reference&) const = default;
};

struct References {
  std::vector<Reference> files;  ///< sorted, each once
  /// For what stands in certificate lists: `crt-base`, as an absolute path.
  std::string certificate_directory;
  bool complete = true;  ///< false when there were more than are kept
};

/// `working_directory`: HAProxy's, for relative names.
[[nodiscard]] References references_of(const std::vector<ConfigurationFile>& files,
                                       const std::string& working_directory);

/// The certificates in the text of a `crt-list` (section 5.1), without those of a crt-store.
[[nodiscard]] References certificates_of(std::string_view list, const std::string& directory);

}  // namespace haguard::proxy
