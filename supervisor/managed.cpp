#include "supervisor/managed.h"

#include <utility>

namespace haguard::supervisor {

void Managed::tell(proxy::RunOutput& wanted, Output& out) {
  for (proxy::RunAction& action : wanted.actions) {
    out.actions.emplace_back(std::move(action));
  }
  for (proxy::RunNews& news : wanted.news) {
    out.notices.emplace_back(HaproxyRun{news.level, std::move(news.text), news.kind});
  }
}

void Managed::start(Output& out) {
  proxy::RunOutput wanted;
  runner_.start(wanted);
  tell(wanted, out);
}

void Managed::handle(const proxy::RunEvent& event, Reloads& reloads, Checks& checks, Instant now,
                     Output& out) {
  proxy::RunOutput wanted;
  runner_.handle(event, now, wanted);
  tell(wanted, out);
  if (wanted.files_refused) {
    reloads.start_refused(checks, now, out);
  }
}

void Managed::handle(const proxy::ReloadEvent& event, Instant now) {
  const auto* restored = std::get_if<proxy::FilesRestored>(&event);
  if (restored != nullptr && restored->error.empty()) {
    runner_.files_restored(now);
  }
}

void Managed::advance(Instant now, Output& out) {
  proxy::RunOutput wanted;
  runner_.advance(now, wanted);
  tell(wanted, out);
}

bool Managed::stop(Instant now, Output& out) {
  proxy::RunOutput wanted;
  runner_.stop(now, wanted);
  tell(wanted, out);
  return runner_.stopped();
}

void Managed::hurry(Instant now, Output& out) {
  proxy::RunOutput wanted;
  runner_.hurry(now, wanted);
  tell(wanted, out);
}

}  // namespace haguard::supervisor
