#include "proxy-bridge/printed_lines.h"

#include "conf/report.h"

namespace haguard::proxy {

std::vector<std::string> PrintedLines::add(std::string_view piece) {
  std::vector<std::string> lines;
  for (const char c : piece) {
    if (c != '\n') {
      // One byte more, by which it shows that there was more.
      if (begun_.size() <= kLongest) {
        begun_.push_back(c);
      }
      continue;
    }
    if (begun_.find_first_not_of(" \t\r") != std::string::npos) {
      begun_.erase(begun_.find_last_not_of(" \t\r") + 1);
      lines.push_back(conf::printable(begun_, kLongest));
    }
    begun_.clear();
  }
  return lines;
}

}  // namespace haguard::proxy
