#include "tests/vrrp/network.h"

#include <array>
#include <cstdio>
#include <fcntl.h>
#include <sched.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>
#include <net/if.h>

namespace haguard::vrrp {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

Namespace::Namespace() : descriptor_(-1) {
  if (::unshare(CLONE_NEWNET) != 0) {
    fail("unshare(CLONE_NEWNET)");
  }
  descriptor_ = ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) {
    fail("/proc/thread-self/ns/net");
  }
}

Namespace::~Namespace() {
  ::close(descriptor_);
}

void Namespace::enter() const {
  if (::setns(descriptor_, CLONE_NEWNET) != 0) {
    fail("setns");
  }
}

std::string Namespace::path() const {
  return fmt::format("/proc/{}/fd/{}", ::getpid(), descriptor_);
}

std::string ip(const std::string& arguments) {
  std::string output;
  std::FILE* pipe = ::popen(fmt::format("ip {} 2>&1", arguments).c_str(), "r");
  if (pipe == nullptr) {
    fail("popen");
  }
  std::array<char, 4096> buffer{};
  while (const auto size = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), size);
  }
  EXPECT_EQ(::pclose(pipe), 0) << "ip " << arguments << ": " << output;
  return output;
}

int interface_index(const std::string& name) {
  return static_cast<int>(::if_nametoindex(name.c_str()));
}

void NetworkTest::SetUp() {
  ASSERT_EQ(::geteuid(), 0U) << "these tests make network namespaces: run them as root";
  peer_ = std::make_unique<Namespace>();
  here_ = std::make_unique<Namespace>();
  connect(10);
}

void NetworkTest::connect(int index) {
  ip(fmt::format("link add v0 index {} type veth peer name v1 index {} netns {}", index,
                 index + 100, peer_->path()));
  ip("link set v0 up");
  ip("addr add 10.9.0.1/24 dev v0");
  at_peer([] {
    ip("link set v1 up");
    ip("addr add 10.9.0.2/24 dev v1");
  });
  await_up("v0");
  at_peer([this] { await_up("v1"); });
}

void NetworkTest::await_up(const std::string& interface) {
  ASSERT_TRUE(run_until([&interface] {
    return ip("-o link show dev " + interface).find("state UP") != std::string::npos;
  }));
}

void NetworkTest::at_peer(const std::function<void()>& task) {
  peer_->enter();
  task();
  here_->enter();
}

bool NetworkTest::run_until(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) {
      return false;
    }
    io_.restart();
    io_.run_one_for(std::chrono::milliseconds(100));
  }
  return true;
}

void NetworkTest::run_for(std::chrono::milliseconds duration) {
  io_.restart();
  io_.run_for(duration);
}

}  // namespace haguard::vrrp
