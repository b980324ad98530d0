// SPDX-License-Identifier: Apache-2.0
// Which sanitizer the tests are built with, for the few that one of them cannot run.
#pragma once

#ifndef __has_feature
#define __has_feature(x) 0  // clang's; g++ says it otherwise
#endif

namespace metaschedule::testing {

#if __has_feature(address_sanitizer) || defined(__SANITIZE_ADDRESS__)
inline constexpr bool kAddressSanitizer = true;
#else
inline constexpr bool kAddressSanitizer = false;
#endif

#if __has_feature(thread_sanitizer) || defined(__SANITIZE_THREAD__)
inline constexpr bool kThreadSanitizer = true;
#else
inline constexpr bool kThreadSanitizer = false;
#endif

}  // namespace metaschedule::testing
