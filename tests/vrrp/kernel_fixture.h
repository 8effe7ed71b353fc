#pragma once
// A Kernel that watches v0 and the missing v9 in fresh namespaces, and remembers what it told.

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/vrrp/network.h"
#include "vrrp/kernel.h"

namespace haguard::vrrp {

using Clock = std::chrono::steady_clock;

inline const IpAddress kVip = IpAddress::v4(172, 28, 1, 254);

inline IpAddress v6(std::string_view text) {
  return IpAddress::parse(text).value();
}

inline const IpAddress kVip6 = v6("2001:db8:28::fe");

inline conf::VirtualAddress on_v0(const IpAddress& address) {
  return {address, host_prefix_length(address.family()), "v0", ""};
}

/// `count` different addresses from 172.16.0.1 on.
inline std::vector<conf::VirtualAddress> many(std::size_t count) {
  std::vector<conf::VirtualAddress> addresses;
  for (std::size_t i = 1; i <= count; ++i) {
    addresses.push_back(on_v0(IpAddress::v4(172, 16, static_cast<std::uint8_t>(i >> 8U),
                                            static_cast<std::uint8_t>(i & 0xffU))));
  }
  return addresses;
}

inline std::size_t count_of(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

inline bool contains(const std::string& text, std::string_view part) {
  return count_of(text, part) != 0;
}

inline double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

using Held = std::vector<HeldAddress>;

class KernelTest : public NetworkTest {
 protected:
  void SetUp() override {
    NetworkTest::SetUp();
    if (HasFatalFailure()) {
      return;
    }
    // Link-local addresses only where a test makes one: else the end of their DAD is one more piece
    // of news at any time.
    ip("link set v0 addrgenmode none");
    ip("-6 addr flush dev v0");
    make({"v0", "v9"}, {kVip, kVip6});
  }

  void make(std::set<std::string> interfaces, std::set<IpAddress> virtual_addresses) {
    kernel_ = std::make_unique<Kernel>(
        io_, std::move(interfaces), std::move(virtual_addresses),
        Kernel::Handlers{[this](const LinkStatus& status) {
                           history_.push_back(status);
                           links_[status.interface] = status;
                           told_.push_back("link " + status.interface);
                         },
                         [this](const std::string& interface, const Held& held) {
                           held_[interface] = held;
                           told_.push_back("addresses " + interface);
                         },
                         [this](std::uint64_t batch, const std::string& error) {
                           applied_.emplace_back(batch, error);
                         },
                         [this] {
                           ++readable_;
                           kernel_->drain();
                         },
                         [this](const std::string& message) { warnings_.push_back(message); }});
  }

  void start() {
    kernel_->start();
    ASSERT_TRUE(run_until([this] { return held_.contains("v9"); }));
    ASSERT_TRUE(links_.contains("v0"));
    told_.clear();
  }

  /// The outcome of the next batch to be told.
  std::string applied(std::uint64_t batch) {
    if (!run_until([this] { return !applied_.empty(); })) {
      return "nothing was told";
    }
    const auto [id, error] = applied_.front();
    applied_.erase(applied_.begin());
    EXPECT_EQ(id, batch);
    return error;
  }

  std::string add(const std::vector<conf::VirtualAddress>& addresses,
                  const AddressTerms& terms = {}) {
    kernel_->add(++batch_, addresses, terms);
    return applied(batch_);
  }

  std::string remove(const std::vector<conf::VirtualAddress>& addresses) {
    kernel_->remove(++batch_, addresses);
    return applied(batch_);
  }

  [[nodiscard]] bool becomes(const std::function<bool(const LinkStatus&)>& condition) {
    return run_until([this, &condition] { return condition(links_["v0"]); });
  }

  [[nodiscard]] bool becomes_held(const Held& wanted) {
    return run_until([this, &wanted] { return held_["v0"] == wanted; });
  }

  std::unique_ptr<Kernel> kernel_;
  std::vector<std::string> told_;  ///< since start: "link v0" or "addresses v0"
  std::map<std::string, Held> held_;
  std::map<std::string, LinkStatus> links_;
  std::vector<LinkStatus> history_;
  std::vector<std::pair<std::uint64_t, std::string>> applied_;
  std::vector<std::string> warnings_;
  int readable_ = 0;
  std::uint64_t batch_ = 0;
};

}  // namespace haguard::vrrp
