# SPDX-License-Identifier: Apache-2.0
"""Global infos of modules, what scripts say about modules, and names of `T` and `I` in Python."""

import pickle

import metaschedule.compat.tvm as tvm
import pytest
from metaschedule import ir, te, tir
from metaschedule._core import ParseError, VerifyError
from metaschedule.script import from_source
from metaschedule.script import ir as I
from metaschedule.script import tir as T
from metaschedule.target import Target
from programs import copy

DEVICES = [I.vdevice("c"), I.vdevice(Target("cuda -arch=sm_80"), 1, "shared")]


@I.ir_module
class Devices:
    I.module_attrs({"version": 3, "scale": 0.5})
    I.module_global_infos({"vdevice": DEVICES, "dummy": [I.dummy_global_info()]})

    @T.prim_func
    def main(A: T.Buffer((4,))):
        T.func_attr({"home": I.lookup_vdevice("cuda", 0), "version": I.module_get_attr("version")})
        for i in range(4):
            with T.block("ones"):
                vi = T.axis.spatial(4, i)
                A[vi] = 1


def test_global_infos_are_compared_by_what_they_say():
    device = ir.VDevice("c", 2, "local")
    assert (device.target.kind.name, device.vdevice_id, device.memory_scope) == ("c", 2, "local")
    assert device == ir.VDevice({"kind": "c"}, vdevice_id=2, memory_scope="local")
    assert hash(device) == hash(ir.VDevice("c", 2, "local"))
    assert not device.same_as(ir.VDevice("c", 2, "local"))
    others = [ir.VDevice("c", 1, "local"), ir.VDevice("c", 2), ir.VDevice("cuda", 2, "local")]
    assert all(device != other for other in [*others, ir.DummyGlobalInfo(), 3, None])
    assert ir.DummyGlobalInfo() == ir.DummyGlobalInfo()
    assert isinstance(device, ir.GlobalInfo) and isinstance(ir.DummyGlobalInfo(), ir.GlobalInfo)
    assert device.type_key == "VDevice" and ir.DummyGlobalInfo().type_key == "DummyGlobalInfo"
    assert pickle.loads(pickle.dumps(device)) == device
    assert ir.VDevice("c").script() == (
        'I.vdevice({"keys": ["cpu"], "kind": "c", "tag": ""}, 0, "global")'
    )


def test_a_device_needs_a_target():
    for wrong in (None, 3):
        with pytest.raises(ValueError, match="target has to be"):
            ir.VDevice(wrong)
    with pytest.raises(ValueError, match="not defined"):
        ir.VDevice("toaster")
    with pytest.raises(TypeError):
        ir.VDevice("c", "global")


def test_a_module_has_global_infos():
    infos = {"vdevice": DEVICES, "none": []}
    mod = ir.IRModule({"f": copy}, None, {"z": "1"}, infos)
    assert mod.global_infos == infos and mod.attrs["z"] == "1"
    assert mod.script() == from_source(mod.script()).script()
    for other in (from_source(mod.script()), ir.load_json(ir.save_json(mod)), mod.clone()):
        ir.assert_structural_equal(mod, other)
        assert ir.structural_hash(mod) == ir.structural_hash(other)
    bare = ir.IRModule({"f": copy}, attrs={"z": "1"})
    assert bare.global_infos == {}
    assert not ir.structural_equal(mod, bare)
    with pytest.raises(ValueError, match="global_infos"):
        ir.assert_structural_equal(mod, bare)
    bare.update_global_info("none", [])
    bare.update_global_info("vdevice", DEVICES[:1])
    assert bare.global_infos["vdevice"] == DEVICES[:1]
    bare.update_global_info("vdevice", DEVICES)
    ir.assert_structural_equal(mod, bare)


def test_changing_a_module_keeps_its_global_infos():
    mod = ir.IRModule({"f": copy}, global_infos={"vdevice": DEVICES})
    mod["g"] = copy.with_attr("global_symbol", "g")
    del mod["f"]
    assert mod.global_infos["vdevice"] == DEVICES
    changed = mod.replace_global_vars({"g": "h"}).with_attr("k", 1).without_attr("k")
    assert changed.with_function("i", copy).global_infos["vdevice"] == DEVICES
    sch = tir.Schedule(Devices)
    assert sch.mod.global_infos["vdevice"] == DEVICES


def test_what_is_no_global_info_is_refused():
    with pytest.raises(TypeError, match='"x": expected a list of global infos, found a VDevice'):
        ir.IRModule({}, global_infos={"x": DEVICES[0]})
    with pytest.raises(TypeError, match="expected a VDevice or a DummyGlobalInfo, found a Target"):
        ir.IRModule({}, global_infos={"x": [Target("c")]})
    mod = ir.IRModule({"f": copy})
    with pytest.raises(TypeError, match="expected a VDevice or a DummyGlobalInfo, found none"):
        mod.update_global_info("x", [None])
    assert mod.global_infos == {}
    with pytest.raises(TypeError, match="type definitions"):
        ir.IRModule({}, {"List": 1})
    text = ir.save_json(ir.IRModule({"f": copy}, global_infos={"x": [I.dummy_global_info()]}))
    with pytest.raises(ParseError, match="expected a VDevice or a DummyGlobalInfo"):
        ir.load_json(text.replace("DummyGlobalInfo", "Map"))


