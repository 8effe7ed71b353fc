#include "supervisor/gate.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "supervisor/printable.h"

namespace haguard::supervisor {
namespace {

constexpr Duration kPatience = std::chrono::seconds(2);
constexpr Duration kRetry = std::chrono::seconds(1);
/// HAProxy answers with a short sentence.
constexpr std::size_t kLongestAnswer = 100;

/// The first line that says something.
std::string first_line(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \r\n\t"), text.size());
  const std::size_t end = std::min(text.find_first_of("\r\n", begin), text.size());
  return printable(text.substr(begin, std::min(end - begin, kLongestAnswer)));
}

}  // namespace

void Gate::want(bool closed) {
  closed_ = closed;
  due_ = true;
  retry_at_ = {};
  flaw_.clear();
}

void Gate::tend(const proxy::Condition* haproxy, Instant now, Output& out) {
  if (now >= deadline_) {
    out.actions.emplace_back(std::in_place_type<proxy::Action>, proxy::HangUp{proxy::Line::Gate});
    failed("no answer within 2 s", now);
  }
  if (haproxy == nullptr) {
    due_ = false;
    return;
  }
  running_ = haproxy->status == proxy::Status::Running;
  if (!running_) {
    return;
  }
  due_ = due_ || (closed_ && haproxy->worker_pid != worker_);
  if (!due_ || asking() || now < retry_at_) {
    return;
  }
  due_ = false;
  worker_ = haproxy->worker_pid;
  deadline_ = now + kPatience;
  const std::string verb = closed_ ? "disable" : "enable";
  out.actions.emplace_back(
      std::in_place_type<proxy::Action>,
      proxy::Ask{proxy::Line::Gate, verb + " server haguard_gate/gate", ++question_});
}

void Gate::handle(const proxy::Event& event, Instant now) {
  if (!asking()) {
    return;
  }
  if (const auto* answer = std::get_if<proxy::Answered>(&event);
      answer != nullptr && answer->line == proxy::Line::Gate && answer->question == question_) {
    deadline_ = kNever;
    flaw_ = first_line(answer->text);
  } else if (const auto* failure = std::get_if<proxy::Failed>(&event);
             failure != nullptr && failure->line == proxy::Line::Gate &&
             failure->question == question_) {
    failed(std::string(proxy::to_string(failure->failure)), now);
  }
}

/// To be asked for again: it may have been a reload.
void Gate::failed(std::string flaw, Instant now) {
  deadline_ = kNever;
  retry_at_ = now + kRetry;
  due_ = true;
  flaw_ = std::move(flaw);
}

Instant Gate::next_deadline() const {
  const bool to_retry = due_ && running_ && !asking();
  return to_retry ? std::min(deadline_, retry_at_) : deadline_;
}

bool Gate::absent() const {
  return flaw_.starts_with("No such");
}

}  // namespace haguard::supervisor
