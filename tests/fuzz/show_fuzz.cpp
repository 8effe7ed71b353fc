// HAProxy's replies, byte by byte hostile: what a parser accepts must be fit for the log and for
// decisions.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "proxy-bridge/reload_record.h"
#include "proxy-bridge/reply.h"
#include "proxy-bridge/round.h"
#include "proxy-bridge/show.h"

namespace {

using namespace haguard::proxy;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

void check_row(const ProxyRow& row) {
  require(!row.name.empty() && is_printable(row.name) && is_printable(row.status));
  require(!row.frontend || row.usable_servers == 0);
}

void check_processes(const std::vector<Process>& processes) {
  require(std::ranges::all_of(processes, [](const Process& one) { return one.pid > 0; }));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto info = parse_info(text)) {
    require(info->pid > 0 && !info->version.empty() && is_printable(info->version));
  }
  if (const auto rows = parse_stat(text)) {
    std::ranges::for_each(*rows, check_row);
  }
  if (const auto list = parse_proc(text)) {
    require(list->master.pid > 0);
    check_processes(list->workers);
    check_processes(list->old_workers);
  }
  if (const auto reply = parse_reload_reply(text); !reply.reason.empty()) {
    require(std::ranges::none_of(reply.reason, [](unsigned char c) { return c < ' '; }));
  }
  if (const auto journal = parse_reload_journal(std::string(text))) {
    require(parse_reload_journal(to_text(*journal)).has_value());
  }
  if (const auto round = RoundQuestion({"be"}).parse(text)) {
    require(round->info.pid > 0);
    std::ranges::for_each(round->proxies, check_row);
  }
  return 0;
}