def test_a_class_says_what_its_module_has():
    assert Devices.global_infos == {"vdevice": DEVICES, "dummy": [ir.DummyGlobalInfo()]}
    assert Devices.get_attr("version") == 3 and Devices.get_attr("scale") == 0.5
    assert Devices["main"].attrs["home"] == DEVICES[1]
    assert Devices["main"].attrs["version"] == 3
    ir.assert_structural_equal(Devices, from_source(Devices.script()))
    lines = Devices.script().splitlines()
    start = lines.index("class Module:") + 1
    assert [line.split("(")[0].strip() for line in lines[start : start + 3]] == [
        "I.module_attrs",
        "I.module_global_infos",
        "@T.prim_func",
    ]


def test_what_is_said_of_a_module_outside_of_its_class_is_refused():
    calls = [
        lambda: I.module_attrs({"k": 1}),
        lambda: I.module_set_attr("k", 1),
        lambda: I.module_get_attr("k"),
        lambda: I.module_global_infos({}),
        lambda: I.lookup_vdevice("c", 0),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="can only be used in a module"):
            call()


def test_errors_in_a_class_show_the_place():
    with pytest.raises(ParseError) as error:

        @I.ir_module
        class Module:
            I.module_global_infos({"vdevice": DEVICES})
            I.module_attrs({"home": I.lookup_vdevice("metal", 0)})

    assert "test_global_infos.py" in str(error.value)
    assert "no vdevices of kind metal; its kinds are: c, cuda" in str(error.value)
    text, caret = str(error.value).splitlines()[-2:]
    assert text[caret.index("^") :].startswith("I.lookup_vdevice")


def test_node_constructors_of_t_make_nodes_without_folding():
    a = te.placeholder((4,), "float32", "A")
    k = te.reduce_axis((0, 4), "k")
    x, y = T.Var("x", "float32"), T.Var("y", "float32")
    load = T.ProducerLoad(a, [k.var])
    assert isinstance(load, tir.ProducerLoad) and load.producer.same_as(a)
    reducer = T.CommReducer([x], [y], [T.Add(x, y)], [T.FloatImm("float32", 0)])
    total = T.Reduce(reducer, [load], [k], True, 0)
    assert isinstance(total, tir.Reduce) and total.combiner.same_as(reducer)
    out = te.compute((1,), lambda i: total, name="out")
    assert (
        te.create_prim_func([a, out]).script()
        == te.create_prim_func(
            [a, te.compute((1,), lambda i: te.sum(a[k], k), name="out")]
        ).script()
    )
    assert isinstance(T.Add(1, 2), tir.Add) and isinstance(T.IterVar((0, 4), "i", 0), tir.IterVar)


def test_scripts_take_nodes_of_tensor_expressions_and_say_that_they_are_ill_formed():
    tensor = te.placeholder((4,), "float32", "X")
    text = """
@T.prim_func
def main(A: T.Buffer((4,), "float32")):
    for i in range(4):
        A[i] = T.ProducerLoad(tensor, [i])
    add = T.meta_var(T.comm_reducer(lambda x, y: x + y, [T.float32(0)]))
    A[0] = T.Reduce(add, [A[1]], [T.IterVar((0, 4), "k", 2)])
"""
    func = from_source(text, {"tensor": tensor}, check_well_formed=False)
    loop, store = func.body.seq
    assert isinstance(loop.body.value, tir.ProducerLoad)
    assert loop.body.value.producer.same_as(tensor)
    assert isinstance(store.value, tir.Reduce) and store.value.axis[0].dom.extent == 4
    with pytest.raises(VerifyError, match="a ProducerLoad stands in a function"):
        from_source(text, {"tensor": tensor})


def test_call_kernel_is_refused_where_it_is_called():
    def kernel(x):
        return x

    with pytest.raises(NotImplementedError, match="docs/migrating.md"):
        T.call_kernel(kernel, [1], 2)
    with pytest.raises(ParseError, match="docs/migrating.md") as error:

        @T.prim_func
        def main(A: T.Buffer((4,))):
            T.call_kernel(kernel, [[1], [32]], A.data, 4)

    text, caret = str(error.value).splitlines()[-2:]
    assert text[caret.index("^") :].startswith("T.call_kernel(kernel")
    with pytest.raises(NotImplementedError) as raised:
        T.call_kernel("", [])
    assert str(raised.value) in str(error.value)


def test_the_names_of_tvm_are_these():
    assert tvm.ir.VDevice is ir.VDevice
    assert tvm.ir.DummyGlobalInfo is ir.DummyGlobalInfo
    assert tvm.ir.GlobalInfo is ir.GlobalInfo
    from metaschedule.compat.tvm.ir.global_info import VDevice
    from metaschedule.compat.tvm.script.ir import lookup_vdevice, vdevice

    assert VDevice is ir.VDevice and vdevice is I.vdevice and lookup_vdevice is I.lookup_vdevice
    assert all(hasattr(tvm.script.ir, name) for name in I.__all__)
