#include "vrrp/router.h"

#include <algorithm>
#include <utility>

#include "vrrp/timing.h"

namespace haguard::vrrp {
namespace {

/// Between two answers to advertisements that need one: two routers that both believe to be right
/// must not talk at wire speed.
constexpr Duration kAnswerSpacing = std::chrono::milliseconds(10);

/// One step: works on a copy of the state. One member per input, the states in it as branches.
class Machine {
 public:
  Machine(const RouterSettings& settings, const IpAddress& own, const RouterState& state,
          Instant now)
      : settings_(settings), own_(own), state_(state), now_(now) {}

  void operator()(const Enable& input) {
    state_.priority = input.priority;
    if (state_.state != State::Initialize) {
      return;
    }
    release();
    forget();
    if (input.priority == kPriorityOwner) {
      become_active(Transition{State::Initialize, State::Active, Cause::Owner, {}, 0, {}});
      return;  // 6.4.1
    }
    // 6.4.1: not the owner
    state_.active_interval = settings_.advertisement_interval;
    become_backup(Transition{State::Initialize, State::Backup, Cause::Startup, {}, 0, {}});
  }

  /// To the LAN we never were away.
  void operator()(const Adopt& input) {
    state_.priority = input.priority;
    if (state_.state == State::Initialize) {
      forget();
      become_active(Transition{State::Initialize, State::Active, Cause::Adopted, {}, 0, {}});
    }
  }

  void operator()(const Disable& input) {
    const State from = state_.state;
    if (from == State::Initialize) {
      if (input.leave != Leave::Planned) {
        release();
      }
      return;
    }
    if (from == State::Active) {
      leave_active(input.leave);
    }
    // 6.4.2 and 6.4.3, a Shutdown event: cancel the timer
    state_.state = State::Initialize;
    state_.timer = kNever;
    state_.offer.reset();
    const Cause cause = input.leave == Leave::Planned ? Cause::Stopped : Cause::Fault;
    emit(Transition{from, State::Initialize, cause, {}, 0, {}});
  }

  void operator()(const Yield&) {
    if (state_.state == State::Active) {
      leave_active(Leave::Fault);
      retreat(Cause::Group);
    }
  }

  /// Who would have taken over meanwhile keeps the addresses when we may not preempt. Else what we
  /// hear next decides, and if that is nothing the LAN is told anew where the addresses are.
  void operator()(const Stalled&) {
    if (state_.state != State::Active) {
      return;
    }
    if (settings_.preempt || state_.priority == kPriorityOwner) {
      state_.stalled = true;
      return;
    }
    emit(RemoveAddresses{});
    retreat(Cause::Stalled);
  }

  void operator()(const AddressesLost&) {
    if (holds_addresses(state_)) {
      emit(AddAddresses{});
    }
    if (state_.state == State::Active) {
      emit(Announce{});
    }
  }

  /// Backup: the running timer keeps its end, the next one has the new skew. Active: said with the
  /// next advertisement.
  void operator()(const SetPriority& input) { state_.priority = input.priority; }

  /// A peer that merely hears a lower priority waits for three more advertisements. So we resign,
  /// and go on when nobody is there by the time that a backup would have needed.
  void operator()(const Contest& input) {
    const bool ask = state_.state == State::Active && !state_.offer;
    if (ask) {
      resign();
    }
    state_.priority = input.priority;
    if (ask) {
      state_.timer = now_ + down_interval(conf::Version::V3, input.priority, kShortestInterval);
    }
  }

  void operator()(const OfferHandOver& input) {
    if (state_.state == State::Active) {
      resign();
      state_.offer = Offer{now_, {}};
      state_.timer = now_ + input.limit;
    }
  }

  void operator()(const Heard& input) {
    switch (state_.state) {
      case State::Initialize:
        // A successor speaks: nothing more to bridge.
        if (input.priority != kPriorityResign) {
          release(input.source);
        }
        return;
      case State::Backup:
        heard_in_backup(input);
        return;
      case State::Active:
        state_.offer ? heard_in_offer(input) : heard_in_active(input);
        return;
    }
  }

