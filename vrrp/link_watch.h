#pragma once
// Follows links and addresses by notification. Reads everything anew when the kernel says that
// notifications were lost, and tells only what has changed since it was told last: links at once,
// virtual addresses at the end of a drain. One that comes and goes within a drain is told twice;
// one that goes and comes back is no news.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "vrrp/kernel.h"
#include "vrrp/link_table.h"
#include "vrrp/netlink_socket.h"

namespace haguard::vrrp {

class LinkWatch {
 public:
  struct Handlers {
    std::function<void(const LinkStatus&)> on_link;
    std::function<void(const std::string&, const std::vector<HeldAddress>&)> on_virtual_addresses;
    std::function<void(const std::string&)> on_warning;
    std::function<void()> on_readable;
  };

  /// Throws std::system_error.
  LinkWatch(boost::asio::io_context& io, std::set<std::string> interfaces,
            std::set<IpAddress> virtual_addresses, Handlers handlers);

  /// Asks for all links and addresses.
  void start();
  /// From now on other ones: everything is read again, and told as at start.
  void follow(std::set<std::string> interfaces, std::set<IpAddress> virtual_addresses);
  /// Handles a bounded number of datagrams, and waits for more.
  void drain();

 private:
  enum class Reading : std::uint8_t { Nothing, Links, Addresses };

  void receive();
  void begin_reading();
  void request(Reading what);
  void handle(nlmsghdr& message);
  void note_coming_and_going(nlmsghdr& message);
  void handle_answer(nlmsghdr& message);
  void reading_ended(const std::string& failure);
  void lost();
  void publish_links();
  void publish_virtual_addresses();

  std::set<std::string> interfaces_;
  Handlers handlers_;
  NetlinkSocket socket_;
  LinkTable table_;
  std::map<std::string, LinkStatus> told_links_;
  std::map<std::string, std::vector<HeldAddress>> told_virtual_addresses_;

  Reading reading_ = Reading::Nothing;
  std::uint32_t sequence_ = 0;  ///< of the request being answered
  bool first_answer_ = false;   ///< the old knowledge ends where the answer begins
  bool interrupted_ = false;    ///< things changed while they were being read
  int attempts_ = 0;            ///< at reading everything, in a row
  bool lost_ = false;           ///< read anew once the queue is empty
  bool settled_ = false;        ///< the table is complete: changes may be told
  bool table_changed_ = false;  ///< since the virtual addresses were compared with those told
  std::set<std::pair<int, IpAddress>> came_;  ///< since then, by link
};

}  // namespace haguard::vrrp
