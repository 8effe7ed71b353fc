#pragma once
// Is HAProxy's silence a hang? The held connection has a question outstanding; a witness, a fresh
// connection, is asked when the answer is late. HAProxy hangs when both are silent for the hang
// timeout, each counted from its own question.
//
// A witness that speaks buys the held line one new connection; if that one is silent as well,
// HAProxy counts as hung whatever the witness says, for nothing is known of its proxies.

#include <cstdint>
#include <optional>

#include "conf/units.h"

namespace haguard::proxy {

class Silence {
 public:
  enum class Step : std::uint8_t { Wait, AskWitness, RenewHeld, Hung };

  explicit Silence(Duration hang_timeout);

  /// A question has left on the held line; its witness is not yet asked.
  void held_asked(Instant now);
  /// No answer is awaited on the held line any more.
  void held_ended();
  /// When the outstanding question was asked.
  [[nodiscard]] const std::optional<Instant>& held() const { return held_; }
  /// The held line has given a good answer.
  void broken() { second_chance_ = true; }
  /// True once after each good answer.
  [[nodiscard]] bool take_second_chance();

  void witness_asked(Instant now);
  void witness_ended(bool spoke);
  [[nodiscard]] bool witness_open() const { return witness_open_; }

  /// What is to be done about it now. `hung`: the verdict is given, wait for a sign of life.
  [[nodiscard]] Step judge(Instant now, bool hung);
  [[nodiscard]] Instant deadline(bool hung) const;

 private:
  [[nodiscard]] Instant witness_due(bool hung) const;
  [[nodiscard]] Instant verdict_due() const;

  Duration hang_timeout_;
  Duration witness_delay_;
  std::optional<Instant> held_;
  std::optional<Instant> witness_;  ///< asked about the outstanding question
  bool witness_open_ = false;
  bool witness_spoke_ = false;
  bool second_chance_ = true;
};

}  // namespace haguard::proxy
