#include "supervisor/config_loader.h"

#include <algorithm>
#include <ifaddrs.h>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <net/if.h>
#include <netinet/in.h>

#include "proxy-bridge/content.h"
#include "supervisor/advice.h"
#include "supervisor/ctl.h"

namespace haguard::supervisor {
namespace {

LocalLinks local_links() {
  LocalLinks links;
  ifaddrs* first = nullptr;
  if (getifaddrs(&first) != 0) {
    return links;
  }
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> all(first, freeifaddrs);
  for (const ifaddrs* one = first; one != nullptr; one = one->ifa_next) {
    links.present.insert(one->ifa_name);
    if (one->ifa_addr == nullptr) {
      continue;
    }
    if (one->ifa_addr->sa_family == AF_INET) {
      links.addressed.emplace(one->ifa_name, vrrp::Family::Ipv4);
    } else if (one->ifa_addr->sa_family == AF_INET6) {
      sockaddr_in6 address{};
      std::copy_n(reinterpret_cast<const char*>(one->ifa_addr), sizeof(address),
                  reinterpret_cast<char*>(&address));
      if (IN6_IS_ADDR_LINKLOCAL(&address.sin6_addr) != 0) {
        links.addressed.emplace(one->ifa_name, vrrp::Family::Ipv6);
      }
    }
  }
  return links;
}

LoadedConfig read(const std::string& file) {
  LoadedConfig loaded;
  auto result = conf::load(file, host_name());
  if (auto* problems = std::get_if<conf::Problems>(&result)) {
    loaded.problems = std::move(*problems);
    return loaded;
  }
  auto parsed = std::make_unique<conf::Parsed>(std::get<conf::Parsed>(std::move(result)));
  loaded.problems = advice(*parsed);
  if (!has_errors(loaded.problems)) {
    loaded.digest = digest_of_config(*parsed);
    loaded.parsed = std::move(parsed);
  }
  loaded.links = local_links();
  return loaded;
}

}  // namespace

std::string digest_of_config(const conf::Parsed& parsed) {
  proxy::Digest digest;
  for (const std::string& text : parsed.texts) {
    digest.add(text);
  }
  return digest.hex();
}

class ConfigLoader::Impl {
 public:
  Impl(boost::asio::io_context& io, std::string file, OnLoaded on_loaded)
      : io_(io), file_(std::move(file)), on_loaded_(std::move(on_loaded)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { thread_.join(); }

  void load() {
    if (std::exchange(loading_, true)) {
      again_ = true;
      return;
    }
    boost::asio::post(thread_, [this] {
      auto loaded = std::make_shared<LoadedConfig>(read(file_));
      boost::asio::post(io_, [this, alive = std::weak_ptr<int>(alive_), loaded] {
        if (!alive.expired()) {
          finished(std::move(*loaded));
        }
      });
    });
  }

 private:
  void finished(LoadedConfig loaded) {
    loading_ = false;
    if (std::exchange(again_, false)) {
      load();  // whoever asked meanwhile may have changed the file before
    } else {
      on_loaded_(std::move(loaded));
    }
  }

  boost::asio::io_context& io_;
  std::string file_;
  OnLoaded on_loaded_;
  bool loading_ = false;
  bool again_ = false;
  std::shared_ptr<int> alive_ = std::make_shared<int>();
  boost::asio::thread_pool thread_{1};
};

ConfigLoader::ConfigLoader(boost::asio::io_context& io, std::string file, OnLoaded on_loaded)
    : impl_(std::make_unique<Impl>(io, std::move(file), std::move(on_loaded))) {}

ConfigLoader::~ConfigLoader() = default;

void ConfigLoader::load() {
  impl_->load();
}

}  // namespace haguard::supervisor
