#include "conf/parse.h"

#include <utility>

#include <toml++/toml.h>

#include "conf/document.h"
#include "conf/include.h"
#include "conf/known_keys.h"
#include "conf/report.h"
#include "conf/sections.h"

namespace haguard::conf {
namespace {

Config read_config(const toml::table& document, const std::string& host_name, Report& report) {
  Config config;
  config.node_name = host_name;
  Table file(document, "", report);
  read_settings(file, config);
  read_checks(file, config);
  if (!read_instances(file, config)) {
    report.error({}, "there is no [[vrrp.instance]], so nothing to do");
  }
  file.refuse_unknown_keys();
  return config;
}

/// `report` is about the file of this text, and still empty.
ParseResult parse(std::string_view text, Report& report, const std::string& host_name,
                  const FileSource& source) {
  auto document = parse_document(text, report.files().front(), report);
  if (!document) {
    return report.take();
  }
  std::vector<std::string> texts{std::string(text)};
  if (!merge_included(*document, source, report, texts)) {
    return report.take();
  }
  Config config = read_config(*document, host_name, report);
  if (report.has_errors()) {
    return report.take();
  }
  return Parsed{std::move(config), report.take(), places_of(*document, report.files()),
                std::move(texts)};
}

}  // namespace

ParseResult parse(std::string_view text, const std::string& file, const std::string& host_name,
                  Purpose purpose, const FileSource& source) {
  Report report(file, purpose);
  return parse(text, report, host_name, source);
}

ParseResult load(const std::string& file, const std::string& host_name, Purpose purpose) {
  const auto content = read_file(file, kLargestFile);
  if (const auto* failure = std::get_if<FileError>(&content)) {
    return Problems{{file, 0, 0, Severity::Error, "cannot be read: " + failure->reason}};
  }
  const auto& found = std::get<FileContent>(content);
  Report report(file, purpose);
  if (!is_private(found)) {
    report.expose(file, access_of(found));
  }
  return parse(found.text, report, host_name, local_files());
}

std::vector<std::string> known_keys(std::string_view text) {
  Report report("", Purpose::Ask);
  if (const auto document = parse_document(text, "", report)) {
    static_cast<void>(read_config(*document, "", report));
  }
  return {report.known().begin(), report.known().end()};
}

}  // namespace haguard::conf
