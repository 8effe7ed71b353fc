#include "conf/keepalived/writer.h"

#include <cstddef>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "conf/duration.h"
#include "conf/keepalived/utf8.h"
#include "conf/report.h"

namespace haguard::conf::keepalived {
namespace {

constexpr std::size_t kLongestPlace = 300;

std::string toml_duration(Duration duration) {
  return toml_string(conf::to_string(duration));
}

/// "[a, b]", of whatever `write` makes of the items.
template <class Items, class Write>
std::string array(const Items& items, const Write& write) {
  std::string result = "[";
  for (const auto& item : items) {
    result += (result.size() > 1 ? ", " : "") + write(item);
  }
  return result + "]";
}

std::string strings(const std::vector<std::string>& items) {
  return array(items, [](const std::string& item) { return toml_string(item); });
}

/// "[[check]]  # keepalived.conf:12"
std::string header(std::string_view table, const Place& place) {
  return fmt::format("\n{}  # {}\n", table, as_utf8(printable(place.to_string(), kLongestPlace)));
}

class Keys {
 public:
  void text(std::string_view key, std::string_view value) { raw(key, toml_string(value)); }
  void period(std::string_view key, Duration value) { raw(key, toml_duration(value)); }
  void number(std::string_view key, int value) { raw(key, std::to_string(value)); }
  void raw(std::string_view key, std::string_view value) {
    text_ += fmt::format("{} = {}\n", key, value);
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

/// On the interface of the instance an address needs no table; with a virtual MAC address it
/// would be on the device of that.
std::string address(const Address& address, const ResultInstance& instance) {
  const bool elsewhere = !address.interface.empty() &&
                         (instance.virtual_mac || address.interface != instance.interface);
  if (!elsewhere && address.label.empty()) {
    return toml_string(address.text);
  }
  std::string result = "{ address = " + toml_string(address.text);
  result += elsewhere ? ", interface = " + toml_string(address.interface) : "";
  result += address.label.empty() ? "" : ", label = " + toml_string(address.label);
  return result + " }";
}

std::string addresses(const std::vector<Address>& all, const ResultInstance& instance) {
  return array(all, [&](const Address& one) { return address(one, instance); });
}

std::string unicast(const ResultUnicast& unicast) {
  const auto source =
      unicast.source.empty() ? "" : fmt::format("source = {}, ", toml_string(unicast.source));
  return fmt::format("{{ {}peers = {}, min_ttl = {} }}", source, strings(unicast.peers),
                     unicast.min_ttl);
}

std::string garp(const ResultGarp& garp) {
  std::string result;
  if (!garp.schedule.empty()) {
    result = "schedule = " + array(garp.schedule, toml_duration);
  }
  if (garp.refresh) {
    result += (result.empty() ? "" : ", ") + ("refresh = " + toml_duration(*garp.refresh));
  }
  return "{ " + result + " }";
}

void write_election(const ResultInstance& instance, Keys& keys) {
  keys.number("version", instance.version);
  keys.period("advertisement_interval", instance.advertisement_interval);
  if (instance.virtual_router_id) {
    keys.number("virtual_router_id", *instance.virtual_router_id);
  }
  keys.number("priority", instance.priority);
  if (!instance.preempt) {
    keys.raw("preempt", "false");
  }
  if (instance.preempt_delay != Duration::zero()) {
    keys.period("preempt_delay", instance.preempt_delay);
  }
  if (instance.startup_delay != Duration::zero()) {
    keys.period("startup_delay", instance.startup_delay);
  }
  if (instance.down_adverts) {
    keys.number("down_adverts", *instance.down_adverts);
  }
}

std::string written(const ResultInstance& instance) {
  Keys keys;
  keys.text("name", instance.name);
  keys.text("interface", instance.interface);
  write_election(instance, keys);
  keys.raw("virtual_addresses", addresses(instance.addresses, instance));
  if (!instance.excluded.empty()) {
    keys.raw("excluded_addresses", addresses(instance.excluded, instance));
  }
  if (instance.unicast) {
    keys.raw("unicast", unicast(*instance.unicast));
  }
  if (!instance.password.empty()) {
    keys.raw("authentication",
             fmt::format("{{ type = \"pass\", password = {} }}", toml_string(instance.password)));
  }
  if (instance.checksum_as_v2) {
    keys.text("checksum", "rfc9568");
  }
  if (!instance.garp.schedule.empty() || instance.garp.refresh) {
    keys.raw("garp", garp(instance.garp));
  }
  if (instance.virtual_mac) {
    keys.raw("use_virtual_mac", "true");
  }
  if (!instance.sync_group.empty()) {
    keys.text("sync_group", instance.sync_group);
  }
  if (!instance.checks.empty()) {
    keys.raw("checks", strings(instance.checks));
  }
  return header("[[vrrp.instance]]", instance.place) + keys.take();
}

std::string written(const ResultCheck& check) {
  Keys keys;
  keys.text("name", check.name);
  keys.text("type", check.interface.empty() ? "exec" : "interface");
  if (check.interface.empty()) {
    keys.raw("command", strings(check.command));
  } else {
    keys.text("interface", check.interface);
  }
  if (!check.user.empty()) {
    keys.text("user", check.user);
  }
  if (check.weight) {
    keys.number("weight", *check.weight);
  }
  if (check.interval) {
    keys.period("interval", *check.interval);
  }
  if (check.timeout) {
    keys.period("timeout", *check.timeout);
  }
  if (check.rise) {
    keys.number("rise", *check.rise);
  }
  if (check.fall) {
    keys.number("fall", *check.fall);
  }
  return header("[[check]]", check.place) + keys.take();
}

std::string hooks(const Result& result) {
  Keys keys;
  const auto list = [&keys](std::string_view key, const std::vector<ResultHook>& all) {
    if (!all.empty()) {
      keys.raw(key, array(all, [](const ResultHook& hook) { return strings(hook.command); }));
    }
  };
  list("on_active", result.on_active);
  list("on_backup", result.on_backup);
  list("on_fault", result.on_fault);
  const auto text = keys.take();
  return text.empty() ? "" : "\n[hooks]\n" + text;
}

}  // namespace

std::string toml_string(std::string_view text) {
  std::string result = "\"";
  for (const char c : as_utf8(text)) {
    if (c == '"' || c == '\\') {
      result += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      result += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    } else {
      result += c;
    }
  }
  return result + "\"";
}

std::string to_toml(const Result& result) {
  std::string text =
      "# Made by `haguard import`. `haguard check` reads it as the daemon does; each table names\n"
      "# the line that it comes from. Settings that are not here have haguard's defaults.\n";
  for (const ResultInstance& instance : result.instances) {
    text += written(instance);
  }
  text += fmt::format("\n[haproxy]\nmode = \"{}\"\n", result.watches_haproxy ? "attached" : "none");
  for (const ResultCheck& check : result.checks) {
    text += written(check);
  }
  return text + hooks(result);
}

}  // namespace haguard::conf::keepalived
