// SPDX-License-Identifier: Apache-2.0
// What a worker does with a request, in its two roles.
#pragma once

#include "metaschedule/runtime/protocol.h"

namespace metaschedule::worker {

/// Gets ready to compile, before the first request.
void prepare_to_compile();
runtime::CompileReply compile(const runtime::CompileRequest& request);

/// `object` belongs to the request.
runtime::RunReply run(const std::string& object, const runtime::RunRequest& request);

}  // namespace metaschedule::worker
