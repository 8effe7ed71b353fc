#include "supervisor/release.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <set>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include "conf/parse.h"
#include "supervisor/control_client.h"
#include "supervisor/ctl.h"
#include "supervisor/privileges.h"
#include "supervisor/record_file.h"
#include "vrrp/kernel.h"
#include "vrrp/virtual_devices.h"

namespace haguard::supervisor {
namespace {

using Addresses = std::vector<conf::VirtualAddress>;

/// The kernel answers within milliseconds, or something is very wrong.
constexpr std::chrono::seconds kTimeout{5};

/// Those of the file, and those that the last daemon wrote down: the file may have changed since.
Addresses candidates(const conf::Config& config) {
  Addresses all;
  const auto add = [&all](const Addresses& addresses) {
    for (conf::VirtualAddress address : addresses) {
      address.label.clear();
      if (std::ranges::find(all, address) == all.end()) {
        all.push_back(address);
      }
    }
  };
  for (const conf::Instance& instance : config.instances) {
    // An owner's addresses are the machine's own: they are here without a daemon, too.
    if (!conf::is_owner(instance)) {
      add(instance.virtual_addresses);
      add(instance.excluded_addresses);
    }
  }
  for (const RecordedRouter& router : RecordFile(config.process.runtime_dir).read()) {
    add(router.addresses);
  }
  return all;
}

/// Finds what is there, then removes it.
class Removal {
 public:
  Removal(Addresses candidates, ReleaseOptions options)
      : candidates_(std::move(candidates)),
        options_(options),
        kernel_(io_, interfaces(), addresses(),
                {.on_link = [](const vrrp::LinkStatus&) {},
                 .on_virtual_addresses = [this](const std::string& interface,
                                                const auto& held) { found(interface, held); },
                 .on_applied = [this](std::uint64_t, const std::string& error) { done(error); },
                 .on_readable = [this] { kernel_.drain(); },
                 .on_warning = [](const std::string&) {}}) {}

  /// False when something that was to go is still there.
  bool run() {
    if (candidates_.empty()) {
      return true;
    }
    kernel_.start();
    io_.run_for(kTimeout);
    if (!done_) {
      std::cerr << "haguard: the kernel did not answer\n";
    }
    return done_ && !failed_;
  }

 private:
  [[nodiscard]] std::set<std::string> interfaces() const {
    std::set<std::string> names;
    for (const conf::VirtualAddress& address : candidates_) {
      names.insert(address.interface);
    }
    return names;
  }
  [[nodiscard]] std::set<vrrp::IpAddress> addresses() const {
    std::set<vrrp::IpAddress> found;
    for (const conf::VirtualAddress& address : candidates_) {
      found.insert(address.address);
    }
    return found;
  }

  void found(const std::string& interface, const std::vector<vrrp::HeldAddress>& held) {
    if (!read_.insert(interface).second) {
      return;  // our own removals
    }
    for (const conf::VirtualAddress& address : candidates_) {
      const auto there = std::ranges::find(held, address.address, &vrrp::HeldAddress::address);
      if (address.interface == interface && there != held.end() &&
          !(options_.keep_leased && there->expires)) {
        present_.push_back(address);
      }
    }
    if (read_.size() == interfaces().size()) {
      kernel_.remove(0, present_);
    }
  }

  void done(const std::string& error) {
    done_ = true;
    failed_ = !error.empty();
    if (failed_) {
      std::cerr << "haguard: " << error << "\n";
    } else {
      for (const conf::VirtualAddress& address : present_) {
        std::cout << fmt::format("removed {}/{} from {}\n", address.address.to_string(),
                                 address.prefix_length, address.interface);
      }
    }
    io_.stop();
  }

  boost::asio::io_context io_{1};
  Addresses candidates_;
  ReleaseOptions options_;
  std::set<std::string> read_;
  Addresses present_;
  bool done_ = false;
  bool failed_ = false;
  vrrp::Kernel kernel_;
};

/// The devices of virtual MAC addresses, and what they changed in the interfaces below.
void release_devices(const conf::Config& config) {
  std::vector<vrrp::VirtualDevice> devices;
  for (const conf::Instance& instance : config.instances) {
    for (const vrrp::Family family : conf::families(instance)) {
      if (const auto device = conf::virtual_device(instance, family)) {
        devices.push_back(*device);
      }
    }
  }
  boost::asio::io_context io(1);
  const auto warn = [](const std::string& message) { std::cerr << "haguard: " << message << "\n"; };
  for (const std::string& name :
       vrrp::VirtualDevices(io, std::move(devices), config.process.runtime_dir, warn).release()) {
    std::cout << "removed " << name << "\n";
  }
}

/// Why nothing may be removed; empty when nobody uses the addresses.
std::string in_use(const conf::Config& config) {
  const auto answer = ask_daemon(config.control_socket, {{"command", "status"}});
  const auto* failure = std::get_if<ControlFailure>(&answer);
  if (failure == nullptr) {
    return "a daemon is running and answers for its addresses; stop it first";
  }
  return failure->not_running ? "" : failure->message;
}

/// When the configuration cannot be read. Only a service manager knows then where the daemon that
/// has just ended kept its record (systemd.exec(5), RuntimeDirectory=).
std::optional<conf::Config> of_service_manager() {
  const char* directory = std::getenv("RUNTIME_DIRECTORY");
  if (directory == nullptr) {
    return std::nullopt;
  }
  conf::Config config;
  config.process.runtime_dir = directory;
  config.control_socket = config.process.runtime_dir + "/control.sock";
  return config;
}

/// What is known of the daemon that left the addresses behind; nothing: not enough.
std::optional<conf::Config> config_of_last_daemon(const std::string& config_file) {
  const auto result = conf::load(config_file, host_name(), conf::Purpose::Ask);
  if (const auto* parsed = std::get_if<conf::Parsed>(&result)) {
    return parsed->config;
  }
  for (const conf::Problem& problem : std::get<conf::Problems>(result)) {
    std::cerr << problem.to_string() << "\n";
  }
  auto config = of_service_manager();
  if (config) {
    std::cerr << fmt::format("haguard: only what is recorded in {} is removed\n",
                             config->process.runtime_dir);
  }
  return config;
}

}  // namespace

int release(const std::string& config_file, ReleaseOptions options) {
  const auto config = config_of_last_daemon(config_file);
  if (!config) {
    return kExitFailed;
  }
  if (const auto why = in_use(*config); !why.empty()) {
    std::cerr << "haguard: " << why << "\n";
    return kExitFailed;
  }
  if (!missing_capabilities().empty()) {
    std::cerr << "haguard: not privileged: CAP_NET_ADMIN is needed (run it as root)\n";
    return kExitFailed;
  }
  const bool done = Removal(candidates(*config), options).run();
  // A daemon that is restarted adopts them with the addresses that they hold.
  if (!options.keep_leased) {
    release_devices(*config);
  }
  return done ? kExitDone : kExitFailed;
}

}  // namespace haguard::supervisor
