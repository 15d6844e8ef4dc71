"""What stands where it should not: texts, numbers and shapes that readers stumble over."""

from __future__ import annotations

from random import Random
from typing import Any

TEXTS = (
    "", " ", "\t", "\u3000", "nan", "NaN", "inf", "-inf", "1e400", "-1e400", "1e308", "1e-320", "-0", "0", "-1", "1",
    "1,5", "1.5.2", "0x10", "1_000", "１２", "½", "1e5", "1e9", "1e10", "99999999999999999999", "9" * 400, "9" * 10_000,
    "true", "TRUE", "False", "yes", "null", "None", "unlimited", "Unlimited", "=1+1", "@SUM(A1)", "+", "-", "x" * 5000,
    "x" * 40_000, "名字", "\u202eabc", "\ufeff", "e\u0301", "\u00e9", "\U0001f600", "\x00", "\x1b[31m", "a\nb", "a\r\nb",
    "'", '"', '""', ";", ";;", "|", "[bold]", "{0}", "%s", "{{ 7 * 7 }}", "<script>alert(1)</script>", ">", "a>b", "a@b",
    ":", "site:", "site:S1", "item:x", "chain:c", "..", "../../etc/passwd", "/etc/passwd", "/dev/zero", "~", "C:\\x", "*",
    "potential", "active", "qualified", "harden", "stock", "stockpile", "requires", "2026", "2026-01-01", "2026-13-45",
    "0001-01-01", "9999", "10000", "-1e-12", "A", " S1", "s1", "S1 ", "a, b", "\ud800", "x_", "60 %", "120%",
)  # fmt: skip

VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 1.5, -0.0, 5e-324, 1e308, -1e308, 1e15, 1e9, 1e-9, float("nan"), float("inf"),
    float("-inf"), 10**30, -(10**30), 10**400, 2**63, 2**31, 9999, 10**4000, "", "x", "名", "\u0000", "1", "2026", "nan",
    [], {}, [[]], [None], [1, 2], ["a", 1], [1.0] * 50, {"a": 1}, {"": None}, [{}], {"a": {"b": {"c": []}}},
)  # fmt: skip

TOML_VALUES = (
    "-1", "0", "1", "2.5", "1e308", "1e-320", '"x"', '""', "nan", "inf", "-inf", "1e400", "[]", "{}", "true", "false",
    "[1, 2, 3]", "[2026]", "[2026, 2027, 2028]", "[-1.0]", '["a"]', "[[1]]", "{ a = 1 }", "2026-01-01", "07:32:00",
    "1979-05-27T07:32:00Z", "99999999999999999999999", "9" * 10_000, "0x10", "'''", '"""', "1_0", "[1, ", "9" * 310,
    '"\\ud800"', '"\\u0000"', "[" * 300 + "]" * 300, "[" * 100_000, '"' + "x" * 50_000 + '"', "\ufeff1", "1 # x", "= 1",
)  # fmt: skip


def nested(depth: int, *, mapping: bool = False) -> Any:
    """A list in a list in a list."""
    value: Any = 1
    for _ in range(depth):
        value = {"a": value} if mapping else [value]
    return value


def text(rng: Random) -> str:
    """A text that is no name, or a very odd one."""
    if rng.random() < 0.1:
        return "".join(
            chr(rng.choice((rng.randrange(128), rng.randrange(0xD800)))) for _ in range(rng.randrange(9))
        )
    if rng.random() < 0.1:
        return repr(rng.choice((-1, 1)) * 10 ** rng.uniform(-320, 308))
    return rng.choice(TEXTS)


def value(rng: Random) -> Any:
    """Any JSON value."""
    draw = rng.random()
    if draw < 0.4:
        return text(rng)
    if draw < 0.45:
        return nested(rng.choice((5, 50, 400, 800)), mapping=rng.random() < 0.5)
    if draw < 0.5:
        return rng.choice((-1, 1)) * 10 ** rng.uniform(-320, 308)
    return rng.choice(VALUES)
