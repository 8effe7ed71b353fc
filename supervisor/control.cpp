#include "supervisor/control.h"

#include <filesystem>
#include <grp.h>
#include <unistd.h>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

namespace haguard::supervisor {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Json = nlohmann::json;
using Unix = asio::local::stream_protocol;

constexpr std::size_t kMaxLine = 65536;
constexpr int kMaxClients = 32;
constexpr std::chrono::seconds kTimeout{10};
constexpr std::chrono::milliseconds kAcceptRetry{100};
constexpr mode_t kMode = 0660;
constexpr const char* kGroup = "haguard";

/// Who knows the answers.
struct Sources {
  const Publication& publication;
  Commands& commands;
};

void answer(const std::string& line, const Sources& sources, Commands::Reply reply) {
  const auto request = Json::parse(line, nullptr, false);
  if (!request.is_object()) {
    return reply(refusal("not a JSON object"));
  }
  const auto command = request.find("command");
  if (command == request.end() || !command->is_string()) {
    return reply(refusal("\"command\" is missing"));
  }
  if (*command == "status") {
    return reply({{"ok", true}, {"status", to_json(*sources.publication.latest())}});
  }
  sources.commands.run(request, std::move(reply));
}

/// One client. Reads the next line only after the answer to the last one is gone, so a client that
/// does not read costs one answer, and not for longer than the timeout.
class Client : public std::enable_shared_from_this<Client> {
 public:
  /// `slot` is given back when the client is gone.
  Client(Unix::socket socket, const Sources& sources, std::shared_ptr<void> slot)
      : socket_(std::move(socket)),
        deadline_(socket_.get_executor()),
        sources_(sources),
        slot_(std::move(slot)) {}

  void read() {
    watch();
    asio::async_read_until(socket_, asio::dynamic_buffer(input_, kMaxLine), '\n',
                           [self = shared_from_this()](error_code error, std::size_t length) {
                             self->received(error, length);
                           });
  }

 private:
  void received(error_code error, std::size_t length) {
    if (error == asio::error::not_found) {
      last_ = true;
      return write(refusal("line too long"));
    }
    if (error) {
      deadline_.cancel();
      return;
    }
    const auto line = input_.substr(0, length);
    input_.erase(0, length);
    deadline_.cancel();  // the answer may take long, and bounds that itself
    answer(line, sources_, [self = shared_from_this()](const Json& reply) { self->write(reply); });
  }

  void write(const Json& reply) {
    output_ = reply.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    watch();
    asio::async_write(socket_, asio::buffer(output_),
                      [self = shared_from_this()](error_code error, std::size_t) {
                        if (error || self->last_) {
                          self->deadline_.cancel();
                        } else {
                          self->read();
                        }
                      });
  }

  /// Hangs up when the operation that begins now takes too long.
  void watch() {
    deadline_.expires_after(kTimeout);
    deadline_.async_wait([self = shared_from_this()](error_code error) {
      if (!error) {
        error_code ignored;
        self->socket_.close(ignored);
      }
    });
  }

  Unix::socket socket_;
  asio::steady_timer deadline_;
  Sources sources_;
  std::shared_ptr<void> slot_;
  std::string input_;
  std::string output_;
  bool last_ = false;
};

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
  Impl(asio::io_context& io, std::string path, const Sources& sources, const OnWarning& on_warning)
      : path_(std::move(path)), sources_(sources), acceptor_(io), retry_(io) {
    replace_stale(io, path_);
    try {
      acceptor_.open();
      acceptor_.bind(Unix::endpoint(path_));
    } catch (const boost::system::system_error& error) {
      throw std::runtime_error(
          fmt::format("control.socket: cannot listen on {}: {}", path_, error.code().message()));
    }
    grant(on_warning);
    acceptor_.listen();
    accept();
  }

  ~Impl() { unlink(path_.c_str()); }

 private:
  /// Before listen(): nobody gets in earlier.
  void grant(const OnWarning& on_warning) {
    const group* members = getgrnam(kGroup);
    if (members != nullptr && chown(path_.c_str(), static_cast<uid_t>(-1), members->gr_gid) != 0) {
      on_warning(fmt::format("control socket: cannot give {} to group {}", path_, kGroup));
    }
    if (chmod(path_.c_str(), kMode) != 0) {
      on_warning(fmt::format("control socket: cannot change the mode of {}", path_));
    }
  }

  void accept() {
    acceptor_.async_accept([this](error_code error, Unix::socket socket) {
      if (error == asio::error::operation_aborted) {
        return;
      }
      if (error) {
        // Out of descriptors, most likely: trying again at once would only burn the processor.
        retry_.expires_after(kAcceptRetry);
        retry_.async_wait([this](error_code aborted) {
          if (!aborted) {
            accept();
          }
        });
        return;
      }
      if (*clients_ < kMaxClients) {
        ++*clients_;
        const std::shared_ptr<void> slot(nullptr, [clients = clients_](void*) { --*clients; });
        std::make_shared<Client>(std::move(socket), sources_, slot)->read();
      }
      accept();
    });
  }

  std::string path_;
  Sources sources_;
  Unix::acceptor acceptor_;
  asio::steady_timer retry_;
  std::shared_ptr<int> clients_ = std::make_shared<int>(0);  ///< shared: clients may outlive us
};

Control::Control(asio::io_context& io, const std::string& path, const Publication& publication,
                 Commands& commands, const OnWarning& on_warning)
    : impl_(std::make_unique<Impl>(io, path, Sources{publication, commands}, on_warning)) {}

Control::~Control() = default;

}  // namespace haguard::supervisor
