#pragma once
// The vocabulary between the reload procedure and what touches files and programs for it: facts
// come in as events, orders go out as actions. What is said to HAProxy itself is in event.h.

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace haguard::proxy {

using WallClock = std::chrono::system_clock::time_point;

/// What HAProxy would read if it was reloaded now: the files of its command line, and the maps,
/// certificates and other files that they name.
struct Survey {
  std::string digest;              ///< of names and contents; empty: a file of -f is not readable
  std::vector<std::string> files;  ///< paths, sorted
  std::string flaw;                ///< the first file that could not be read, and why; empty: none
  WallClock changed_at;            ///< the latest change of a file or of the directories of -f
};

/// A configuration that was proven, kept in the state directory.
struct Generation {
  unsigned id = 0;  ///< grows by one with each that is kept
  WallClock kept_at;
  std::string digest;
  std::string version;  ///< of HAProxy
  std::size_t files = 0;
};

// ---- actions

/// From now on FilesSurveyed comes, now and after each change. `master_pid`: whose command line
/// names the files; 0: haproxy.config does.
struct FollowFiles {
  int master_pid = 0;
};
/// What a daemon before this one has left. Answered by StateLoaded.
struct LoadReloadState {};
/// Replaces the journal (reload_journal.h) in one step. Answered by JournalWritten.
struct WriteJournal {
  std::string text;
};
/// Copies what is on disk now, to become a generation. Answered by FilesStaged.
struct StageFiles {
  int master_pid = 0;
};
/// The staged files are good. Answered by GenerationKept.
struct KeepStaged {
  std::string version;
};
/// Puts the files of a generation back, each in one step; what stood there is kept beside them as
/// NAME.rejected-<time>. Answered by FilesRestored.
struct RestoreGeneration {
  unsigned id = 0;
};
/// Takes the last RestoreGeneration back. Answered by RestoreUndone.
struct UndoRestore {};
/// Runs `haproxy -c` with the arguments of the running master. Answered by Validated.
struct ValidateConfiguration {
  int master_pid = 0;
};
/// Tries to bind what HAProxy would. Answered by BindsTried.
struct TryBinds {
  int master_pid = 0;
};
/// No answer is wanted any more from ValidateConfiguration and TryBinds.
struct CancelTrials {};

using ReloadAction =
    std::variant<FollowFiles, LoadReloadState, WriteJournal, StageFiles, KeepStaged,
                 RestoreGeneration, UndoRestore, ValidateConfiguration, TryBinds, CancelTrials>;

// ---- events; an empty `error` means that it was done

struct FilesSurveyed {
  Survey survey;
  int master_pid = 0;  ///< FollowFiles::master_pid
};
struct StateLoaded {
  std::vector<Generation> generations;  ///< oldest first
  std::string journal;                  ///< as written last; empty: none
  /// A restoration that was cut off was completed: its generation, or 0.
  unsigned completed_restore = 0;
  std::string error;  ///< what of it could not be read
};
struct JournalWritten {
  std::string error;  ///< "/var/lib/haguard/reload.json: No space left on device"
};
struct FilesStaged {
  Survey survey;
  WallClock at;
  std::string error;  ///< they are not staged; the survey holds all the same
};
struct GenerationKept {
  std::vector<Generation> generations;  ///< all of them, oldest first; the new one is the last
  std::string error;
};
struct FilesRestored {
  unsigned id = 0;
  std::vector<std::string> rejected;  ///< paths of what stood there before and differed
  std::string error;                  ///< then nothing was changed
};
struct RestoreUndone {
  std::string error;
};
struct Validated {
  bool ok = false;
  std::string reason;  ///< why not: HAProxy's alerts, in one line, or "no answer within 60 s"
  std::string output;  ///< all that it printed, printable, bounded
};
struct BindsTried {
  /// Where HAProxy could not listen, and why: "bind 10.0.0.1:80 (/etc/haproxy/haproxy.cfg:12):
  /// address already in use". Empty: nothing is known to keep it from it.
  std::vector<std::string> obstacles;
  unsigned tried = 0;
  unsigned unknown = 0;  ///< binds that only HAProxy can judge
};

using ReloadEvent =
    std::variant<FilesSurveyed, StateLoaded, JournalWritten, FilesStaged, GenerationKept,
                 FilesRestored, RestoreUndone, Validated, BindsTried>;

}  // namespace haguard::proxy
