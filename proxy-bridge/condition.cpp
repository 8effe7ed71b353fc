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

}  // namespace haguard::proxy
