#pragma once
// Arrow's Status and Result as exceptions. Templates, so that this header needs no Arrow header itself.

#include <string>
#include <utility>

#include "loadstone/core/error.h"

namespace loadstone {

template <class Status>
void check(const Status& status, const std::string& what) {
  if (!status.ok()) throw data_error(what + ": " + status.ToString());
}

template <class Result>
auto value_of(Result&& result, const std::string& what) {
  check(result.status(), what);
  return std::forward<Result>(result).MoveValueUnsafe();
}

}  // namespace loadstone
