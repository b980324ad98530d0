// SPDX-License-Identifier: Apache-2.0
// Bodies of feature_extractor.h.
#pragma once

#include "metaschedule/support/config.h"
#include "metaschedule/support/error.h"
#include "metaschedule/tune/feature_extractor.h"

namespace metaschedule {

METASCHEDULE_INLINE FeatureExtractorPtr FeatureExtractor::create(std::string_view kind) {
  fail<ValueError>("Unknown FeatureExtractor: {}", kind);
}

}  // namespace metaschedule
