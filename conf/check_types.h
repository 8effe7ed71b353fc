#pragma once
// The keys of [[check]] that depend on its type.

#include <optional>
#include <string>
#include <string_view>

#include "conf/config.h"
#include "conf/reader.h"

namespace haguard::conf {

[[nodiscard]] std::optional<CheckType> check_type(const Value& value);

/// Reads the keys of the check's type into it and refuses those of other types. The value that says
/// what is asked; nothing when that is missing or refused.
[[nodiscard]] std::optional<Value> read_keys_of_type(Table& table, Check& check,
                                                     const Config& config);
/// The keys of all types are known keys. Of a check whose type is not known, no more can be said.
void know_keys_of_all_types(Table& table);

/// Equal for two checks that ask the same.
[[nodiscard]] std::string question(const Check& check);

}  // namespace haguard::conf
