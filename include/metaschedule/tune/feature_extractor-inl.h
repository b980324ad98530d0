// SPDX-License-Identifier: Apache-2.0
// Bodies of feature_extractor.h.
#pragma once

#include "metaschedule/support/config.h"
#include "metaschedule/support/error.h"
#include "metaschedule/tune/cost/per_store_feature.h"
#include "metaschedule/tune/feature_extractor.h"

namespace metaschedule {

METASCHEDULE_INLINE FeatureExtractorPtr FeatureExtractor::create(std::string_view kind) {
  check<ValueError>(kind == "per-store-feature",
                    "Unknown FeatureExtractor: {}; expected per-store-feature", kind);
  return std::make_shared<PerStoreFeature>();
}

}  // namespace metaschedule
