#pragma once
// File names inside conditions and expressions: `-f FILE` of patterns (configuration manual 7.1)
// and the file of map converters (7.3.1). Every byte is hostile.

#include <span>
#include <string>
#include <vector>

#include "proxy-bridge/words.h"

namespace haguard::proxy {

/// The words behind -f, where the line has patterns: in `acl` and in conditions.
[[nodiscard]] std::vector<Word> files_of_patterns(std::span<const Word> line);

/// "/etc/a.map" of "hdr(host),lower,map_beg(/etc/a.map,none)"; also of jwt_verify, whose key may be
/// a file. None when the word has a variable.
[[nodiscard]] std::vector<std::string> files_of_converters(const Word& word);

}  // namespace haguard::proxy
