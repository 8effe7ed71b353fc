// The bytes of a request, through the parser of the HTTP server and on to the pages: whatever is
// asked, the answer is one of those that there are, and no page for people has markup from outside.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "supervisor/pages.h"

namespace {

using namespace haguard::supervisor;
namespace http = boost::beast::http;

constexpr std::uint32_t kMaxHeader = 8192;
constexpr std::array kStatuses{200U, 404U, 503U};

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

/// A node whose texts are the input, as if a peer or HAProxy had said it.
Status status_of(const std::string& text) {
  Status status;
  status.node = text;
  status.routers.resize(1);
  status.routers[0].instance = status.routers[0].reason = text;
  status.checks = {{text, text, haguard::health::Status::Failing, WallTime{}, text}};
  return status;
}

void check_page(const Page& page) {
  require(std::ranges::count(kStatuses, page.status) == 1);
  require(!page.body.empty());
  if (page.content_type.starts_with("text/html")) {
    require(!page.content_security_policy.empty());
    // The one script of the whole page; none in its content.
    const auto script = page.body.find("<script");
    require(page.body.find("<script", script + 1) == std::string::npos ||
            script == std::string::npos);
    require(page.body.find('\0') == std::string::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  Journal journal{WallTime{}};
  journal.add({haguard::conf::LogLevel::Warning, input}, WallTime{});
  const Publication publication{status_of(input)};
  const Pages pages(publication, journal, [](const Status& /*status*/) { return "metrics"; });

  http::request_parser<http::empty_body> parser;
  parser.header_limit(kMaxHeader);
  boost::system::error_code error;
  parser.put(boost::asio::buffer(input), error);
  if (parser.is_header_done()) {
    const auto& request = parser.get();
    check_page(pages.get({view(request.target()), view(request[http::field::accept])}, {}));
  }
  check_page(pages.get({input, input}, {}));
  return 0;
}
