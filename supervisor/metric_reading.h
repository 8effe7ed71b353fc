#pragma once
// One metric of the table with its values, made anew for each scrape on the thread that serves it.

#include <string>
#include <vector>

#include <prometheus/metric_family.h>

#include "supervisor/metric_table.h"
#include "supervisor/metric_values.h"
#include "supervisor/status.h"

namespace haguard::supervisor {

using LabelValues = std::vector<std::string>;  ///< in the order of the row's labels

class Reading {
 public:
  explicit Reading(Metric metric);

  Reading& add(const LabelValues& labels, double value);
  Reading& add(const LabelValues& labels, const Counter& counter);
  Reading& add(const LabelValues& labels, const Histogram& histogram);
  /// Leaves it empty.
  [[nodiscard]] prometheus::MetricFamily take() { return std::move(family_); }

 private:
  prometheus::ClientMetric& sample(const LabelValues& labels);

  const MetricRow& row_;
  prometheus::MetricFamily family_;
};

/// Everything that a snapshot knows.
void read(const Status& status, std::vector<prometheus::MetricFamily>& out);

}  // namespace haguard::supervisor
