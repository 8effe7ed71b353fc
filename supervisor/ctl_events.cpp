#include "supervisor/ctl_events.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <optional>
#include <thread>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "supervisor/control_client.h"
#include "supervisor/ctl.h"
#include "supervisor/printable.h"

namespace haguard::supervisor {
namespace {

namespace asio = boost::asio;
using Json = nlohmann::json;
using Unix = asio::local::stream_protocol;

constexpr std::chrono::seconds kRetry{1};
constexpr std::size_t kMaxLine = std::size_t{4} << 20U;

std::string text(const Json& event, const char* key) {
  return printable(event.value(key, ""));
}

/// "2026-01-01 00:00:00.000  warning  edge/ipv4: …"
std::string line_of(const Json& event) {
  auto time = text(event, "time").substr(0, 23);
  std::ranges::replace(time, 'T', ' ');
  return fmt::format("{}  {:<7}  {}", time, text(event, "level"), text(event, "text"));
}

void print(const Json& event, bool json) {
  std::cout << (json ? event.dump(-1, ' ', false, Json::error_handler_t::replace) : line_of(event))
            << std::endl;
}

Json question(const EventsOptions& options, std::optional<std::uint64_t> since) {
  Json request{{"command", "events"}, {"follow", options.follow}};
  if (since) {
    request["since"] = *since;
  } else {
    request["limit"] = options.last;
  }
  return request;
}

/// Prints what the daemon sends, until it goes. `since`: the last one printed. A message when it
/// does not want to be followed.
std::optional<std::string> follow(const std::string& path, const EventsOptions& options,
                                  std::optional<std::uint64_t>& since) {
  asio::io_context io;
  Unix::socket socket(io);
  socket.connect(Unix::endpoint(path));
  asio::write(socket, asio::buffer(question(options, since).dump() + "\n"));
  std::string input;
  for (;;) {
    const auto length = asio::read_until(socket, asio::dynamic_buffer(input, kMaxLine), '\n');
    const auto json = Json::parse(input.substr(0, length));
    input.erase(0, length);
    if (!json.value("ok", true)) {
      return json.value("error", "refused");
    }
    if (json.contains("events")) {
      std::ranges::for_each(json.at("events"),
                            [&](const Json& event) { print(event, options.json); });
      since = json.at("last").get<std::uint64_t>();
    } else {
      print(json, options.json);
      since = json.at("sequence").get<std::uint64_t>();
    }
  }
}

/// A daemon that is away for a moment is worth waiting for: what its successor says is wanted too.
int follow_for_ever(const std::string& path, const EventsOptions& options) {
  std::optional<std::uint64_t> since;
  for (bool told = false;;) {
    try {
      if (const auto refused = follow(path, options, since)) {
        std::cerr << printable(*refused) << std::endl;
        return kExitFailed;
      }
    } catch (const boost::system::system_error& error) {
      const bool lost = error.code() == asio::error::eof;
      if (lost || !told) {
        std::cerr << fmt::format("{}: {}, trying again", path,
                                 lost ? "the daemon has gone" : error.code().message())
                  << std::endl;
      }
      told = true;
    } catch (const Json::exception&) {
      std::cerr << path << ": not an answer of haguard" << std::endl;
      return kExitFailed;
    }
    std::this_thread::sleep_for(kRetry);
  }
}

}  // namespace

int events(const std::string& config_file, const EventsOptions& options) {
  const auto daemon = running_daemon(config_file);
  if (!daemon) {
    return kExitFailed;
  }
  if (options.follow) {
    return follow_for_ever(daemon->control_socket, options);
  }
  const auto answer = ask_daemon(daemon->control_socket, question(options, std::nullopt));
  if (const auto* failure = std::get_if<ControlFailure>(&answer)) {
    return report(*failure);
  }
  const auto& found = std::get<Json>(answer);
  if (!found.contains("events") || !found.at("events").is_array()) {
    std::cerr << printable(found.value("error", "not an answer of haguard")) << "\n";
    return kExitFailed;
  }
  for (const Json& event : found.at("events")) {
    print(event, options.json);
  }
  return kExitDone;
}

}  // namespace haguard::supervisor
