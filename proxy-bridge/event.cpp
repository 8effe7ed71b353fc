#include "proxy-bridge/event.h"

namespace haguard::proxy {

std::string_view to_string(Failure failure) {
  switch (failure) {
    case Failure::Missing:
      return "no such file";
    case Failure::Refused:
      return "connection refused";
    case Failure::Denied:
      return "permission denied";
    case Failure::Closed:
      break;
  }
  return "connection closed";
}

}  // namespace haguard::proxy
