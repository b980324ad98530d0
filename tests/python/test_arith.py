# SPDX-License-Identifier: Apache-2.0
"""Integer analysis from Python, under the names of `tvm.arith`."""

import metaschedule as ms
import pytest
from metaschedule import arith
from metaschedule.ir import Range
from metaschedule.tir import Var


def equal(a, b):
    return arith.Analyzer().can_prove_equal(a, b)


def test_the_analyzer_simplifies_and_proves_under_what_it_knows():
    x, y, n = (Var(name, "int32") for name in "xyn")
    analyzer = arith.Analyzer()
    analyzer.bind(x, Range(0, 8))
    assert str(analyzer.simplify((y * 8 + x) // 8)) == "y"
    assert str(analyzer.rewrite_simplify(x + 0)) == "x"
    assert str(analyzer.canonical_simplify(x + y - x)) == "y"
    assert analyzer.can_prove(x < 8) and not analyzer.can_prove(x < 7)
    assert analyzer.can_prove_equal(x + y, y + x)
    assert analyzer.can_prove_greater_equal(x, 0) and analyzer.can_prove_less(x, 8)
    with analyzer.constraint_scope(x % 4 == 0):
        assert analyzer.can_prove(x % 4 == 0)
        assert analyzer.modular_set(x) == arith.ModularSet(4, 0)
    assert not analyzer.can_prove(x % 4 == 0)
    analyzer.bind(n, y + 1)
    assert str(analyzer.simplify(n * 2)) == "y * 2 + 2"
    with pytest.raises(ValueError):
        analyzer.bind(x, Range(0, 9))
    analyzer.bind(x, Range(0, 9), allow_override=True)
    assert not analyzer.can_prove(x < 8)


def test_proofs_may_use_symbolic_bounds():
    i, j, n = (Var(name, "int32") for name in "ijn")
    analyzer = arith.Analyzer()
    analyzer.bind(i, Range(0, n))
    analyzer.bind(j, Range(0, 16))
    claim = i * 16 + j < n * 16
    assert not analyzer.can_prove(claim)
    assert analyzer.can_prove(claim, arith.ProofStrength.SYMBOLIC_BOUND)


def test_bounds_and_sets_are_told_and_set():
    x, y = Var("x", "int32"), Var("y", "int32")
    analyzer = arith.Analyzer()
    analyzer.update(x, arith.ConstIntBound(2, 10))
    bound = analyzer.const_int_bound(x * 2 + 1)
    assert (bound.min_value, bound.max_value) == (5, 21)
    assert analyzer.const_int_bound_is_bound(x) and not analyzer.const_int_bound_is_bound(y)
    assert analyzer.const_int_bound(Var("z", "int64")).max_value == arith.ConstIntBound.POS_INF
    analyzer.update(y, arith.ModularSet(6, 2))
    assert analyzer.modular_set(y + 1) == arith.ModularSet(6, 3)
    with pytest.raises(ValueError):
        analyzer.update(x, arith.ConstIntBound(20, 30))
    analyzer.update(x, arith.ConstIntBound(20, 30), override=True)
    assert analyzer.const_int_bound(x) == arith.ConstIntBound(20, 30)
    with pytest.raises(TypeError, match="found int"):
        analyzer.update(x, 3)
    sets = analyzer.int_set(x + y, {y: arith.IntervalSet(0, 7)})
    assert equal(sets.min_value, x) and equal(sets.max_value, x + 7)


def test_intervals_have_infinite_ends():
    x = Var("x", "int32")
    upwards = arith.IntervalSet(x, arith.pos_inf())
    assert upwards.max_value is arith.pos_inf() and upwards.min_value.same_as(x)
    assert arith.IntervalSet(None, None).is_everything()
    assert arith.IntSet.single_point(x).is_single_point()
    assert arith.IntSet.nothing().is_nothing()
    joined = arith.union_lower_bound([arith.IntervalSet(0, 3), arith.IntervalSet(4, 9)])
    assert (joined.min_value, joined.max_value) == (0, 9)


def test_regions_are_estimated_from_both_sides():
    i, j = Var("i", "int32"), Var("j", "int32")
    iters = {i: Range(0, 4), j: Range(0, 8)}
    region = [Range.from_min_extent(i * 8 + j, 1)]
    for estimate in (arith.estimate_region_strict_bound, arith.estimate_region_lower_bound,
                     arith.estimate_region_upper_bound):  # fmt: skip
        (dim,) = estimate(region, iters, True)
        assert (dim.min_value, dim.max_value) == (0, 31)
    holes = [Range.from_min_extent(i * 16 + j, 1)]
    assert arith.estimate_region_strict_bound(holes, iters) is None
    (dim,) = arith.estimate_region_upper_bound(holes, iters)
    assert (dim.min_value, dim.max_value) == (0, 55)


def test_iteration_maps_are_detected_normalised_and_inverted():
    i, j = Var("i", "int32"), Var("j", "int32")
    iters = {i: Range(0, 8), j: Range(0, 16)}
    found = arith.detect_iter_map([i * 16 + j], iters)
    assert not found.errors and len(found.indices) == 1
    (split,) = found.indices[0].args
    assert split.extent == 128 and split.source.extent == 128
    assert equal(arith.normalize_iter_map_to_expr(found.indices[0]), i * 16 + j)
    failed = arith.detect_iter_map([i * 15 + j], iters, check_level="bijective")
    assert failed.errors and not failed.indices
    total = arith.normalize_to_iter_sum(i * 2 + j * 40 + 3, iters)
    assert [int(arg.scale) for arg in total.args] == [40, 2] and total.base == 3
    (simple,) = arith.iter_map_simplify([(i * 16 + j) // 16], iters)
    assert str(simple) in ("i", "(i * 16 + j) // 16")
    out = Var("out", "int32")
    inverse = arith.inverse_affine_iter_map(found.indices, [out])
    assert equal(inverse[i], out // 16) and equal(inverse[j], out % 16)


def test_spaces_are_divided():
    i, j = Var("i", "int32"), Var("j", "int32")
    iters = {i: Range(0, 8), j: Range(0, 16)}
    (outer, inner), predicates = arith.subspace_divide([i * 16 + j], iters, [j])
    assert outer.source.same_as(i) and outer.extent == 8
    assert inner.source.same_as(j) and inner.extent == 16
    assert [bool(part.source) for part in predicates] == [True, True]
    assert arith.subspace_divide([i * 4 + j], iters, [j]) == []
    with pytest.raises(ValueError, match="IterMapLevel"):
        arith.subspace_divide([i], iters, [j], check_level="some")


def test_linear_forms_and_bounds():
    x, y = Var("x", "int32"), Var("y", "int32")
    assert [int(c) for c in arith.detect_linear_equation(x * 4 - y + 6, [x, y])] == [4, -1, 6]
    assert arith.detect_linear_equation(x * y, [x, y]) == []
    low, high = arith.detect_clip_bound(ms.tir.all(x >= 2, x < 7), [x])
    assert (low, high) == (2, 6)
    bound = arith.deduce_bound(x, x * 2 + y < 20, {}, {y: arith.IntervalSet(0, 9)})
    assert bound.max_value == 5 and bound.min_value is arith.neg_inf()
    assert arith.deduce_bound(x, y < 20, {}, {}).is_nothing()


def test_linear_equations_are_solved():
    x, y = Var("x", "int32"), Var("y", "int32")
    found = arith.solve_linear_equations([x + y == 20, x - y == 10], [x, y])
    assert (found.src_to_dst[x], found.src_to_dst[y]) == (15, 5)
    assert found.dst == arith.IntConstraints([], {}, [])
    free = arith.solve_linear_equations(x - 2 * y == 0, [x, y], {x: Range(0, 8), y: Range(0, 4)})
    (n,) = free.dst.variables
    assert n.name == "n0" and free.dst.ranges[n].extent == 4 and not free.dst.relations
    assert equal(free.src_to_dst[x], free.src_to_dst[y] * 2)
    none = arith.solve_linear_equations(x * 2 == 7, [x])
    assert [bool(relation) for relation in none.dst.relations] == [False]
    with pytest.raises(ValueError, match="linear"):
        arith.solve_linear_equations(x * y == 7, [x, y])


def test_the_names_of_tvm_lead_here():
    import metaschedule.compat.tvm as tvm

    assert tvm.arith.Analyzer is arith.Analyzer