  void operator()(const WaitOnceMore&) {
    if (state_.state == State::Backup) {
      state_.timer = now_ + state_.active_interval;
      state_.waited_once_more = true;
    }
  }

  void operator()(const Expired&) {
    if (now_ < next_deadline(state_)) {
      return;
    }
    switch (state_.state) {
      case State::Initialize:
        release();
        return;
      case State::Backup:
        // 6.4.2: the Active_Down_Timer fires
        become_active(take_over(settings_, state_, now_));
        return;
      case State::Active:
        if (std::exchange(state_.offer, std::nullopt)) {
          go_on();
          return;
        }
        // 6.4.3: the Adver_Timer fires
        send(state_.priority, settings_.advertisement_interval, now_ - state_.timer);
        advance_schedule();
        if (std::exchange(state_.stalled, false)) {
          emit(Announce{});
        }
        return;
    }
  }

  [[nodiscard]] Step result() const { return {state_, actions_}; }

 private:
  void heard_in_backup(const Heard& input) {
    if (input.priority == kPriorityResign) {
      // 6.4.2: Active_Down_Timer = Skew_Time; never later than it would have fired anyway
      state_.timer = std::min(state_.timer, now_ + resignation_skew(settings_, state_));
      state_.resignation_heard = true;
      state_.active_router = input.source;
      return;
    }
    if (input.priority < state_.priority && may_preempt()) {
      discard(settings_, input, state_, now_);  // 6.4.2
      return;
    }
    if (input.priority >= state_.priority) {
      state_.preempt_at = kNever;
    }
    // 6.4.2: adopt the interval, Active_Down_Timer = Active_Down_Interval
    follow(input);
  }

  /// Asked when a worse router is heard: the delay counts from the first time on.
  bool may_preempt() {
    if (state_.priority == kPriorityOwner) {
      return true;
    }
    if (state_.preempt_at == kNever) {
      state_.preempt_at = now_ + settings_.preempt_delay;
    }
    return settings_.preempt && now_ >= std::max(state_.preempt_at, state_.held_down);
  }

  /// Whatever its priority: we have resigned.
  void heard_in_offer(const Heard& input) {
    if (input.priority != kPriorityResign && !state_.offer->successor) {
      state_.offer->successor = input.source;
    }
  }

  /// The offer has found nobody, or not enough: the LAN may have heard another story meanwhile.
  void go_on() {
    send(state_.priority, settings_.advertisement_interval);
    emit(Announce{});
    state_.timer = now_ + settings_.advertisement_interval;
    state_.stalled = false;
  }

  void heard_in_active(const Heard& input) {
    if (input.priority == kPriorityResign) {
      if (may_answer()) {  // 6.4.3: send an advertisement
        send(state_.priority, settings_.advertisement_interval);
      }
      return;
    }
    const bool better_priority = input.priority > state_.priority;
    const bool better_address = input.priority == state_.priority && input.source > own_;
    if (better_priority || better_address) {
      // 6.4.3: cancel the Adver_Timer, adopt the interval, become Backup
      // Beyond the RFC: the winner may not know that there were two of us, and caches still point
      // here. Hearing us once more makes it announce where the addresses are.
      part([this] { send(state_.priority, settings_.advertisement_interval); });
      follow(input);
      state_.state = State::Backup;
      state_.preempt_at = kNever;
      emit(Transition{State::Active,
                      State::Backup,
                      better_priority ? Cause::HigherPriority : Cause::HigherAddress,
                      input.source,
                      input.priority,
                      {}});
      return;
    }
    // RFC 9568 6.4.3: a losing router is told at once; RFC 3768 6.4.3 discards, and the loser
    // yields at our next advertisement. Either way the LAN is told where the addresses are.
    if (may_answer()) {
      if (settings_.version == conf::Version::V3) {
        send(state_.priority, settings_.advertisement_interval);
      }
      emit(Announce{});
    }
  }

  void follow(const Heard& input) {
    state_.active_interval = settings_.version == conf::Version::V3
                                 ? std::max(input.interval, kShortestInterval)
                                 : settings_.advertisement_interval;
    state_.active_router = input.source;
    state_.last_heard = now_;
    state_.resignation_heard = false;
    state_.loser.reset();
    start_down_timer();
  }

