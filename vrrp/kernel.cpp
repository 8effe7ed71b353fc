#include "vrrp/kernel.h"

#include <utility>

#include <boost/asio/post.hpp>

#include "vrrp/address_requests.h"
#include "vrrp/link_watch.h"

namespace haguard::vrrp {

class Kernel::Impl {
 public:
  Impl(boost::asio::io_context& io, std::set<std::string> interfaces,
       std::set<IpAddress> virtual_addresses, Handlers handlers)
      : io_(io),
        handlers_(std::move(handlers)),
        watch_(io, std::move(interfaces), std::move(virtual_addresses),
               {handlers_.on_link, handlers_.on_virtual_addresses, handlers_.on_warning,
                handlers_.on_readable}),
        requests_(io, handlers_.on_readable) {}

  void start() { watch_.start(); }

  void follow(std::set<std::string> interfaces, std::set<IpAddress> virtual_addresses) {
    watch_.follow(std::move(interfaces), std::move(virtual_addresses));
  }

  void drain() {
    requests_.collect();
    // Taken out first: a handler may ask for the next batch.
    for (const auto& batch : requests_.take_applied()) {
      handlers_.on_applied(batch.id, batch.error);
    }
    watch_.drain();
  }

  void add(const std::vector<AddressBatch>& batches) {
    requests_.add(batches);
    tell_of_answers();
  }

  void remove(std::uint64_t batch, const std::vector<conf::VirtualAddress>& addresses) {
    requests_.remove(batch, addresses);
    tell_of_answers();
  }

 private:
  void tell_of_answers() {
    if (requests_.has_applied()) {
      // The kernel usually answers within the call, and then no socket will become readable.
      boost::asio::post(io_, [this, alive = std::weak_ptr<int>(alive_)] {
        if (!alive.expired()) {
          handlers_.on_readable();
        }
      });
    }
  }

  boost::asio::io_context& io_;
  Handlers handlers_;
  LinkWatch watch_;
  AddressRequests requests_;
  std::shared_ptr<int> alive_ = std::make_shared<int>();
};

Kernel::Kernel(boost::asio::io_context& io, std::set<std::string> interfaces,
               std::set<IpAddress> virtual_addresses, Handlers handlers)
    : impl_(std::make_unique<Impl>(io, std::move(interfaces), std::move(virtual_addresses),
                                   std::move(handlers))) {}

Kernel::~Kernel() = default;

void Kernel::start() {
  impl_->start();
}

void Kernel::follow(std::set<std::string> interfaces, std::set<IpAddress> virtual_addresses) {
  impl_->follow(std::move(interfaces), std::move(virtual_addresses));
}

void Kernel::drain() {
  impl_->drain();
}

void Kernel::add(const std::vector<AddressBatch>& batches) {
  impl_->add(batches);
}

void Kernel::remove(std::uint64_t batch, const std::vector<conf::VirtualAddress>& addresses) {
  impl_->remove(batch, addresses);
}

}  // namespace haguard::vrrp
