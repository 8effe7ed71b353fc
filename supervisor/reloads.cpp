#include "supervisor/reloads.h"

#include <utility>

namespace haguard::supervisor {

template <typename Call>
void Reloads::with_reloader(Call&& call, Checks& checks, Instant now, Output& out) {
  proxy::ReloadOutput wanted;
  call(wanted);
  carry_out(wanted, checks, now, out);
  tell_news(out);
}

void Reloads::carry_out(proxy::ReloadOutput& wanted, Checks& checks, Instant now, Output& out) {
  for (proxy::ReloadAction& action : wanted.actions) {
    out.actions.emplace_back(std::move(action));
  }
  for (proxy::Action& question : wanted.questions) {
    out.actions.emplace_back(std::move(question));
  }
  if (wanted.patient_until) {
    checks.be_patient(*wanted.patient_until);
  }
  if (wanted.look_again) {
    checks.look_again(now, out);
  }
  if (wanted.knock) {
    const bool begun = checks.knock_once(now, out);
    proxy::ReloadOutput more;
    reloader_.knocking(begun, checks.monitor()->condition(), now, more);
    carry_out(more, checks, now, out);
  }
}

void Reloads::tell_news(Output& out) {
  proxy::Reloader::News news = reloader_.take_news();
  for (proxy::Step& step : news.steps) {
    out.notices.emplace_back(ReloadStepTaken{std::move(step)});
  }
  for (const proxy::Reloader::Over& over : news.over) {
    out.notices.emplace_back(ReloadOver{over.record});
    answer(over, out);
  }
  for (std::string& warning : news.warnings) {
    out.notices.emplace_back(FilesNoted{true, std::move(warning)});
  }
  for (std::string& fact : news.facts) {
    out.notices.emplace_back(FilesNoted{false, std::move(fact)});
  }
}

void Reloads::answer(const proxy::Reloader::Over& over, Output& out) {
  RequestDone done{0, over.record.result == proxy::Result::Ok, over.record.detail, {}};
  for (const proxy::Step& step : over.record.steps) {
    done.steps.push_back({step.name, step.ok, step.took, step.detail});
  }
  const auto end = waiting_.upper_bound(over.number);
  for (auto asker = waiting_.begin(); asker != end; asker = waiting_.erase(asker)) {
    done.request = asker->second;
    out.notices.emplace_back(done);
  }
}

void Reloads::start(Checks& checks, Instant now, Output& out) {
  with_reloader([&](proxy::ReloadOutput& wanted) { reloader_.start(wanted); }, checks, now, out);
}

/// `call`: why not, or nothing.
template <typename Call>
bool Reloads::ask(RequestId request, Call&& call, Checks& checks, Instant now, Output& out) {
  const auto asker = waiting_.emplace(reloader_.begun() + 1, request);
  with_reloader(
      [&](proxy::ReloadOutput& wanted) {
        if (const auto why = call(checks.monitor()->condition(), wanted)) {
          waiting_.erase(asker);
          out.notices.emplace_back(RequestDone{request, false, *why, {}});
        }
      },
      checks, now, out);
  return true;
}

bool Reloads::request(const ReloadRequested& request, Checks& checks, Instant now, Output& out) {
  return ask(
      request.request,
      [&](const proxy::Condition& condition, proxy::ReloadOutput& wanted) {
        return reloader_.request(condition, now, wanted);
      },
      checks, now, out);
}

bool Reloads::request(const RollbackRequested& request, Checks& checks, Instant now, Output& out) {
  return ask(
      request.request,
      [&](const proxy::Condition& condition, proxy::ReloadOutput& wanted) {
        return reloader_.roll_back(request.generation, condition, now, wanted);
      },
      checks, now, out);
}

void Reloads::handle(const proxy::ReloadEvent& event, Checks& checks, Instant now, Output& out) {
  with_reloader(
      [&](proxy::ReloadOutput& wanted) {
        reloader_.handle(event, checks.monitor()->condition(), now, wanted);
      },
      checks, now, out);
}

void Reloads::start_refused(Checks& checks, Instant now, Output& out) {
  with_reloader([&](proxy::ReloadOutput& wanted) { reloader_.start_refused(wanted); }, checks, now,
                out);
}

void Reloads::haproxy(const proxy::Event& event, Checks& checks, Instant now, Output& out) {
  with_reloader(
      [&](proxy::ReloadOutput& wanted) {
        reloader_.handle(event, now, wanted);
        reloader_.observe(checks.monitor()->condition(), now, wanted);
      },
      checks, now, out);
}

void Reloads::advance(Checks& checks, Instant now, Output& out) {
  with_reloader(
      [&](proxy::ReloadOutput& wanted) {
        const proxy::Condition& condition = checks.monitor()->condition();
        reloader_.observe(condition, now, wanted);
        reloader_.advance(condition, now, wanted);
      },
      checks, now, out);
}

ReloadStatus Reloads::status() const {
  return {reloader_.in_sync(),           reloader_.out_of_sync_why(), std::string(reloader_.step()),
          reloader_.on_probation(),      reloader_.history(),         reloader_.generations(),
          reloader_.running_generation()};
}

}  // namespace haguard::supervisor
