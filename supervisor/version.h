#pragma once
// What this program is, for `haguard version`, status and metrics. The values stand in one
// generated source file, so that a commit or a new version compiles that one again and nothing
// else.

namespace haguard::supervisor {

/// "0.1.0": CMakeLists.txt is the one place that knows it.
extern const char* const kVersion;
/// "8212fa5c0d3e", with "+changes" when the tree was another; "unknown" when built without git.
extern const char* const kCommit;
/// "RelWithDebInfo, GNU 12.2.0"
extern const char* const kBuild;

}  // namespace haguard::supervisor
