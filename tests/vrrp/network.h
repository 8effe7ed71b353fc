#pragma once
// Fresh network namespaces for one test: `here`, in which it runs, and `peer`, joined by the veth
// pair v0 (here) - v1 (peer). Nothing outside of them is touched; they vanish with the process.

#include <chrono>
#include <functional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace haguard::vrrp {

class Namespace {
 public:
  /// Makes a new one; the calling thread is in it afterwards. Throws std::system_error.
  Namespace();
  ~Namespace();
  Namespace(const Namespace&) = delete;
  Namespace& operator=(const Namespace&) = delete;

  void enter() const;
  /// Names it for the `ip` command.
  [[nodiscard]] std::string path() const;

 private:
  int descriptor_;
};

/// The output of `ip <arguments>` in the current namespace; a failure fails the test.
std::string ip(const std::string& arguments);
int interface_index(const std::string& name);

class NetworkTest : public testing::Test {
 protected:
  void SetUp() override;

  /// Makes the veth pair, 10.9.0.1/24 - 10.9.0.2/24, and waits until it carries packets. The index
  /// of v0 is given; that of v1 differs, else the kernel may hold the news of a carrier back for a
  /// second.
  void connect(int index);
  /// Waits until an interface of the current namespace carries packets.
  void await_up(const std::string& interface);
  /// Calls `task` in the other namespace.
  void at_peer(const std::function<void()>& task);
  /// Runs the loop until `condition` holds; false when that takes longer than five seconds.
  [[nodiscard]] bool run_until(const std::function<bool()>& condition);
  /// Runs the loop for so long: for what must not happen.
  void run_for(std::chrono::milliseconds duration);

  boost::asio::io_context io_;
  std::unique_ptr<Namespace> here_;
  std::unique_ptr<Namespace> peer_;
};

}  // namespace haguard::vrrp
