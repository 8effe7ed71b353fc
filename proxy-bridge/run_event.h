#pragma once
// The vocabulary between the core that decides when HAProxy runs and the port that runs it.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace haguard::proxy {

// ---- actions

/// Is there one that a daemon before this one has started? Answered by MasterFound.
struct LookForMaster {};
/// Answered by MasterLaunched, and then MasterEnded once it has.
struct LaunchMaster {};
/// One that was found: MasterEnded comes once it has, at once when it is not there any more.
struct FollowMaster {
  int pid = 0;
};
/// What the management guide of HAProxy (4, Stopping and restarting) says of them: the workers
/// stop softly, stop at once, or have nobody to obey any more.
enum class StopSignal : std::uint8_t { Soft, Term, Kill };
/// To the master that was launched or is followed.
struct SignalMaster {
  StopSignal signal = StopSignal::Soft;
};

using RunAction = std::variant<LookForMaster, LaunchMaster, FollowMaster, SignalMaster>;

// ---- events

struct MasterFound {
  std::optional<int> pid;
};
struct MasterLaunched {
  int pid = 0;
  std::string error;  ///< "too many processes"; empty: it was, though it may not live long
};
/// All that it had printed was told before.
struct MasterEnded {
  std::string how;  ///< "exited with code 1", "signal 9"; empty: not known, as it was no child
};
/// One line of what HAProxy prints, printable and bounded.
struct MasterPrinted {
  std::string line;
};

using RunEvent = std::variant<MasterFound, MasterLaunched, MasterEnded, MasterPrinted>;

}  // namespace haguard::proxy
