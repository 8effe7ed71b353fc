#pragma once
// Adds, renews and removes addresses over rtnetlink. The kernel works on a train of requests in
// order, within the call that sends it. It answers failures one by one, and success once per train.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
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

  void add(const std::vector<AddressBatch>& batches);
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

    [[nodiscard]] std::uint32_t end_sequence() const {
      return first_sequence + static_cast<std::uint32_t>(requests.size());
    }
  };
  using Indices = std::map<std::string, unsigned>;  ///< of interfaces, looked up once

  void enqueue(Batch batch, const std::vector<conf::VirtualAddress>& addresses, Indices& indices);
  void resolve(Batch& batch, const std::vector<conf::VirtualAddress>& addresses, Indices& indices);
  void add_request(Batch& batch, Request request);
  [[nodiscard]] static NetlinkMessage message(const Batch& batch, std::size_t position);
  [[nodiscard]] static std::string describe(const Batch& batch, const Request& request,
                                            std::string_view reason);
  void couple(const NetlinkMessage& message);
  void send_train();
  void handle(nlmsghdr& message);
  void note_failure(std::uint32_t sequence, int error);
  void finish_before(std::uint32_t end);
  void fail_train(const std::string& reason);
  void fail_all(const std::string& error);

  NetlinkSocket socket_;
  std::uint32_t next_sequence_ = 1;
  std::vector<std::uint8_t> train_;  ///< not sent yet
  std::size_t last_in_train_ = 0;    ///< offset
  std::uint32_t train_length_ = 0;   ///< requests; they are the last ones of all
  std::deque<Batch> in_flight_;      ///< in the order of their sequence numbers
  std::vector<AppliedBatch> applied_;
};

}  // namespace haguard::vrrp
