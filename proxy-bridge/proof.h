#pragma once
// Has HAProxy taken a reload? Judged by its state alone, in the same way for all versions: what it
// answers to the order says too little (2.6: nothing), and a worker in the list of the master may
// still be loading (3.1 and later).

#include <string>

#include "proxy-bridge/condition.h"
#include "proxy-bridge/reload_record.h"

namespace haguard::proxy {

class Proof {
 public:
  enum class Verdict : std::uint8_t { Open, Failed, Serving };

  /// `lists`: Condition::lists before the order; older lists prove nothing.
  Proof(Before before, std::uint64_t lists) : before_(std::move(before)), lists_(lists) {}

  [[nodiscard]] Verdict judge(const Condition& condition);
  /// Why it failed, or what is still missing.
  [[nodiscard]] const std::string& reason() const { return reason_; }
  /// The master has counted a reload since.
  [[nodiscard]] bool counted() const { return counted_; }
  [[nodiscard]] const Before& before() const { return before_; }

 private:
  [[nodiscard]] bool is_new_worker(const Condition& condition) const;
  [[nodiscard]] Verdict say(Verdict verdict, std::string reason);

  Before before_;
  std::uint64_t lists_;
  bool counted_ = false;
  std::string reason_;
};

/// What HAProxy is now.
[[nodiscard]] Before before(const Condition& condition);

}  // namespace haguard::proxy
