// SPDX-License-Identifier: Apache-2.0
// What index maps do to indices and shapes.
#include "metaschedule/arith/index_map.h"

#include "bindings.h"
#include "metaschedule/arith/analyzer.h"

namespace metaschedule::bindings {

namespace {

/// Ranges as they are; extents become ranges from 0.
std::vector<Ref<Range>> ranges_of(const py::sequence& shape) {
  std::vector<Ref<Range>> out;
  for (py::handle item : shape) {
    const Range* range = as<Range>(node_of(item));
    if (range) {
      out.push_back(Ref<Range>(range));
    } else {
      Expr extent = to_expr(item);
      out.push_back(make<Range>(int_imm(extent->dtype, 0), extent));
    }
  }
  return out;
}

}  // namespace

void bind_index_maps(py::module_& m) {
  m.def("index_map_indices", [](const Ref<IndexMap>& map, const Exprs& indices) {
    arith::Analyzer analyzer;
    return Exprs(arith::map_indices(*map, indices.vec(), analyzer));
  });
  m.def("index_map_shape", [](const Ref<IndexMap>& map, const Exprs& shape) {
    arith::Analyzer analyzer;
    return Exprs(arith::map_shape(*map, shape.vec(), analyzer));
  });
  m.def("index_map_inverse", [](const Ref<IndexMap>& map, const py::sequence& shape) {
    arith::Analyzer analyzer;
    return arith::inverse(*map, ranges_of(shape), analyzer);
  });
  m.def("index_map_non_surjective_inverse",
        [](const Ref<IndexMap>& map, const py::sequence& shape) {
          arith::Analyzer analyzer;
          return arith::non_surjective_inverse(*map, ranges_of(shape), analyzer);
        });
  m.def("index_maps_equivalent", [](const Ref<IndexMap>& a, const Ref<IndexMap>& b) {
    arith::Analyzer analyzer;
    return arith::is_equivalent(*a, *b, analyzer);
  });
}

}  // namespace metaschedule::bindings
