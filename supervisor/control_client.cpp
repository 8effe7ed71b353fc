#include "supervisor/control_client.h"

#include <chrono>
#include <optional>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

namespace haguard::supervisor {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Json = nlohmann::json;
using Unix = asio::local::stream_protocol;

constexpr std::size_t kMaxAnswer = std::size_t{4} << 20U;
constexpr std::chrono::seconds kTimeout{5};

/// Runs what was started on `socket` to its end, but not for longer than the timeout.
error_code finish(asio::io_context& io, Unix::socket& socket, const error_code& result,
                  std::chrono::seconds timeout = kTimeout) {
  io.restart();
  io.run_for(timeout);
  if (!io.stopped()) {
    socket.close();
    io.run();
    return asio::error::timed_out;
  }
  return result;
}

ControlFailure explain(const std::string& path, const error_code& error) {
  if (error == asio::error::connection_refused ||
      error == boost::system::errc::no_such_file_or_directory) {
    return {true, fmt::format("haguard is not running: nobody listens on {}", path)};
  }
  if (error == asio::error::access_denied) {
    return {false, fmt::format("{}: permission denied (root and group haguard may ask)", path)};
  }
  return {false, fmt::format("{}: {}", path, error.message())};
}

}  // namespace

std::variant<nlohmann::json, ControlFailure> ask_daemon(const std::string& path,
                                                        const Json& request,
                                                        std::chrono::seconds patience) {
  asio::io_context io;
  Unix::socket socket(io);
  error_code result;
  std::string text = request.dump() + "\n";
  const auto done = [&result](error_code error, std::size_t /*bytes*/ = 0) { result = error; };

  socket.async_connect(Unix::endpoint(path), [&](error_code error) { done(error); });
  result = finish(io, socket, result);
  if (!result) {
    asio::async_write(socket, asio::buffer(text), done);
    result = finish(io, socket, result);
  }
  std::string answer;
  if (!result) {
    asio::async_read_until(socket, asio::dynamic_buffer(answer, kMaxAnswer), '\n', done);
    result = finish(io, socket, result, patience);
  }
  if (result) {
    return explain(path, result);
  }
  auto json = Json::parse(answer, nullptr, false);
  const auto ok = json.is_object() ? json.find("ok") : json.end();
  if (ok == json.end() || !ok->is_boolean()) {
    return ControlFailure{false, fmt::format("{}: not an answer of haguard", path)};
  }
  return json;
}

}  // namespace haguard::supervisor
