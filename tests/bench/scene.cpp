#include "tests/bench/scene.h"

#include <cstdio>
#include <cstdlib>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace haguard::bench {
namespace {

using namespace std::chrono_literals;
using vrrp::IpAddress;

constexpr std::size_t kRoutersPerInterface = 250;
constexpr std::size_t kMostAdvertised = 255;

conf::VirtualAddress virtual_address(std::size_t number, const std::string& interface) {
  const auto high = static_cast<std::uint8_t>(number / 250);
  const auto low = static_cast<std::uint8_t>(number % 250 + 1);
  return {IpAddress::v4(172, 28, high, low), 32, interface, ""};
}

std::set<std::string> interfaces(const conf::Config& config) {
  std::set<std::string> names;
  for (const conf::Instance& instance : config.instances) {
    names.insert(instance.interface);
  }
  return names;
}

/// The header of `show stat` has 128 columns, of which these are read.
std::string stat_reply(const std::vector<std::string>& rows) {
  std::string reply =
      "# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,"
      "wredis,status,weight,act,bck,chkfail,chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,"
      "lbtot,tracked,type,";
  for (int column = 34; column <= 128; ++column) {
    reply += fmt::format("column_{:03},", column);
  }
  reply += '\n';
  for (const std::string& row : rows) {
    reply += row;
    for (int column = 34; column <= 128; ++column) {
      reply += column % 2 == 0 ? "0," : ",";
    }
    reply += '\n';
  }
  return reply + '\n';
}

}  // namespace

void require(bool held, const char* what) {
  if (!held) {
    fmt::print(stderr, "hot_paths: not as expected: {}\n", what);
    std::exit(1);
  }
}

IpAddress our_address() {
  return IpAddress::v4(172, 29, 1, 2);
}

IpAddress peer_address() {
  return IpAddress::v4(172, 29, 1, 3);
}

Scene::Scene(conf::Config config) : settings(std::move(config)), now(1h), node(settings, {}, now) {
  node.start(now, out);
  for (const std::string& interface : interfaces(settings)) {
    handle(supervisor::LinkChanged{interface, true, true, {{2, 0, 0, 0, 0, 1}}, our_address(), {}});
    handle(supervisor::AddressesFound{interface, {}});
  }
}

void Scene::advance() {
  now = std::max(now, node.next_deadline());
  node.advance(now, out);
}

void Scene::clear() {
  out.actions.clear();
  out.notices.clear();
}

void Scene::take_over() {
  const auto all_active = [this] {
    return std::ranges::all_of(node.routers(), [](const supervisor::VirtualRouter& router) {
      return router.state().state == vrrp::State::Active;
    });
  };
  for (int turn = 0; turn < 10'000 && !all_active(); ++turn) {
    clear();
    advance();
  }
  require(all_active(), "every router becomes Active");
  clear();
}

conf::Config routers(std::size_t count, Duration interval) {
  conf::Config config;
  config.node_name = "proxy-1";
  config.haproxy.mode = conf::HaproxyMode::None;
  for (std::size_t i = 0; i < count; ++i) {
    const auto number = static_cast<std::uint8_t>(i % kRoutersPerInterface + 1);
    conf::Instance instance;
    instance.name = fmt::format("router-{}", i);
    instance.interface = fmt::format("lan{}", i / kRoutersPerInterface);
    instance.virtual_router_id = number;
    instance.priority = number;
    instance.advertisement_interval = interval;
    instance.virtual_addresses = {virtual_address(i, instance.interface)};
    instance.garp = {{0ms}, 0s};
    config.instances.push_back(std::move(instance));
  }
  return config;
}

conf::Config addresses(std::size_t count) {
  conf::Config config = routers(1, 1s);
  conf::Instance& instance = config.instances.front();
  for (std::size_t i = 1; i < count; ++i) {
    auto& list = i < kMostAdvertised ? instance.virtual_addresses : instance.excluded_addresses;
    list.push_back(virtual_address(i, instance.interface));
  }
  return config;
}

conf::Config checks(std::size_t count) {
  conf::Config config = routers(1, 1s);
  for (std::size_t i = 0; i < count; ++i) {
    conf::Check check;
    check.name = fmt::format("port-{}", i);
    config.checks.push_back(std::move(check));
  }
  return config;
}

conf::Config haproxy() {
  conf::Config config = routers(1, 1s);
  config.haproxy.mode = conf::HaproxyMode::Attached;
  conf::Check check;
  check.name = conf::kBuiltInCheck;
  check.type = conf::CheckType::Haproxy;
  check.haproxy.backends = {{"servers", 1}};
  config.checks = {check};
  return config;
}

std::vector<std::uint8_t> advertisement(const conf::Instance& instance) {
  vrrp::Advertisement advertisement;
  advertisement.virtual_router_id = instance.virtual_router_id;
  advertisement.priority = 254;
  advertisement.interval = instance.advertisement_interval;
  for (const conf::VirtualAddress& address : instance.virtual_addresses) {
    advertisement.addresses.push_back(address.address);
  }
  return vrrp::encode(advertisement, {peer_address(), vrrp::multicast_group(vrrp::Family::Ipv4)});
}

std::string haproxy_answer(std::size_t frontends) {
  std::string answer = "Name: HAProxy\nVersion: 2.6.12-1+deb12u4\nRelease_date: 2023/12/16\n";
  for (int field = 4; field <= 63; ++field) {
    answer += fmt::format("Some_field_{:02}: 0\n", field);
  }
  answer +=
      "Pid: 6631\nUptime_sec: 100\nMaxconn: 20000\nCurrConns: 7\nStopping: 0\n"
      "Start_time_sec: 1700000000\n\n";
  std::vector<std::string> rows;
  for (std::size_t i = 0; i < frontends; ++i) {
    rows.push_back(fmt::format(
        "frontend-{},FRONTEND,,,7,9,2000,5121,1290144,8811000,0,0,0,,,,,OPEN,,,,,,,,,1,{},0,,,,0,",
        i, i + 2));
  }
  answer += stat_reply(rows);
  return answer + stat_reply({"servers,BACKEND,0,0,7,9,200,5121,1290144,8811000,0,0,,0,0,0,0,UP,"
                              "2,2,0,,0,100,0,,1,9,0,,5121,,1,"});
}

}  // namespace haguard::bench
