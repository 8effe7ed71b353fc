#pragma once
// What the importer has to say about a keepalived.conf: whatever it does not take over as it
// stands.

#include <string>
#include <vector>

#include "conf/places.h"

namespace haguard::conf::keepalived {

enum class Kind {
  Dropped,  ///< has no effect on the result
  Changed,  ///< taken over with another meaning
  Warning,  ///< has to be looked at
  Verdict,  ///< does not do in keepalived what its author seems to expect
};

/// "dropped", "changed", …
[[nodiscard]] std::string_view to_string(Kind kind);

/// One sentence about one line. `place.line` counts from 1; 0 = the file as a whole.
struct Finding {
  Place place;
  Kind kind = Kind::Dropped;
  std::string message;

  /// "keepalived.conf:12: dropped: …": one line, without control characters.
  [[nodiscard]] std::string to_string() const;
};

class Findings {
 public:
  void dropped(const Place& place, std::string message) { add(place, Kind::Dropped, message); }
  void changed(const Place& place, std::string message) { add(place, Kind::Changed, message); }
  void warning(const Place& place, std::string message) { add(place, Kind::Warning, message); }
  void verdict(const Place& place, std::string message) { add(place, Kind::Verdict, message); }

  /// All of them in the order of the lines, file by file; none twice.
  [[nodiscard]] std::vector<Finding> take();

 private:
  void add(const Place& place, Kind kind, std::string& message);

  std::vector<Finding> findings_;
  bool full_ = false;
};

}  // namespace haguard::conf::keepalived
