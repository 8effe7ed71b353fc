#pragma once
// What operators ask for over the control socket: requests become events, and the notice that tells
// the end of one becomes its answer. Everything about a request is hostile.

#include <functional>
#include <map>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "supervisor/event.h"

namespace haguard::supervisor {

class Commands {
 public:
  /// To be called once, at once or later.
  using Reply = std::function<void(nlohmann::json)>;

  /// Whom to pass requests on to; before that everything is refused. `on_reload`: of haguard.toml.
  void connect(std::function<void(const Event&)> on_event,
               std::function<void(RequestId)> on_reload) {
    on_event_ = std::move(on_event);
    on_reload_ = std::move(on_reload);
  }
  /// `request`: {"command": …, …}; `command` is a string.
  void run(const nlohmann::json& request, Reply reply);
  void tell(const RequestDone& done);

 private:
  void ask(const Event& event, Reply reply);
  /// Takes a number for it; none, and refused, while too many wait.
  [[nodiscard]] std::optional<RequestId> admit(Reply& reply);

  std::function<void(const Event&)> on_event_;
  std::function<void(RequestId)> on_reload_;
  RequestId last_ = 0;
  std::map<RequestId, Reply> waiting_;
};

/// {"ok": false, "error": error}
[[nodiscard]] nlohmann::json refusal(std::string error);

}  // namespace haguard::supervisor
