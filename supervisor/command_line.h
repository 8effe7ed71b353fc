#pragma once
// The commands and options of haguard, in one place: main takes orders by it, and the manual page
// and the completions of shells are written from it.

#include <optional>
#include <string>

#include "supervisor/ctl.h"
#include "supervisor/ctl_drain.h"
#include "supervisor/ctl_events.h"
#include "supervisor/ctl_import.h"
#include "supervisor/ctl_stay.h"
#include "supervisor/release.h"

namespace CLI {
class App;
}

namespace haguard::supervisor {

enum class Command {
  Run,
  Check,
  Status,
  Reload,
  Events,
  Drain,
  Undrain,
  ProxyReload,
  ProxyStatus,
  ProxyHistory,
  ProxyRollback,
  Import,
  Release,
  Stay,
  Version,
};

/// What was asked for, with the options of all commands; those of another one have their defaults.
struct Invocation {
  Command command = Command::Run;
  std::string config_file = kDefaultConfigFile;
  std::string peer_file;  ///< of `check`; may be empty
  StatusOptions status;
  bool reload_json = false;
  EventsOptions events;
  DrainOptions drain;  ///< of `undrain`, too
  bool proxy_json = false;
  std::optional<unsigned> generation;  ///< of `proxy rollback`
  ImportOptions import;
  ReleaseOptions release;
  StayOptions stay;
};

/// Tells `app` every command. What it parses then goes into `asked`, which must live as long.
void add_commands(CLI::App& app, Invocation& asked);

}  // namespace haguard::supervisor
