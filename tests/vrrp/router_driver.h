#pragma once
// Drives one router in simulated time: inputs in, the actions as words out.

#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include "vrrp/router.h"

namespace haguard::vrrp {
using namespace std::chrono_literals;
using conf::Version;

inline const Instant kStart{1h};
inline const IpAddress kOurs = IpAddress::v4(172, 28, 1, 2);
inline const IpAddress kHigher = IpAddress::v4(172, 28, 1, 3);
inline const IpAddress kLower = IpAddress::v4(172, 28, 1, 1);

struct Describe {
  std::string operator()(const AddAddresses&) const { return "add"; }
  std::string operator()(const RemoveAddresses&) const { return "remove"; }
  std::string operator()(const Announce&) const { return "announce"; }
  std::string operator()(const SendAdvertisement& s) const {
    return fmt::format("send {} {}ms", s.priority, s.interval.count() / 1000);
  }
  std::string operator()(const Transition& t) const {
    return fmt::format("{}>{}", to_string(t.from), to_string(t.to));
  }
  std::string operator()(const Released& r) const {
    return r.successor ? "taken over" : "released";
  }
};

/// A router with a little driver: inputs in, the actions as words out.
struct Driver {
  RouterSettings settings{};
  RouterState state{};
  Instant now = kStart;
  RouterActions last{};

  std::string operator()(const Input& input) {
    Step next = step(settings, kOurs, state, input, now);
    state = next.state;
    last = next.actions;
    std::string words;
    for (const RouterAction& action : last) {
      words += (words.empty() ? "" : ", ") + std::visit(Describe{}, action);
    }
    return words;
  }
  std::string after(Duration passed, const Input& input = Expired{}) {
    now += passed;
    return (*this)(input);
  }
  [[nodiscard]] Duration until_deadline() const { return next_deadline(state) - now; }
  [[nodiscard]] const Transition& transition() const {
    for (const RouterAction& action : last) {
      if (const auto* found = std::get_if<Transition>(&action)) {
        return *found;
      }
    }
    throw std::logic_error("no transition");
  }
};

inline Driver initialize(RouterSettings settings = {}) {
  return Driver{settings};
}
inline Driver backup(RouterSettings settings = {}, int priority = 100) {
  Driver driver{settings};
  driver(Enable{priority});
  return driver;
}
inline Driver active(RouterSettings settings = {}, int priority = 100) {
  Driver driver = backup(settings, priority);
  driver.after(driver.until_deadline());
  return driver;
}
inline RouterSettings version_2() {
  RouterSettings settings;
  settings.version = Version::V2;
  return settings;
}
inline Heard heard(int priority, IpAddress source = kHigher, Duration interval = 1s) {
  return {source, priority, interval};
}

}  // namespace haguard::vrrp
