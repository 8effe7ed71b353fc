#pragma once
// Talks to the service manager (sd_notify(3)). The datagrams are sent without blocking, which
// libsystemd's function does not promise: a service manager that is busy must not hold up the
// protocol loop. What could not be sent goes with the next heartbeat.

#include <string>
#include <string_view>

namespace haguard::supervisor {

class ServiceManager {
 public:
  /// `socket`: the value of $NOTIFY_SOCKET, nullptr when nobody wants to know.
  ServiceManager(const char* socket, bool watchdog);
  ~ServiceManager();
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  /// "READY=1", "STOPPING=1"
  void tell(std::string_view state);
  /// We are alive.
  void heartbeat();

 private:
  void send(std::string_view state);

  int fd_ = -1;
  bool watchdog_;
  std::string unsent_;
};

}  // namespace haguard::supervisor
