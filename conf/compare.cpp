#include "conf/compare.h"

#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "conf/duration.h"

namespace haguard::conf {
namespace {

using Addresses = std::set<vrrp::IpAddress>;

bool share_a_family(const Instance& a, const Instance& b) {
  const auto theirs = families(b);
  return std::ranges::any_of(families(a), [&](vrrp::Family family) {
    return std::ranges::find(theirs, family) != theirs.end();
  });
}

/// How much two instances look like the same one; 0: not at all.
int likeness(const Instance& a, const Instance& b) {
  const bool id = a.virtual_router_id == b.virtual_router_id && share_a_family(a, b);
  const bool name = a.name == b.name;
  return (id ? 2 : 0) + (name ? 1 : 0);
}

Addresses addresses_of(const std::vector<VirtualAddress>& list) {
  Addresses result;
  for (const VirtualAddress& address : list) {
    result.insert(address.address);
  }
  return result;
}

std::string list(const Addresses& addresses) {
  std::string text;
  for (const vrrp::IpAddress& address : addresses) {
    text += (text.empty() ? "" : ", ") + address.to_string();
  }
  return text.empty() ? "none" : text;
}

bool names(const Unicast& unicast, const vrrp::IpAddress& address) {
  return std::ranges::find(unicast.peers, address) != unicast.peers.end();
}

std::string_view word(Checksum checksum) {
  return checksum == Checksum::Rfc5798 ? "rfc5798" : "rfc9568";
}

/// Compares one instance.
class Comparison {
 public:
  Comparison(const Parsed& ours, const Parsed& theirs, const Pair& pair, Problems& problems)
      : our_places_(ours.places),
        their_places_(theirs.places),
        a_(*pair.ours),
        b_(*pair.theirs),
        problems_(problems) {}

  void run() const {
    identity();
    rhythm();
    authentication();
    addresses();
    unicast();
    priorities();
    rest();
  }

 private:
  void identity() const {
    if (a_.virtual_router_id != b_.virtual_router_id) {
      differ(Severity::Error, "virtual_router_id", a_.virtual_router_id, b_.virtual_router_id,
             "they will not hear each other");
    }
    if (a_.version != b_.version) {
      differ(Severity::Error, "version", static_cast<int>(a_.version), static_cast<int>(b_.version),
             "each rejects the other's advertisements");
    }
  }

  void rhythm() const {
    const bool v2 = a_.version == Version::V2;
    if (a_.advertisement_interval != b_.advertisement_interval) {
      differ(v2 ? Severity::Error : Severity::Warning, "advertisement_interval",
             to_string(a_.advertisement_interval), to_string(b_.advertisement_interval),
             v2 ? "version 2 rejects that" : "the Backup follows the Active one");
    }
    if (a_.down_adverts != b_.down_adverts) {
      differ(Severity::Warning, "down_adverts", a_.down_adverts, b_.down_adverts,
             "they take over after different times");
    }
  }

  void authentication() const {
    if (a_.version != Version::V2 || b_.version != Version::V2 || a_.password == b_.password) {
      return;
    }
    const char* const what = !a_.password   ? "no password, {} has one"
                             : !b_.password ? "a password, {} has none"
                                            : "another password than {}";
    tell(Severity::Error, "authentication",
         fmt::format(fmt::runtime(what), peer("authentication")) +
             ": each rejects the other's advertisements");
  }

  void addresses() const {
    for (const auto& [key, ours, theirs, so] :
         {std::tuple("virtual_addresses", addresses_of(a_.virtual_addresses),
                     addresses_of(b_.virtual_addresses),
                     "what only one of them has is gone after a fail-over"),
          std::tuple("excluded_addresses", addresses_of(a_.excluded_addresses),
                     addresses_of(b_.excluded_addresses),
                     "what only one of them has is gone after a fail-over")}) {
      if (ours != theirs) {
        differ(Severity::Warning, key, list(ours), list(theirs), so);
      }
    }
  }

  void unicast() const {
    if (a_.unicast.has_value() != b_.unicast.has_value()) {
      tell(Severity::Error, "unicast",
           fmt::format("{}, {}: they will not hear each other", a_.unicast ? "given" : "not given",
                       peer("unicast") + (b_.unicast ? " has it" : " uses multicast")));
      return;
    }
    if (!a_.unicast) {
      return;
    }
    if (!names(*a_.unicast, b_.unicast->source)) {
      tell(Severity::Error, "unicast",
           fmt::format("peers does not name {}, the source of {}: its advertisements are rejected",
                       b_.unicast->source.to_string(), peer("unicast")));
    }
    if (!names(*b_.unicast, a_.unicast->source)) {
      tell(Severity::Error, "unicast",
           fmt::format("source {} is not among the peers of {}: it will not hear this node",
                       a_.unicast->source.to_string(), peer("unicast")));
    }
  }

