#include "conf/config.h"

#include "tests/conf/expect.h"

namespace haguard::conf::testing {
namespace {

TEST(ConfConfig, EndpointsAreWrittenAsInTheFile) {
  EXPECT_EQ((Endpoint{ip("127.0.0.1"), 9650}.to_string()), "127.0.0.1:9650");
  EXPECT_EQ((Endpoint{ip("::1"), 443}.to_string()), "[::1]:443");
}

}  // namespace
}  // namespace haguard::conf::testing