  void forget() {
    state_.offer.reset();
    state_.release_at = kNever;
    state_.active_router.reset();
    state_.last_heard = now_;
    state_.resignation_heard = false;
    state_.loser.reset();
  }

  /// From Active to Backup, with nobody known to be better.
  void retreat(Cause cause) {
    forget();
    state_.active_interval = settings_.advertisement_interval;
    become_backup(Transition{State::Active, State::Backup, cause, {}, 0, {}});
  }

  void become_backup(const Transition& transition) {
    state_.state = State::Backup;
    state_.preempt_at = kNever;
    state_.newcomer = transition.cause == Cause::Startup;
    start_down_timer();
    emit(transition);
  }

  /// 6.4.1 and 6.4.2; addresses first, so that no announcement speaks of an address that is not
  /// there.
  void become_active(const Transition& transition) {
    state_.state = State::Active;
    state_.release_at = kNever;
    state_.stalled = false;
    state_.active_interval = settings_.advertisement_interval;
    emit(AddAddresses{});
    send(state_.priority, settings_.advertisement_interval);
    emit(Announce{});
    state_.timer = now_ + settings_.advertisement_interval;
    emit(transition);
  }

  void leave_active(Leave leave) {
    if (leave == Leave::Planned && state_.offer && state_.offer->successor) {
      emit(RemoveAddresses{});
      emit(Released{state_.offer->successor, now_ - state_.offer->since});
      state_.active_router = state_.offer->successor;
      return;
    }
    if (leave == Leave::Planned) {
      resign();
      state_.release_at = now_ + release_limit(settings_);
      return;
    }
    part([this, leave] {
      if (leave == Leave::Fault) {
        resign();
      }
    });
  }

  /// Off with the addresses, then the last words; but the owner may have no other address to speak
  /// from.
  template <typename Say>
  void part(const Say& say) {
    if (state_.priority == kPriorityOwner) {
      say();
      emit(RemoveAddresses{});
    } else {
      emit(RemoveAddresses{});
      say();
    }
  }

  /// 6.4.3, a Shutdown event: priority 0. The one-centisecond advertisement before it makes backups
  /// compute their Skew_Time from one centisecond (version 3: they adopt the interval).
  void resign() {
    const bool fast = settings_.fast_abdication && settings_.version == conf::Version::V3;
    const Duration interval = fast ? kShortestInterval : settings_.advertisement_interval;
    if (fast) {
      send(state_.priority, interval);
    }
    send(kPriorityResign, interval);
  }

  void start_down_timer() {
    state_.waited_once_more = false;
    state_.timer = now_ + down_interval(settings_.version, state_.priority, state_.active_interval,
                                        settings_.down_adverts);
  }

  /// The schedule is absolute: what was late or missed does not move the rest of it.
  void advance_schedule() {
    const Duration interval = settings_.advertisement_interval;
    state_.timer += ((now_ - state_.timer) / interval + 1) * interval;
  }

  /// What is said outside of the schedule does not move it, and is not said too often.
  bool may_answer() {
    if (now_ - state_.last_answer < kAnswerSpacing) {
      return false;
    }
    state_.last_answer = now_;
    return true;
  }

  void release(const std::optional<IpAddress>& successor = {}) {
    if (state_.release_at != kNever) {
      const Instant resigned = state_.release_at - release_limit(settings_);
      state_.release_at = kNever;
      state_.active_router = successor;
      emit(RemoveAddresses{});
      emit(Released{successor, now_ - resigned});
    }
  }

  void send(int priority, Duration interval, Duration lateness = Duration(-1)) {
    emit(SendAdvertisement{priority, interval, lateness});
  }

  void emit(const RouterAction& action) { actions_.push_back(action); }

  const RouterSettings& settings_;
  const IpAddress& own_;
  RouterState state_;
  Instant now_;
  RouterActions actions_;
};

}  // namespace

Step step(const RouterSettings& settings, const IpAddress& own, const RouterState& state,
          const Input& input, Instant now) {
  Machine machine(settings, own, state, now);
  std::visit(machine, input);
  return machine.result();
}

}  // namespace haguard::vrrp
