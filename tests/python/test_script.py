# SPDX-License-Identifier: Apache-2.0
"""TVMScript from Python: decorators, captured values, macros, errors with places."""

import metaschedule as ms
import pytest
from metaschedule.script import from_source
from metaschedule.script import ir as I
from metaschedule.script import tir as T
from programs import matmul

N = 16


@T.prim_func
def scale(A: T.Buffer((N, 4), "float32"), B: T.Buffer((N, 4), "float32")):
    for i, j in T.grid(N, 4):
        with T.block("scale"):
            vi, vj = T.axis.remap("SS", [i, j])
            B[vi, vj] = A[vi, vj] * T.float32(2)


@I.ir_module
class TwoFunctions:
    @T.prim_func
    def main(A: T.Buffer((8,), "float32")):
        for i in range(8):
            A[i] = A[i] + T.float32(1)

    @T.prim_func
    def helper(A: T.Buffer((4,), "int32")):
        for i in T.parallel(4):
            A[i] = i


def test_decorated_functions_are_programs():
    assert isinstance(scale, ms.tir.PrimFunc)
    assert scale.attrs["global_symbol"] == "scale"
    assert [b.shape[0].value for b in scale.buffer_map.values()] == [16, 16]


def test_modules_hold_their_functions():
    assert isinstance(TwoFunctions, ms.ir.IRModule)
    assert [v.name_hint for v in TwoFunctions.get_global_vars()] == ["helper", "main"]
    assert TwoFunctions["helper"].body.kind == ms.tir.ForKind.PARALLEL


def test_printing_and_parsing_are_inverse():
    for program in (scale, TwoFunctions, matmul()):
        again = from_source(program.script())
        ms.ir.assert_structural_equal(again, program)


def test_json_is_the_inverse_too():
    import pickle

    ms.ir.assert_structural_equal(pickle.loads(pickle.dumps(scale)), scale)


def test_values_of_the_closure_are_captured():
    def make(extent, factor):
        @T.prim_func
        def f(A: T.Buffer((extent,), "float32")):
            for i in range(extent):
                A[i] = A[i] * T.float32(factor)

        return f

    assert make(7, 3).body.extent.value == 7


def test_macros_are_expanded():
    @T.macro
    def twice(buffer, index):
        buffer[index] = buffer[index] + buffer[index]

    @T.prim_func
    def f(A: T.Buffer((8,), "float32")):
        for i in range(8):
            twice(A, i)

    assert isinstance(f.body.body, ms.tir.stmt.BufferStore)


def test_free_names_of_a_macro_mean_what_they_mean_at_its_definition():
    def make(factor):
        @T.macro
        def scaled(buffer, index):
            buffer[index] = buffer[index] * T.float32(factor)

        return scaled

    by_two, factor = make(2), 7

    @T.macro(hygienic=False)
    def shifted(buffer, index):
        buffer[index] = buffer[index] + T.float32(offset)

    offset = 5

    @T.prim_func
    def f(A: T.Buffer((8,), "float32")):
        for i in range(8):
            by_two(A, i)
            shifted(A, i)

    text = f.script()
    assert factor == 7 and offset == 5
    assert "A[i] * T.float32(2.0)" in text and "A[i] + T.float32(5.0)" in text


def test_a_class_is_a_source_too():
    class Module:
        @T.prim_func
        def main(A: T.Buffer((4,))):
            A[0] = T.float32(N)

    module = from_source(Module)
    assert "T.float32(16.0)" in module.script()
    assert ms.script.parse(module.script()).script() == module.script()


def test_errors_show_the_line_with_a_caret():
    with pytest.raises(ms.ParseError) as info:

        @T.prim_func
        def broken(A: T.Buffer((8,), "float32")):
            for i in range(8):
                A[i] = undefined_name + 1.0

    error = info.value
    assert error.file.endswith("test_script.py") and error.line > 0
    assert "undefined_name" in str(error) and "^" in str(error)


def test_programs_that_are_not_well_formed_are_refused():
    text = """
    @T.prim_func
    def f(A: T.Buffer((8,), "float32")):
        for i in range(8):
            with T.block("b"):
                v = T.axis.spatial(8, i)
                A[i] = T.float32(0)
    """
    with pytest.raises(ms.VerifyError, match="non-opaque"):
        from_source(text)
    assert from_source(text, check_well_formed=False) is not None


def test_unequal_programs_say_where():
    with pytest.raises(ValueError, match=r"<root>\.buffer_map"):
        ms.ir.assert_structural_equal(matmul(16), matmul(32))


@pytest.mark.parametrize("text", ["T.foo(1)", "T.foo", "T.foo.bar(2)", "T.foo[1]"])
def test_a_name_that_the_language_has_not_is_an_error_that_points_at_it(text):
    source = f'@T.prim_func\ndef main(A: T.Buffer((16,), "float32")):\n    T.evaluate({text})\n'
    with pytest.raises(ms.ParseError, match=r"3:16: unknown name: T.foo"):
        ms.script.from_source(source)
