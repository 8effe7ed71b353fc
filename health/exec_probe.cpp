#include <utility>

#include "health/running_probe.h"
#include "proxy-bridge/child.h"

namespace haguard::health {
namespace {

class ExecProbe : public RunningProbe {
 public:
  ExecProbe(boost::asio::io_context& io, const conf::Check& settings, OnOutcome on_outcome)
      : child_(io, {settings.command, {proxy::kPath}, settings.user},
               [on_outcome = std::move(on_outcome)](const proxy::ChildEnd& end) {
                 on_outcome({end.success(), end.success() ? std::string() : end.to_string()});
               }) {}

 private:
  proxy::Child child_;
};

}  // namespace

std::unique_ptr<RunningProbe> start_exec_probe(boost::asio::io_context& io,
                                               const conf::Check& settings, OnOutcome on_outcome) {
  return std::make_unique<ExecProbe>(io, settings, std::move(on_outcome));
}

}  // namespace haguard::health
