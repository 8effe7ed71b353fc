// What the kernel itself takes for the work of a take-over, with nothing of haguard in between: how
// far above this floor a daemon is tells what it adds. Prints one JSON object of lists, one value
// per run, in milliseconds.
//
//   floor addresses4|addresses6 COUNT RUNS INTERFACE   "add", "delete": one sendmsg and its answer
//   floor frames COUNT RUNS INTERFACE                  "sendto", "sendmmsg": gratuitous ARPs
//   floor echo 1 RUNS ADDRESS                          "echo": to the kernel of that host and back
//
// rtnetlink(7), packet(7) and RFC 792; the addresses are those of 198.18.0.0/15 (RFC 2544) and
// 2001:db8::/32 (RFC 3849).

#include "tests/bench/floor.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <numeric>
#include <stdexcept>
#include <string_view>

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <netinet/ip_icmp.h>

namespace haguard::bench {
namespace {

constexpr unsigned kMostCount = 4096;  ///< their requests fit into the buffer of one socket
constexpr unsigned kMostRuns = 100'000;

void print(const char* first, const Series& one, const char* second, const Series& other) {
  const auto list = [](const char* name, const Series& values) {
    std::printf("\"%s\": [", name);
    for (std::size_t position = 0; position < values.size(); ++position) {
      std::printf("%s%.4f", position == 0 ? "" : ", ", values[position]);
    }
    std::printf("]");
  };
  std::printf("{");
  list(first, one);
  if (second != nullptr) {
    std::printf(", ");
    list(second, other);
  }
  std::printf("}\n");
}

/// RFC 5227 3 from 02:00:00:00:00:01, to all.
Bytes announcement(unsigned number) {
  const Bytes host = address(AF_INET, number);
  Bytes frame(6, 0xff);
  const Bytes fixed{2, 0, 0, 0, 0, 1, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1};
  frame.insert(frame.end(), fixed.begin(), fixed.end());
  frame.insert(frame.end(), host.begin(), host.end());
  frame.resize(frame.size() + 6);
  frame.insert(frame.end(), host.begin(), host.end());
  return frame;
}

void send_batch(const Socket& socket, std::vector<mmsghdr>& messages) {
  for (std::size_t sent = 0; sent < messages.size();) {
    sent += checked(
        ::sendmmsg(socket.get(), &messages[sent], static_cast<unsigned>(messages.size() - sent), 0),
        "sendmmsg");
  }
}

void measure_frames(unsigned count, unsigned runs, const char* interface) {
  const Socket socket(AF_PACKET, SOCK_RAW, 0);
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = static_cast<int>(index_of(interface));
  std::vector<Bytes> frames;
  for (unsigned number = 0; number < count; ++number) {
    frames.push_back(announcement(number));
  }
  std::vector<iovec> parts;
  std::vector<mmsghdr> messages;
  for (Bytes& frame : frames) {
    parts.push_back({frame.data(), frame.size()});
  }
  for (iovec& part : parts) {
    messages.push_back({{&to, sizeof(to), &part, 1, nullptr, 0, 0}, 0});
  }
  Series single;
  Series batched;
  for (unsigned run = 0; run < runs; ++run) {
    single.push_back(timed([&] {
      for (const Bytes& frame : frames) {
        checked(::sendto(socket.get(), frame.data(), frame.size(), 0,
                         reinterpret_cast<sockaddr*>(&to), sizeof(to)),
                "sendto");
      }
    }));
    batched.push_back(timed([&] { send_batch(socket, messages); }));
  }
  print("sendto", single, "sendmmsg", batched);
}

/// An echo request that nothing else has sent: of this process, and with that number.
icmphdr echo_request(unsigned number) {
  icmphdr head{};
  head.type = ICMP_ECHO;
  head.un.echo.id = static_cast<std::uint16_t>(::getpid());
  head.un.echo.sequence = static_cast<std::uint16_t>(number);
  std::array<std::uint16_t, sizeof(head) / 2> words{};
  std::memcpy(words.data(), &head, sizeof(head));
  const auto sum = std::accumulate(words.begin(), words.end(), std::uint32_t{0});
  head.checksum = static_cast<std::uint16_t>(~((sum & 0xffffU) + (sum >> 16U)));
  return head;
}

void await_reply(const Socket& socket, const icmphdr& asked) {
  icmphdr reply{};
  do {
    std::array<char, 256> packet{};
    const auto size = checked(::recv(socket.get(), packet.data(), packet.size(), 0), "echo");
    const auto header = static_cast<std::size_t>(packet[0] & 0x0f) * 4;  // of IPv4
    if (size >= header + sizeof(reply)) {
      std::memcpy(&reply, &packet[header], sizeof(reply));
    }
  } while (reply.type != ICMP_ECHOREPLY || reply.un.echo.id != asked.un.echo.id ||
           reply.un.echo.sequence != asked.un.echo.sequence);
}

void measure_echo(unsigned runs, const char* host) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  if (::inet_pton(AF_INET, host, &to.sin_addr) != 1) {
    throw std::runtime_error("echo: not an IPv4 address");
  }
  const Socket socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  Series values;
  for (unsigned run = 0; run <= runs; ++run) {
    const icmphdr asked = echo_request(run);
    values.push_back(timed([&] {
      checked(::sendto(socket.get(), &asked, sizeof(asked), 0, reinterpret_cast<sockaddr*>(&to),
                       sizeof(to)),
              "echo");
      await_reply(socket, asked);
    }));
  }
  values.erase(values.begin());  // the first one had to ask for the neighbor's MAC
  print("echo", values, nullptr, {});
}

unsigned number(std::string_view text, unsigned most) {
  unsigned value = 0;
  const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || stop != text.data() + text.size() || value < 1 || value > most) {
    throw std::runtime_error("not a number that is possible: " + std::string(text));
  }
  return value;
}

void run(std::string_view what, unsigned count, unsigned runs, const char* where) {
  if (what == "addresses4" || what == "addresses6") {
    const Pair took =
        measure_addresses(what == "addresses4" ? AF_INET : AF_INET6, count, runs, where);
    print("add", took.first, "delete", took.second);
  } else if (what == "frames") {
    measure_frames(count, runs, where);
  } else if (what == "echo") {
    measure_echo(runs, where);
  } else {
    throw std::runtime_error("nothing of that name is measured");
  }
}

}  // namespace
}  // namespace haguard::bench

int main(int argc, char** argv) {
  using namespace haguard::bench;
  try {
    if (argc != 5) {
      throw std::runtime_error("usage: floor WHAT COUNT RUNS INTERFACE");
    }
    run(argv[1], number(argv[2], kMostCount), number(argv[3], kMostRuns), argv[4]);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "floor: %s\n", problem.what());
    return 1;
  }
  return 0;
}
