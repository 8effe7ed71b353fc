#pragma once
// The files that HAProxy is configured with, as values: its proxies, what they listen on, and what
// of `global` matters here. For versions from 2.6 on; keywords that are not known here are passed
// over, and whether the files are right is HAProxy's to say. Every byte is hostile.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "conf/units.h"
#include "proxy-bridge/bind.h"

namespace haguard::proxy {

/// The text of one file.
struct ConfigurationFile {
  std::string name;
  std::string text;
};

enum class ProxyKind : std::uint8_t { Frontend, Listen, Backend, Defaults };

struct ProxySection {
  ProxyKind kind = ProxyKind::Defaults;
  std::string name;  ///< a section `defaults` may have none
  std::string file;
  unsigned line = 0;
  bool conditional = false;  ///< in an `.if` block: it may be there or not
  bool unresolved = false;   ///< its name has a variable
  /// These three are those of its `defaults` unless it says otherwise.
  std::string mode = "tcp";
  std::string monitor_uri;  ///< empty: none
  bool disabled = false;
  std::vector<Bind> binds;
  /// Servers in all branches of `.if` blocks, those of templates included.
  unsigned servers = 0;
  bool has_template = false;

  [[nodiscard]] bool is_frontend() const;
  [[nodiscard]] bool is_backend() const;
};

/// `stats socket` of the section `global`.
struct StatsSocket {
  std::string address;      ///< as it is written, mostly a path
  std::vector<Bind> binds;  ///< the same, taken apart
  std::string level = "operator";
  std::optional<unsigned> maxconn;
  std::string file;
  unsigned line = 0;
};

struct Configuration {
  std::vector<ProxySection> proxies;
  std::vector<StatsSocket> stats_sockets;
  unsigned stats_maxconn = 10;  ///< HAProxy's default unless set
  std::string stats_maxconn_file;
  unsigned stats_maxconn_line = 0;  ///< 0: not set
  bool daemon = false;
  std::optional<Duration> hard_stop_after;  ///< how long old workers may live; none: for ever
  bool noreuseport = false;
  std::string unix_prefix;  ///< of `unix-bind`: stands before the paths of `bind`
  /// False when there was more than is kept: nothing may be concluded from what is not here.
  bool complete = true;
};

/// In the order in which HAProxy reads them: a `defaults` section holds for later files as well.
[[nodiscard]] Configuration parse_configuration(const std::vector<ConfigurationFile>& files);

}  // namespace haguard::proxy
