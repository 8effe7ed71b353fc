#include "supervisor/service_job.h"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include <systemd/sd-bus.h>
#include <systemd/sd-login.h>

namespace haguard::supervisor {
namespace {

constexpr const char* kSocket = "unix:path=/run/systemd/private";
constexpr const char* kManager = "org.freedesktop.systemd1";
constexpr const char* kUnits = "/org/freedesktop/systemd1/unit";
constexpr std::uint64_t kPatience = 1'000'000;  // microseconds

struct Free {
  void operator()(sd_bus* bus) const { sd_bus_close_unref(bus); }
  void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
  void operator()(char* text) const { std::free(text); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

Owned<sd_bus> connect() {
  sd_bus* bus = nullptr;
  if (sd_bus_new(&bus) < 0) {
    return nullptr;
  }
  Owned<sd_bus> owned(bus);
  const bool connected = sd_bus_set_address(bus, kSocket) >= 0 && sd_bus_start(bus) >= 0 &&
                         sd_bus_set_method_call_timeout(bus, kPatience) >= 0;
  return connected ? std::move(owned) : nullptr;
}

/// The object of the unit on the bus.
Owned<char> own_unit() {
  char* name = nullptr;
  if (sd_pid_get_unit(0, &name) < 0) {
    return nullptr;
  }
  const Owned<char> owned(name);
  char* path = nullptr;
  return Owned<char>(sd_bus_path_encode(kUnits, name, &path) < 0 ? nullptr : path);
}

}  // namespace

bool is_restarting() {
  const Owned<char> unit = own_unit();
  const Owned<sd_bus> bus = unit ? connect() : nullptr;
  sd_bus_message* reply = nullptr;
  if (!bus || sd_bus_get_property(bus.get(), kManager, unit.get(), "org.freedesktop.systemd1.Unit",
                                  "Job", nullptr, &reply, "(uo)") < 0) {
    return false;
  }
  const Owned<sd_bus_message> answer(reply);
  std::uint32_t number = 0;
  const char* job = nullptr;
  if (sd_bus_message_read(reply, "(uo)", &number, &job) < 0 || number == 0) {
    return false;
  }
  char* kind = nullptr;
  if (sd_bus_get_property_string(bus.get(), kManager, job, "org.freedesktop.systemd1.Job",
                                 "JobType", nullptr, &kind) < 0) {
    return false;
  }
  const Owned<char> owned(kind);
  return std::string_view(kind) == "restart";
}

}  // namespace haguard::supervisor
