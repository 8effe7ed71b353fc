#pragma once
// Port: reads haguard.toml again, with everything that it names, on a thread of its own: the files
// may be large and their disk slow.

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "conf/parse.h"
#include "supervisor/config_change.h"

namespace haguard::supervisor {

/// SHA-256 of the text of all files one after the other, in hexadecimal.
[[nodiscard]] std::string digest_of_config(const conf::Parsed& parsed);

struct LoadedConfig {
  std::unique_ptr<const conf::Parsed> parsed;  ///< null: it has errors
  conf::Problems problems;                     ///< all of them, warnings too
  std::string digest;                          ///< see digest_of_config; empty when it has errors
  LocalLinks links;                            ///< as they are now
};

class ConfigLoader {
 public:
  /// Called from a handler of the io_context.
  using OnLoaded = std::function<void(LoadedConfig)>;

  ConfigLoader(boost::asio::io_context& io, std::string file, OnLoaded on_loaded);
  ~ConfigLoader();

  /// One result will come: that of the last call, when one was under way.
  void load();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace haguard::supervisor
