"""The length of every instruction, checked against wasmtime's own assembler."""

import random
from itertools import product

import pytest

from gojinn.engine.inspect import sections
from gojinn.engine.instructions import Unknown, memory_grows, skip_locals
from gojinn.testing.guests import wat

HEAD = """(module
  (type $t (func)) (type $two (func (param i32 i64) (result i64 i32)))
  (memory 1) (data $d "x") (table $a 1 funcref) (table $b 1 funcref) (table $x 1 externref)
  (elem $e func $f) (elem declare func $f) (global $g (mut i32) (i32.const 0))
  (tag $tag (param i32)) (func $f (local i32)
"""


def typed(types: str, names: str) -> list[str]:
    return [f"{t}.{n}" for t, n in product(types.split(), names.split())]


PLAIN = [
    *["nop", "unreachable", "return", "drop", "select", "throw_ref", "ref.is_null"],
    *typed(
        "i32 i64", "clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr"
    ),
    *typed("i32 i64", "eqz eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u extend8_s extend16_s"),
    *typed("i32 i64", "trunc_f32_s trunc_f32_u trunc_f64_s trunc_f64_u trunc_sat_f32_s trunc_sat_f64_u"),
    *typed("f32 f64", "abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign"),
    *typed("f32 f64", "eq ne lt gt le ge convert_i32_s convert_i32_u convert_i64_s convert_i64_u"),
    *typed("i64", "extend_i32_s extend_i32_u extend32_s reinterpret_f64"),
    *["i32.wrap_i64", "i32.reinterpret_f32", "f32.demote_f64", "f32.reinterpret_i32"],
    *["f64.promote_f32", "f64.reinterpret_i64"],
]
LOADS = [
    *typed("i32 i64 f32 f64", "load store"),
    *typed("i32 i64", "load8_s load8_u load16_s load16_u store8 store16"),
    *typed("i64", "load32_s load32_u store32"),
    *typed("v128", "load store load32_zero load64_zero"),
    *[f"v128.load{shape}_{sign}" for shape, sign in product(("8x8", "16x4", "32x2"), "su")],
    *[f"v128.load{bits}_splat" for bits in (8, 16, 32, 64)],
]
LANES = [
    *[f"{s}.extract_lane_{sign}" for s, sign in product(("i8x16", "i16x8"), "su")],
    *typed("i32x4 i64x2 f32x4 f64x2", "extract_lane"),
    *typed("i8x16 i16x8 i32x4 i64x2 f32x4 f64x2", "replace_lane"),
]
SIMD = [
    *typed("v128", "not and andnot or xor bitselect any_true"),
    *typed("i8x16 i16x8 i32x4 i64x2 f32x4 f64x2", "splat abs neg eq ne add sub"),
    *typed("i8x16 i16x8 i32x4", "lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u min_s min_u max_s max_u"),
    *typed("i8x16 i16x8 i32x4 i64x2", "all_true bitmask shl shr_s shr_u"),
    *typed("i8x16 i16x8", "add_sat_s add_sat_u sub_sat_s sub_sat_u avgr_u"),
    *typed("f32x4 f64x2", "ceil floor trunc nearest sqrt mul div min max pmin pmax lt gt le ge"),
    *typed("f32x4 f64x2", "relaxed_madd relaxed_nmadd relaxed_min relaxed_max"),
    *typed("i16x8", "extmul_low_i8x16_s extmul_high_i8x16_u mul q15mulr_sat_s extadd_pairwise_i8x16_s"),
    *typed("i32x4", "dot_i16x8_s extmul_low_i16x8_u mul trunc_sat_f32x4_s trunc_sat_f64x2_u_zero"),
    *typed("i64x2", "lt_s gt_s le_s ge_s mul extend_low_i32x4_s extmul_high_i32x4_s"),
    *[
        "i8x16.swizzle",
        "i8x16.popcnt",
        "i8x16.relaxed_swizzle",
        "i8x16.narrow_i16x8_s",
        "i16x8.narrow_i32x4_u",
    ],
    *["f64x2.promote_low_f32x4", "f32x4.demote_f64x2_zero", "f32x4.convert_i32x4_u"],
    *["i32x4.relaxed_trunc_f32x4_s", "i16x8.relaxed_q15mulr_s", "i16x8.relaxed_dot_i8x16_i7x16_s"],
    *["i32x4.relaxed_dot_i8x16_i7x16_add_s", "i64x2.relaxed_laneselect"],
]
WITH_IMMEDIATES = [
    *[f"i32.const {n}" for n in (0, 64, -1, 8256, 0x40, 0x00400040, -0x7FFFFFC0)],
    *[f"i64.const {n}" for n in (0, 64, -64, 0x0040004000400040, -0x7FFFFFFFFFFFFFC0)],
    *["f32.const 2", "f64.const 2", "f32.const nan:0x4000", "f64.const 0x1.0004p+1"],
    *["local.get 0", "local.set 0", "local.tee 0", "global.get $g", "global.set $g"],
    *["call $f", "return_call $f", "call_indirect $b (type $t)", "return_call_indirect $b (type $t)"],
    *["br 0", "br_if 0", "br_table 0 0 0", "br_table 0", "select (result f64)", "throw $tag"],
    *["memory.size", "memory.copy", "memory.fill", "memory.init $d", "data.drop $d"],
    *["table.get $b", "table.set $b", "table.size $b", "table.grow $b", "table.fill $b"],
    *[
        "table.copy $a $b",
        "table.init $b $e",
        "elem.drop $e",
        "ref.null func",
        "ref.null extern",
        "ref.func $f",
    ],
    *[
        "block end",
        "loop end",
        "if else end",
        "block (result i32) i32.const 64 end drop",
        "block unreachable end",
    ],
    *["block (type $two) end", "if unreachable end", "try_table end"],
    "block $l (result i32 exnref) try_table (catch_ref $tag $l) end unreachable end",
    "block $l try_table (result i32) (catch_all $l) i32.const 64 end unreachable end",
    *["v128.const i32x4 64 0x4000 0 64", "i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15"],
    *[f"{load} offset={offset}" for load, offset in product(LOADS, (0, 64, 8256))],
    *[f"{lane} 1" for lane in LANES],
    *[f"v128.{kind}{bits}_lane offset=64 1" for kind, bits in product(("load", "store"), (8, 16, 32, 64))],
]
EVERY = [*PLAIN, *SIMD, *WITH_IMMEDIATES]


