// What a daemon leaves to its successor, written and read; and what does not read as a whole.
#include "supervisor/record.h"

#include <gtest/gtest.h>

namespace haguard::supervisor {
namespace {

const Record kRecord{"5f7c0a2e-0000-4000-8000-000000000001",
                     {{"edge",
                       vrrp::Family::Ipv6,
                       51,
                       90,
                       {{vrrp::IpAddress::parse("fe80::10").value(), 128, "etx2", ""},
                        {vrrp::IpAddress::parse("2001:db8::10").value(), 64, "etx1", ""}}}}};

TEST(RecordText, ReadsBackAsItWasWritten) {
  EXPECT_EQ(parse_record(to_text(kRecord)), kRecord);
  EXPECT_EQ(parse_record(to_text({"id", {}})), (Record{"id", {}}));
}

TEST(RecordText, ACutFileIsNoRecord) {
  const std::string text = to_text(kRecord);
  for (std::size_t length = 0; length + 2 < text.size(); ++length) {
    EXPECT_EQ(parse_record(text.substr(0, length)), std::nullopt) << length;
  }
}

TEST(RecordText, WhatNoDaemonWroteIsNoRecord) {
  const std::string good = to_text(kRecord);
  const auto with = [&](std::string_view what, std::string_view instead) {
    std::string text = good;
    const auto place = text.find(what);
    EXPECT_NE(place, std::string::npos);
    return text.replace(place, what.size(), instead);
  };
  for (const auto& text :
       {with("\"priority\":90", "\"priority\":0"), with("\"priority\":90", "\"priority\":256"),
        with("\"priority\":90", "\"priority\":\"90\""), with("128", "129"), with("128", "-1"),
        with("51", "4294967347"), with("fe80::10", "fe80::g"), with("\"boot_id\"", "\"boot\""),
        std::string("[]"), std::string("null"), std::string(20000, '[')}) {
    EXPECT_EQ(parse_record(text), std::nullopt) << text.substr(0, 200);
  }
}

TEST(RecordText, AddressesAreRecordedWithoutTheirLabels) {
  const conf::VirtualAddress labelled{vrrp::IpAddress::v4(10, 0, 0, 1), 32, "etx2", "etx2:vip"};
  EXPECT_EQ(record_of_addresses({labelled}).front().label, "");
}

}  // namespace
}  // namespace haguard::supervisor
