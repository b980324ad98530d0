# SPDX-License-Identifier: Apache-2.0
"""Weights that are laid out ahead: what is built and measured takes them in their new layout."""

import metaschedule as ms
import numpy as np
from metaschedule import te, tir
from metaschedule.testing import requires_llvm


def product(twice=False):
    a, b = te.placeholder((16, 32), name="A"), te.placeholder((32, 48), name="B")
    k = te.reduce_axis((0, 32), name="k")
    c = te.compute((16, 48), lambda i, j: te.sum(a[i, k] * b[k, j], axis=k), name="C")
    if twice:
        c = te.compute((16, 48), lambda i, j: c[i, j] + b[i, j], name="D")
    return te.create_prim_func([a, b, c]).with_attr("layout_free_buffers", [1])


def laid_out(func):
    sch = tir.Schedule(func)
    stage = sch.cache_read("C", 1, "global", consumer_blocks=["C"])
    sch.annotate(stage, "meta_schedule.layout_rewrite_preproc", True)
    sch.transform_layout("C", ("read", 1), lambda i, j: (j // 16, i, j % 16))
    return sch.mod


def shapes(mod):
    func = mod["main"]
    return [list(func.buffer_map[param].shape) for param in func.params]


def test_the_parameter_takes_the_layout_and_the_copy_goes():
    mod = tir.transform.RemoveWeightLayoutRewriteBlock()(laid_out(product()))
    assert shapes(mod) == [[16, 32], [3, 32, 16], [16, 48]]
    assert "layout_rewrite_preproc" not in mod.script()
    assert "alloc_buffer" not in mod.script()
    assert tir.analysis.verify_well_formed(mod)
    infos = ms.arg_info.ArgInfo.from_entry_func(laid_out(product()))
    assert [list(info.shape) for info in infos] == shapes(mod)


def test_a_copy_of_what_is_read_elsewhere_stays():
    before = laid_out(product(twice=True))
    after = tir.transform.RemoveWeightLayoutRewriteBlock()(before)
    ms.ir.assert_structural_equal(before, after)


@requires_llvm
def test_what_is_built_computes_the_same_from_weights_laid_out_ahead():
    func = ms.builder.local_builder.default_build(laid_out(product()), ms.target.Target("llvm"))
    rng = np.random.default_rng(0)
    a = rng.integers(-3, 4, (16, 32)).astype("float32")
    b = rng.integers(-3, 4, (32, 48)).astype("float32")
    c = np.zeros((16, 48), "float32")
    func(a, np.ascontiguousarray(b.reshape(32, 3, 16).transpose(1, 0, 2)), c)
    np.testing.assert_array_equal(c, a @ b)


@requires_llvm
def test_tuning_measures_with_weights_laid_out_ahead(tmp_path):
    database = ms.tune_tir(
        product(),
        "llvm -mcpu=x86-64-v3 -num-cores=1",
        str(tmp_path),
        max_trials_global=8,
        num_trials_per_iter=8,
        space="parity",
        seed=1,
    )
    records = database.get_all_tuning_records()
    assert len(records) == 8
    assert any(list(record.args_info[1].shape) != [32, 48] for record in records)