  void priorities() const {
    if (a_.priority == b_.priority) {
      // RFC 9568 8.3.2
      tell(is_owner(a_) ? Severity::Error : Severity::Warning, "priority",
           fmt::format("{}, as {} has: {}", a_.priority, peer("priority"),
                       is_owner(a_) ? "only one can own the addresses"
                                    : "the higher address decides who is Active"));
    }
    if (a_.preempt != b_.preempt) {
      differ(Severity::Warning, "preempt", a_.preempt, b_.preempt,
             "only one of them takes the addresses back");
    }
  }

  void rest() const {
    if (a_.checksum != b_.checksum && a_.checksum != Checksum::Auto &&
        b_.checksum != Checksum::Auto) {
      differ(Severity::Warning, "checksum", word(a_.checksum), word(b_.checksum),
             "a peer that insists on its form rejects the other");
    }
    if (a_.use_virtual_mac != b_.use_virtual_mac) {
      differ(Severity::Warning, "use_virtual_mac", a_.use_virtual_mac, b_.use_virtual_mac,
             "the MAC address changes at each fail-over");
    }
    if (a_.sync_group != b_.sync_group) {
      differ(Severity::Warning, "sync_group", fmt::format("\"{}\"", a_.sync_group),
             fmt::format("\"{}\"", b_.sync_group), "the instances move together on one node only");
    }
  }

  /// "edge: version 3, the peer (peer.toml:2) has 2: …"
  template <class Value>
  void differ(Severity severity, const char* key, const Value& ours, const Value& theirs,
              const char* consequence) const {
    tell(severity, key, fmt::format("{}, {} has {}: {}", ours, peer(key), theirs, consequence));
  }

  [[nodiscard]] std::string peer(const char* key) const {
    return fmt::format("the peer ({})", their_places_.of_instance(b_.name, key).to_string());
  }

  void tell(Severity severity, const char* key, const std::string& what) const {
    const Place at = our_places_.of_instance(a_.name, key);
    problems_.push_back(
        {at.file, at.line, at.column, severity, fmt::format("{}: {} {}", a_.name, key, what)});
  }

  const Places& our_places_;
  const Places& their_places_;
  const Instance& a_;
  const Instance& b_;
  Problems& problems_;
};

void tell_alone(const Parsed& present, const std::string& absent_in, const Instance& instance,
                Problems& problems) {
  const Place at = present.places.of_instance(instance.name, "name");
  problems.push_back({at.file, at.line, at.column, Severity::Warning,
                      fmt::format("{}: no instance for virtual_router_id {} in {}: nobody takes "
                                  "over when this node fails",
                                  instance.name, instance.virtual_router_id, absent_in)});
}

}  // namespace

std::vector<Pair> pairs(const Config& ours, const Config& theirs) {
  std::vector<Pair> result;
  const auto taken = [&](const Instance& instance) {
    return std::ranges::any_of(result, [&](const Pair& pair) {
      return pair.ours == &instance || pair.theirs == &instance;
    });
  };
  for (const int least : {3, 2, 1}) {
    for (const Instance& a : ours.instances) {
      const auto found = std::ranges::find_if(theirs.instances, [&](const Instance& b) {
        return likeness(a, b) >= least && !taken(b);
      });
      if (found != theirs.instances.end() && !taken(a)) {
        result.push_back({&a, &*found});
      }
    }
  }
  return result;
}

Problems compare(const Parsed& ours, const Parsed& theirs) {
  Problems problems;
  const auto found = pairs(ours.config, theirs.config);
  for (const Pair& pair : found) {
    Comparison(ours, theirs, pair, problems).run();
  }
  for (const Instance& a : ours.config.instances) {
    if (std::ranges::find(found, &a, &Pair::ours) == found.end()) {
      tell_alone(ours, theirs.places.file(), a, problems);
    }
  }
  for (const Instance& b : theirs.config.instances) {
    if (std::ranges::find(found, &b, &Pair::theirs) == found.end()) {
      tell_alone(theirs, ours.places.file(), b, problems);
    }
  }
  std::ranges::stable_sort(problems, {}, [&](const Problem& problem) {
    return std::tuple(ours.places.rank(problem.file), theirs.places.rank(problem.file),
                      problem.line, problem.column);
  });
  return problems;
}

}  // namespace haguard::conf
