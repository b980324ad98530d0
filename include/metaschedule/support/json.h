// SPDX-License-Identifier: Apache-2.0
// JSON values (nlohmann's) and the text form that the databases use: no spaces, keys sorted,
// floating-point numbers with 20 significant digits.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace metaschedule {

/// A JSON value; objects keep their keys sorted.
using json = nlohmann::json;

/// The text of a value on one line. A whole number in floating point is written without a point
/// (`1e10` as `10000000000`) and so reads back as an integer; a byte outside printable ASCII is
/// written `\xHH`. Not-a-number and infinities have no form: ValueError.
std::string dump_json(const json& value);

/// Reads what `dump_json` and the original write: a superset of JSON that allows a comma before a
/// closing bracket and `\xHH` in strings. Raises ParseError with the column. Empty text is null.
json parse_json(std::string_view text);

}  // namespace metaschedule
