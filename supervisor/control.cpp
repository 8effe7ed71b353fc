#include "supervisor/control.h"

#include <algorithm>
#include <filesystem>
#include <unistd.h>
#include <utility>
#include <vector>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <sys/stat.h>

#include "supervisor/accept_loop.h"
#include "supervisor/control_session.h"

namespace haguard::supervisor {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Unix = asio::local::stream_protocol;

constexpr std::size_t kMaxClients = 32;
constexpr std::ptrdiff_t kMaxFollowers = 8;
constexpr mode_t kMode = 0660;
constexpr const char* kGroup = "haguard";
constexpr const char* kAdminGroup = "haguard-admin";

/// Removes what a dead daemon left; throws when a living one answers.
void replace_stale(asio::io_context& io, const std::string& path) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) {
    return;
  }
  if (!S_ISSOCK(status.st_mode)) {
    throw std::runtime_error(fmt::format("{} exists and is not a socket", path));
  }
  Unix::socket probe(io, Unix());
  probe.non_blocking(true);
  error_code error;
  probe.connect(Unix::endpoint(path), error);
  if (error == asio::error::connection_refused) {
    std::filesystem::remove(path);
  } else if (!error || error == asio::error::would_block) {
    throw std::runtime_error(fmt::format("already running: a daemon listens on {}", path));
  }
}

}  // namespace

class Control::Impl {
 public:
  Impl(asio::io_context& io, std::string path, const ControlSources& sources,
       ControlAccess::Say say)
      : io_(io),
        path_(std::move(path)),
        sources_(sources),
        say_(std::move(say)),
        access_(group_id(kAdminGroup), say_),
        entrance_(io, [this](Unix::socket socket) { admit(std::move(socket)); }) {
    replace_stale(io, path_);
    try {
      entrance_.acceptor().open();
      entrance_.acceptor().bind(Unix::endpoint(path_));
    } catch (const boost::system::system_error& error) {
      throw std::runtime_error(
          fmt::format("control.socket: cannot listen on {}: {}", path_, error.code().message()));
    }
    grant();
    entrance_.acceptor().listen();
    entrance_.start();
    sources_.journal.on_entry([this] { announce_events(); });
  }

  ~Impl() {
    sources_.journal.on_entry(nullptr);
    *alive_ = false;
    for (const auto& client : present()) {
      client->close();  // they refer to us
    }
    unlink(path_.c_str());
  }

 private:
  /// Before listen(): nobody gets in earlier.
  void grant() {
    const auto members = group_id(kGroup);
    if (members && chown(path_.c_str(), static_cast<uid_t>(-1), *members) != 0) {
      say_(MessageId::ControlSocketFlawed,
           fmt::format("control socket: cannot give {} to group {}", path_, kGroup));
    }
    if (chmod(path_.c_str(), kMode) != 0) {
      say_(MessageId::ControlSocketFlawed,
           fmt::format("control socket: cannot change the mode of {}", path_));
    }
  }

  void admit(Unix::socket socket) {
    const auto clients = present();
    if (clients.size() >= kMaxClients) {
      const auto longest = std::ranges::min_element(clients, {}, &ControlSession::idle_since);
      if ((*longest)->idle_since() == ControlSession::kBusy) {
        return;  // all of them wait for us
      }
      (*longest)->close();
      std::erase_if(clients_, [&](const auto& client) { return client.lock() == *longest; });
    }
    const auto asker = access_.asker_at(socket.native_handle());
    const auto may_change = [this, asker](const std::string& command) {
      return access_.grants(asker, command, ControlAccess::Clock::now());
    };
    const auto client = std::make_shared<ControlSession>(
        std::move(socket), sources_, [this] { return may_follow(); }, may_change);
    clients_.push_back(client);
    client->read();
  }

  bool may_follow() {
    const auto clients = present();
    return std::ranges::count_if(clients, &ControlSession::follows) < kMaxFollowers;
  }

  /// Later, and once for all that happens at the same time: the loop has more urgent work.
  void announce_events() {
    if (std::exchange(announced_, true)) {
      return;
    }
    asio::post(io_, [this, alive = alive_] {
      if (!*alive) {
        return;
      }
      announced_ = false;
      for (const auto& client : present()) {
        client->tell_events();
      }
    });
  }

  /// Those that are still there.
  std::vector<std::shared_ptr<ControlSession>> present() {
    std::erase_if(clients_, [](const auto& client) { return client.expired(); });
    std::vector<std::shared_ptr<ControlSession>> clients;
    for (const auto& client : clients_) {
      clients.push_back(client.lock());
    }
    return clients;
  }

  asio::io_context& io_;
  std::string path_;
  ControlSources sources_;
  ControlAccess::Say say_;
  ControlAccess access_;
  AcceptLoop<Unix> entrance_;
  std::vector<std::weak_ptr<ControlSession>> clients_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< for what is posted
  bool announced_ = false;
};

Control::Control(asio::io_context& io, const std::string& path, const ControlSources& sources,
                 ControlAccess::Say say)
    : impl_(std::make_unique<Impl>(io, path, sources, std::move(say))) {}

Control::~Control() = default;

}  // namespace haguard::supervisor
