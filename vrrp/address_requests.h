#pragma once
// Adds, renews and removes addresses over rtnetlink, a batch at a time. The kernel answers failures
// one by one, and success once per train of requests.

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "conf/config.h"
#include "vrrp/kernel.h"
#include "vrrp/netlink_socket.h"

namespace haguard::vrrp {

enum class AddressOperation : std::uint8_t { Add, Remove };

/// A batch that the kernel has answered in full.
struct AppliedBatch {
  std::uint64_t id = 0;
  std::string error;  ///< of the first failure; empty: none
};

class AddressRequests {
 public:
  /// Throws std::system_error.
  AddressRequests(boost::asio::io_context& io, std::function<void()> on_readable);

  void add(std::uint64_t batch, const std::vector<conf::VirtualAddress>& addresses,
           const AddressTerms& terms);
  void remove(std::uint64_t batch, const std::vector<conf::VirtualAddress>& addresses);

  /// Reads the answers that are there, and waits for more.
  void collect();

  [[nodiscard]] bool has_applied() const { return !applied_.empty(); }
  [[nodiscard]] std::vector<AppliedBatch> take_applied() { return std::exchange(applied_, {}); }

 private:
  /// Of an address, or of the device that is set up before.
  struct Request {
    std::variant<conf::VirtualAddress, std::string> subject;
    unsigned interface_index = 0;
  };
  struct Batch {
    std::uint64_t id = 0;
    AddressOperation operation = AddressOperation::Add;
    AddressTerms terms;  ///< of Add
    std::uint32_t first_sequence = 0;
    std::vector<Request> requests;  ///< sequence numbers ascend by one
    std::string error;
  };

  void submit(Batch batch, const std::vector<conf::VirtualAddress>& addresses);
  void resolve(Batch& batch, const std::vector<conf::VirtualAddress>& addresses);
  void add_request(Batch& batch, Request request);
  [[nodiscard]] static NetlinkMessage message(const Batch& batch, std::size_t position,
                                              bool acknowledge);
  [[nodiscard]] static std::string describe(const Batch& batch, const Request& request,
                                            std::string_view reason);
  void send_train(std::size_t begin, std::size_t end);
  void handle(nlmsghdr& message);
  void finish(std::size_t position);
  void fail_all(const std::string& error);

  NetlinkSocket socket_;
  std::uint32_t next_sequence_ = 1;
  std::deque<Batch> in_flight_;
  std::vector<AppliedBatch> applied_;
};

}  // namespace haguard::vrrp
