#include "proxy-bridge/listener_finder.h"

#include <optional>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include "proxy-bridge/configuration_files.h"
#include "proxy-bridge/listeners.h"

namespace haguard::proxy {

class ListenerFinder::Impl {
 public:
  Impl(boost::asio::io_context& io, conf::Haproxy settings, std::set<vrrp::IpAddress> elsewhere,
       OnEvent on_event)
      : io_(io),
        settings_(std::move(settings)),
        elsewhere_(std::move(elsewhere)),
        on_event_(std::move(on_event)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { thread_.join(); }

  void change_elsewhere(std::set<vrrp::IpAddress> addresses) { elsewhere_ = std::move(addresses); }

  void find(int master_pid) {
    if (std::exchange(searching_, true)) {
      next_ = master_pid;
      return;
    }
    boost::asio::post(thread_, [this, master_pid, elsewhere = elsewhere_] {
      const auto files = read_configuration_files(settings_, master_pid).files;
      const Configuration configuration = parse_configuration(files);
      const ListenersFound found{knockable(configuration, elsewhere),
                                 configuration.hard_stop_after};
      boost::asio::post(io_, [this, alive = std::weak_ptr<int>(alive_), found] {
        if (!alive.expired()) {
          searching_ = false;
          if (const auto next = std::exchange(next_, std::nullopt)) {
            find(*next);
          } else {
            on_event_(found);
          }
        }
      });
    });
  }

 private:
  boost::asio::io_context& io_;
  const conf::Haproxy settings_;
  std::set<vrrp::IpAddress> elsewhere_;
  OnEvent on_event_;
  bool searching_ = false;
  std::optional<int> next_;  ///< master whose listeners were asked for meanwhile
  std::shared_ptr<int> alive_ = std::make_shared<int>();
  boost::asio::thread_pool thread_{1};
};

ListenerFinder::ListenerFinder(boost::asio::io_context& io, conf::Haproxy settings,
                               std::set<vrrp::IpAddress> elsewhere, OnEvent on_event)
    : impl_(std::make_unique<Impl>(io, std::move(settings), std::move(elsewhere),
                                   std::move(on_event))) {}

ListenerFinder::~ListenerFinder() = default;

void ListenerFinder::change_elsewhere(std::set<vrrp::IpAddress> addresses) {
  impl_->change_elsewhere(std::move(addresses));
}

void ListenerFinder::find(int master_pid) {
  impl_->find(master_pid);
}

}  // namespace haguard::proxy