def grows_of(text: str) -> tuple[bytes, list[tuple[int, int]], int]:
    """The module, where its function $f grows memory, and where the body ends."""
    data = wat(HEAD + text + "))")
    code = next(reader for section, reader in sections(data) if section == 10)
    assert code.count() == 1
    end = code.number() + code.at
    return data, list(memory_grows(data, skip_locals(data, code.at, end), end)), end


@pytest.mark.parametrize("instruction", EVERY)
def test_an_instruction_is_as_long_as_the_assembler_makes_it(instruction):
    _, grows, end = grows_of(f"unreachable {instruction} unreachable memory.grow unreachable")
    assert grows == [(end - 4, end - 2)]


@pytest.mark.parametrize("seed", range(20))
def test_sequences_of_instructions_keep_in_step(seed):
    chance = random.Random(seed)
    chosen = chance.choices(EVERY, k=400)
    data, grows, _ = grows_of(
        "".join(f" unreachable {i} unreachable memory.grow" for i in chosen) + " unreachable"
    )
    assert len(grows) == 400
    assert all(data[at:after] == b"\x40\x00" for at, after in grows)


@pytest.mark.parametrize(
    "code", [b"\x06\x40\x0b", b"\xfe\x00\x00", b"\xff", b"\x27", b"\xfc\x80\x40", b"\x0e\xff\x0f\x00"]
)
def test_unknown_instructions_are_reported(code):
    with pytest.raises(Unknown):
        list(memory_grows(code + b"\x0b", 0, len(code) + 1))


@pytest.mark.parametrize(
    "code", [b"\x41", b"\x44\0\0", b"\x0e\x02\x00", b"\x02", b"\xfd\x0c\0", b"\x40", b"\x1c\x01"]
)
def test_a_body_cut_inside_an_instruction_is_reported(code):
    with pytest.raises(Unknown):
        list(memory_grows(code, 0, len(code)))


def test_random_bytes_end_or_are_reported():
    chance = random.Random(3)
    for _ in range(3000):
        code = chance.randbytes(chance.randint(0, 60))
        try:
            grows = list(memory_grows(code, 0, len(code)))
        except Unknown:
            continue
        assert all(after <= len(code) for _, after in grows)
