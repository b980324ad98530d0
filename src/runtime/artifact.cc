// SPDX-License-Identifier: Apache-2.0
// The description of an artifact: JSON inside the object.
#include "metaschedule/codegen/artifact.h"

#include <nlohmann/json.hpp>

#include "metaschedule/support/error.h"

namespace metaschedule::codegen {

using Json = nlohmann::json;

const ArtifactFunction& Artifact::entry() const {
  check<ValueError>(!functions.empty(), "the artifact has no functions");
  for (const ArtifactFunction& f : functions)
    if (f.name == "main") return f;
  return functions[0];
}

const ArtifactFunction& Artifact::lookup(std::string_view name) const {
  std::string known;
  for (const ArtifactFunction& f : functions) {
    if (f.name == name || f.symbol == name) return f;
    known += " " + f.name;
  }
  fail<ValueError>("the artifact has no function {}; it has{}", name, known);
}

std::string describe(const Artifact& artifact) {
  Json functions = Json::array();
  for (const ArtifactFunction& f : artifact.functions) {
    Json params = Json::array();
    for (const ArtifactParam& p : f.params)
      params.push_back({{"name", p.name},
                        {"dtype", to_string(p.dtype)},
                        {"tensor", p.is_tensor},
                        {"written", p.is_written},
                        {"alignment", p.alignment},
                        {"shape", p.shape},
                        {"strides", p.strides}});
    Json sizes = Json::array();
    for (const ArtifactSize& s : f.sizes)
      sizes.push_back(
          {{"name", s.name}, {"param", s.param}, {"axis", s.axis}, {"stride", s.is_stride}});
    functions.push_back(
        {{"name", f.name}, {"symbol", f.symbol}, {"params", params}, {"sizes", sizes}});
  }
  return Json{{"metaschedule", 1},
              {"target", artifact.target},
              {"triple", artifact.triple},
              {"functions", functions}}
      .dump();
}

Artifact parse_description(std::string_view text) {
  Artifact artifact;
  try {
    Json json = Json::parse(text);
    artifact.target = json.at("target");
    artifact.triple = json.value("triple", "");
    for (const Json& f : json.at("functions")) {
      ArtifactFunction function{f.at("name"), f.at("symbol"), {}, {}};
      for (const Json& p : f.at("params")) {
        function.params.push_back({p.at("name"), DType::parse(p.at("dtype").get<std::string>()),
                                   p.at("tensor"), p.at("written"), p.value("alignment", 64),
                                   p.at("shape"), p.value("strides", std::vector<int64_t>())});
      }
      for (const Json& s : f.at("sizes"))
        function.sizes.push_back(
            {s.at("name"), s.at("param"), s.at("axis"), s.value("stride", false)});
      artifact.functions.push_back(std::move(function));
    }
  } catch (const Json::exception& e) {
    fail<RunError>("expected the description of a compiled program, found: {}", e.what());
  }
  return artifact;
}

}  // namespace metaschedule::codegen
