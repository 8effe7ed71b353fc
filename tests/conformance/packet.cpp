#include "tests/conformance/packet.h"

#include <array>
#include <stdexcept>

#include <arpa/inet.h>
#include <fmt/format.h>

namespace haguard::conformance {
namespace {

void put(Bytes& to, const Bytes& bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

void put16(Bytes& to, unsigned value) {
  to.push_back(static_cast<std::uint8_t>(value >> 8U));
  to.push_back(static_cast<std::uint8_t>(value & 0xffU));
}

/// RFC 1071; the bytes of all messages here are even in number, but those of a trailer may be odd.
unsigned checksum(Bytes bytes) {
  if (bytes.size() % 2 == 1) {
    bytes.push_back(0);
  }
  unsigned sum = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    sum += bytes[i] * 256U + bytes[i + 1];
  }
  while (sum > 0xffff) {
    sum = (sum & 0xffffU) + (sum >> 16U);
  }
  return ~sum & 0xffffU;
}

/// RFC 793 3.1 for IPv4, RFC 8200 8.1 for IPv6, of protocol 112.
Bytes pseudo_header(const std::string& source, const std::string& destination, std::size_t length) {
  Bytes header = address_bytes(source);
  put(header, address_bytes(destination));
  if (header.size() == 8) {
    put(header, {0, 112});
    put16(header, static_cast<unsigned>(length));
  } else {
    put(header, {0, 0});
    put16(header, static_cast<unsigned>(length));
    put(header, {0, 0, 0, 112});
  }
  return header;
}

unsigned checksum_of(const Bytes& message, Covers covers, const std::string& source,
                     const std::string& destination) {
  Bytes covered;
  if (covers != Covers::Message) {
    covered =
        pseudo_header(source, covers == Covers::Group ? "224.0.0.18" : destination, message.size());
  }
  put(covered, message);
  return checksum(covered);
}

}  // namespace

Packet version_2() {
  Packet packet;
  packet.version = 2;
  packet.interval = 1;
  return packet;
}

Bytes Packet::message() const {
  Bytes bytes{static_cast<std::uint8_t>(version * 16 + type), static_cast<std::uint8_t>(vrid),
              static_cast<std::uint8_t>(priority),
              static_cast<std::uint8_t>(count.value_or(static_cast<int>(addresses.size())))};
  if (version == 2) {
    put(bytes, {static_cast<std::uint8_t>(auth_type), static_cast<std::uint8_t>(interval)});
  } else {
    put16(bytes, static_cast<unsigned>(reserved * 4096 + interval));
  }
  put16(bytes, 0);
  for (const std::string& address : addresses) {
    put(bytes, address_bytes(address));
  }
  if (version == 2) {
    Bytes data(auth_data.begin(), auth_data.end());
    data.resize(8);
    put(bytes, data);
  }
  put(bytes, Bytes(trailer.begin(), trailer.end()));
  bytes.resize(bytes.size() - cut);
  if (bytes.size() >= 8) {
    const Covers what = version == 2 ? Covers::Message : covers;
    const unsigned sum =
        checksum ? static_cast<unsigned>(*checksum) : checksum_of(bytes, what, source, destination);
    bytes[6] = static_cast<std::uint8_t>(sum >> 8U);
    bytes[7] = static_cast<std::uint8_t>(sum & 0xffU);
  }
  return bytes;
}

Bytes ipv4_datagram(const Packet& packet, const Bytes& options) {
  const Bytes message = packet.message();
  const std::size_t header = 20 + options.size();
  Bytes bytes{static_cast<std::uint8_t>(4 * 16 + header / 4), 0xc0};
  put16(bytes, static_cast<unsigned>(header + message.size()));
  put(bytes, {0, 0, 0, 0, static_cast<std::uint8_t>(packet.ttl), 112, 0, 0});
  put(bytes, address_bytes(packet.source));
  put(bytes, address_bytes(packet.destination));
  put(bytes, options);
  put(bytes, message);
  return bytes;
}

Bytes from_hex(std::string_view digits) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes.push_back(
        static_cast<std::uint8_t>(std::stoul(std::string(digits.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

std::string to_hex(const Bytes& bytes) {
  return fmt::format("{:02x}", fmt::join(bytes, ""));
}

Bytes address_bytes(const std::string& text) {
  const bool ipv6 = text.find(':') != std::string::npos;
  Bytes bytes(ipv6 ? 16 : 4);
  if (inet_pton(ipv6 ? AF_INET6 : AF_INET, text.c_str(), bytes.data()) != 1) {
    throw std::invalid_argument(text);
  }
  return bytes;
}

std::string address_text(const Bytes& bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = bytes.size() == 16 ? AF_INET6 : AF_INET;
  return inet_ntop(family, bytes.data(), text.data(), text.size()) == nullptr ? "?" : text.data();
}

bool icmpv6_checksum_holds(const Bytes& frame) {
  constexpr std::ptrdiff_t kAddresses = 14 + 8;
  constexpr std::ptrdiff_t kMessage = 14 + 40;
  Bytes covered(frame.begin() + kAddresses, frame.end());  // both addresses and the message
  put(covered, {0, 0});
  put16(covered, static_cast<unsigned>(frame.size() - kMessage));
  put(covered, {0, 0, 0, 58});
  return checksum(covered) == 0;
}

std::string read_message(const Bytes& message, const std::string& source,
                         const std::string& destination) {
  const std::size_t address_size = address_bytes(source).size();
  const bool v2 = !message.empty() && message[0] == 0x21;
  const bool v3 = !message.empty() && message[0] == 0x31;
  if (message.size() < 8 || (!v2 && !v3) ||
      message.size() != 8 + message[3] * address_size + (v2 ? 8 : 0)) {
    return "malformed: " + to_hex(message);
  }
  // Over a message that has its checksum, the sum of RFC 1071 is zero.
  const bool alone = checksum_of(message, Covers::Message, source, destination) == 0;
  const bool with_header = checksum_of(message, Covers::Header, source, destination) == 0;
  if (!(address_size == 4 && alone) && !(v3 && with_header)) {
    return "malformed: " + to_hex(message);
  }
  return v2 ? fmt::format("{} every {} s", message[2], message[5])
            : fmt::format("{} every {} cs", message[2], message[4] * 256 + message[5]);
}

}  // namespace haguard::conformance
