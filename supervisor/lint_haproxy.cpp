#include "supervisor/lint_haproxy.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "conf/report.h"
#include "conf/suggestion.h"

namespace haguard::supervisor {
namespace {

using conf::Severity;

/// With fewer, a monitoring program or two lock haguard out.
constexpr unsigned kFewStatsConnections = 5;

/// How the frontends relate to one virtual address.
struct Coverage {
  std::vector<const proxy::Bind*> absent_on_backup;
  std::string frontend;  ///< of the first of them
  bool covered = false;
  bool uncertain = false;  ///< something may listen there
};

bool is_uncertain(const proxy::Bind& bind) {
  const bool named = bind.kind == proxy::BindKind::Ip && !bind.address() &&
                     !bind.is_wildcard(vrrp::Family::Ipv4) && !bind.is_wildcard(vrrp::Family::Ipv6);
  return bind.conditional || bind.unresolved || named || bind.kind == proxy::BindKind::Fd ||
         bind.kind == proxy::BindKind::Unknown || !bind.name_space.empty();
}

Coverage coverage(const proxy::Configuration& haproxy, const vrrp::IpAddress& address) {
  Coverage result;
  for (const proxy::ProxySection& section : haproxy.proxies) {
    if (!section.is_frontend() || section.disabled) {
      continue;
    }
    for (const proxy::Bind& bind : section.binds) {
      if (is_uncertain(bind)) {
        result.uncertain = true;
      } else if (bind.is_wildcard(address.family())) {
        result.covered = true;
      } else if (bind.address() == address) {
        result.covered = true;
        if (!bind.transparent) {
          result.frontend = result.absent_on_backup.empty() ? section.name : result.frontend;
          result.absent_on_backup.push_back(&bind);
        }
      }
    }
  }
  return result;
}

class Lint {
 public:
  Lint(const conf::Parsed& parsed, const Surroundings& surroundings)
      : parsed_(parsed), surroundings_(surroundings), haproxy_(surroundings.haproxy) {}

  conf::Problems run() {
    for (const conf::Instance& instance : parsed_.config.instances) {
      look_at(instance, "virtual_addresses", instance.virtual_addresses);
      look_at(instance, "excluded_addresses", instance.excluded_addresses);
    }
    for (const conf::Check& check : parsed_.config.checks) {
      if (check.type == conf::CheckType::Haproxy) {
        look_at(check);
      }
    }
    look_at_stats();
    look_at_admin_socket();
    return std::move(problems_);
  }

 private:
  void look_at(const conf::Instance& instance, const char* key,
               const std::vector<conf::VirtualAddress>& addresses) {
    const conf::Place at = parsed_.places.of_instance(instance.name, key);
    for (const conf::VirtualAddress& one : addresses) {
      const Coverage found = coverage(haproxy_, one.address);
      // The owner's addresses are the machine's own: they are there.
      if (!found.absent_on_backup.empty() && !conf::is_owner(instance) && !may_bind(one.address)) {
        tell(at, Severity::Warning, cannot_bind(one.address, found));
      }
      if (!found.covered && !found.uncertain && all_is_known()) {
        tell(at, Severity::Warning,
             fmt::format("no frontend of HAProxy listens on {}", one.address.to_string()));
      }
    }
  }

  [[nodiscard]] bool may_bind(const vrrp::IpAddress& absent) const {
    return absent.family() == vrrp::Family::Ipv4 ? surroundings_.nonlocal_bind_ipv4
                                                 : surroundings_.nonlocal_bind_ipv6;
  }

  static std::string cannot_bind(const vrrp::IpAddress& address, const Coverage& found) {
    const proxy::Bind& bind = *found.absent_on_backup.front();
    const std::size_t others = found.absent_on_backup.size() - 1;
    const bool v4 = address.family() == vrrp::Family::Ipv4;
    return fmt::format(
        "frontend {} binds {} ({}:{}{}): on Backup the address is absent, and HAProxy will not "
        "start or reload there; set net.{}.ip_nonlocal_bind=1, or bind {}:{}, or add "
        "\"transparent\"",
        conf::in_quotes(found.frontend), conf::printable(bind.text), bind.file, bind.line,
        others == 0 ? "" : fmt::format(" and {} more", others), v4 ? "ipv4" : "ipv6",
        v4 ? "*" : "[::]", bind.first_port);
  }

