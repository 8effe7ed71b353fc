#include "proxy-bridge/condition.h"

namespace haguard::proxy {

std::string_view to_string(Status status) {
  switch (status) {
    case Status::Unknown:
      break;
    case Status::Running:
      return "running";
    case Status::Stopping:
      return "stopping";
    case Status::Hung:
      return "hung";
    case Status::Dead:
      return "dead";
  }
  return "unknown";
}

std::string_view to_string(Warning warning) {
  switch (warning) {
    case Warning::Saturated:
      return "saturated";
    case Warning::ReloadFailed:
      return "reload failed";
    case Warning::StatsSilent:
      return "stats socket silent";
    case Warning::OldWorkers:
      return "old workers";
    case Warning::MasterSilent:
      return "master silent";
  }
  return "unknown";
}

}  // namespace haguard::proxy
