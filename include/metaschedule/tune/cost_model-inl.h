// SPDX-License-Identifier: Apache-2.0
// Bodies of cost_model.h.
#pragma once

#include "metaschedule/support/config.h"
#include "metaschedule/support/registry.h"
#include "metaschedule/tune/cost/mlp_model.h"
#include "metaschedule/tune/cost/random_model.h"
#include "metaschedule/tune/cost/xgb_model.h"
#include "metaschedule/tune/cost_model.h"

namespace metaschedule {

METASCHEDULE_INLINE CostModelPtr CostModel::create(std::string_view kind) {
  if (kind == "random") return std::make_shared<RandomModel>();
  if (kind == "mlp") return make_mlp_model();
  if (kind == "none") return nullptr;
  check<ValueError>(kind == "xgb", "Unknown CostModel: {}; expected xgb, mlp, random or none",
                    kind);
  check<ValueError>(
      static_cast<bool>(find_function(kXGBFactory)),
      "this build has no XGBoost cost model: install libxgboost-dev and build again, link "
      "metaschedule::metaschedule and call metaschedule::enable_xgb_model(); or use \"random\"");
  return call_function<CostModelPtr>(kXGBFactory);
}

}  // namespace metaschedule