  void look_at(const conf::Check& check) {
    for (const std::string& name : check.haproxy.frontends) {
      const auto found = find(name, &proxy::ProxySection::is_frontend);
      if (found.empty()) {
        missing(check, "frontends", "frontend", name, &proxy::ProxySection::is_frontend);
      }
    }
    for (const auto& [name, least] : check.haproxy.backends) {
      const auto found = find(name, &proxy::ProxySection::is_backend);
      if (found.empty()) {
        missing(check, "backends", "backend", name, &proxy::ProxySection::is_backend);
      } else if (found.size() == 1) {
        compare_servers(check, *found.front(), least);
      }
    }
  }

  /// Every branch of `.if` blocks was read: what no branch has is not there.
  void missing(const conf::Check& check, const char* key, const char* what, const std::string& name,
               bool (proxy::ProxySection::*is_kind)() const) {
    if (!all_is_known()) {
      return;
    }
    std::vector<std::string> known;
    for (const proxy::ProxySection& section : haproxy_.proxies) {
      if ((section.*is_kind)()) {
        known.push_back(section.name);
      }
    }
    tell(parsed_.places.of_check(check.name, key), Severity::Error,
         fmt::format("check \"{}\": HAProxy has no {} \"{}\"{}", check.name, what, name,
                     conf::suggestion(name, known)));
  }

  void compare_servers(const conf::Check& check, const proxy::ProxySection& backend,
                       unsigned least) {
    if (!backend.has_template && backend.servers < least && all_is_known()) {
      tell(parsed_.places.of_check(check.name, "backends"), Severity::Error,
           fmt::format("check \"{}\": backend \"{}\" is to have {} usable servers, but it has {} "
                       "in all ({}:{})",
                       check.name, backend.name, least, backend.servers, backend.file,
                       backend.line));
    }
  }

  void look_at_stats() {
    if (haproxy_.stats_maxconn < kFewStatsConnections) {
      tell({haproxy_.stats_maxconn_file, haproxy_.stats_maxconn_line, 1}, Severity::Warning,
           fmt::format("stats maxconn {}: haguard holds a connection, and when others take the "
                       "rest HAProxy looks hung; 64 is plenty",
                       haproxy_.stats_maxconn));
    }
  }

  /// Whoever runs HAProxy elsewhere may also say so by its command line.
  void look_at_admin_socket() {
    const conf::Haproxy& settings = parsed_.config.haproxy;
    const auto may_be_it = [&settings](const proxy::StatsSocket& socket) {
      const std::string_view address = socket.address;
      const bool certain =
          std::ranges::none_of(socket.binds, [](const auto& bind) { return bind.unresolved; });
      return !certain || address == settings.admin_socket ||
             address == "unix@" + settings.admin_socket;
    };
    if (settings.mode == conf::HaproxyMode::Managed && all_is_known() &&
        std::ranges::none_of(haproxy_.stats_sockets, may_be_it)) {
      tell({parsed_.places.file(), 0, 0}, Severity::Warning,
           fmt::format(
               "haproxy.admin_socket: HAProxy's configuration has no \"stats socket {} level "
               "admin\" in its section global, so haguard cannot see how it is",
               conf::printable(settings.admin_socket)));
    }
  }

  [[nodiscard]] std::vector<const proxy::ProxySection*> find(const std::string& name,
                                                             bool (proxy::ProxySection::*is_kind)()
                                                                 const) const {
    std::vector<const proxy::ProxySection*> found;
    for (const proxy::ProxySection& section : haproxy_.proxies) {
      if (section.name == name && (section.*is_kind)()) {
        found.push_back(&section);
      }
    }
    return found;
  }

  [[nodiscard]] bool all_is_known() const {
    return surroundings_.complete && haproxy_.complete &&
           std::ranges::none_of(haproxy_.proxies, &proxy::ProxySection::unresolved);
  }

  void tell(const conf::Place& at, Severity severity, std::string message) {
    problems_.push_back({at.file, at.line, at.column, severity, std::move(message)});
  }

  const conf::Parsed& parsed_;
  const Surroundings& surroundings_;
  const proxy::Configuration& haproxy_;
  conf::Problems problems_;
};

}  // namespace

conf::Problems lint_haproxy(const conf::Parsed& parsed, const Surroundings& surroundings) {
  return Lint(parsed, surroundings).run();
}

}  // namespace haguard::supervisor
