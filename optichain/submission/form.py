"""The chain owner's workbook as data: sheets and columns, in English and Chinese.

Columns are those of tables (`optichain.instance.schema`), so that cells are understood by the same rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from optichain.instance.kinds import EFFECTS, MEASURE_KINDS, STATUSES
from optichain.instance.schema import Column, Table

__all__ = ["CHAIN", "FORM", "WEEKS_A_MONTH", "WEEKS_A_YEAR", "FormSheet"]

WEEKS_A_YEAR: Final = 52.0
WEEKS_A_MONTH: Final = WEEKS_A_YEAR / 12.0


@dataclass(frozen=True)
class FormSheet:
    """One sheet of the workbook.

    Attributes
    ----------
    table : Table
        Its columns; the table's name is that of the sheet in English.
    title : str
        Name of the sheet.
    zh : dict of str to (str, str)
        Label and description of each column in Chinese.
    """

    table: Table
    title: str
    zh: dict[str, tuple[str, str]]


def _sheet(name: str, title: str, key: tuple[str, ...], *columns: tuple[Column, str, str]) -> FormSheet:
    table = Table(name, title, key, tuple(column for column, _, _ in columns), required=True)
    return FormSheet(table, title, {column.name: (label, text) for column, label, text in columns})


def _c(
    name: str, kind: Any, text: str, label: str, zh: str, *, required: bool = False, **facts: Any
) -> tuple[Column, str, str]:
    return Column(name, kind, text, required=required, **facts), label, zh


def _provenance() -> tuple[tuple[Column, str, str], ...]:
    grade = _c(
        "grade",
        "choice",
        "How well it is known: A measured, B stated, C guessed.",
        "可信度",
        "A 实测，B 申报，C 推测。",
        choices=("A", "B", "C"),
        meaning_of_blank="B",
    )
    return grade, _c("note", "text", "Anything worth keeping beside the row.", "备注", "需要说明的事项。")


def _status(text: str, zh: str) -> tuple[Column, str, str]:
    return _c("status", "choice", text, "状态", zh, choices=STATUSES, default="active")


_MONTHS: Final = _c(
    "months_to_switch",
    "number",
    "Months until it delivers, once it is needed (qualified) or after a measure (potential).",
    "认证/切换月数",
    "启用前所需月数。",
    minimum=0.0,
    unit="months",
    default=0.0,
)

CHAIN: Final = _sheet(
    "chain",
    "链 Chain",
    ("chain",),
    _c("chain", "name", "Code of the chain.", "链编号", "产业链的编号。", required=True),
    _c("title", "text", "What people call it.", "英文名称", "产业链的英文名称。"),
    _c("title_zh", "text", "What people call it in Chinese.", "中文名称", "产业链的中文名称。"),
    _c("cluster", "text", "Cluster it belongs to.", "产业集群", "所属产业集群。"),
    _c("region", "text", "Region of the chain.", "地区", "所在地区。"),
    _c("owner", "name", "Chain owner: legal name.", "链主企业", "链主企业全称。", required=True),
    _c(
        "owner_code",
        "text",
        "Unified social credit code of the chain owner.",
        "统一社会信用代码",
        "链主企业的统一社会信用代码。",
    ),
    _c("submitted_by", "text", "Who answers for this workbook.", "填报单位", "填报责任单位。", required=True),
    _c("product", "name", "Code of the product.", "产品", "产品编号或名称。", required=True),
    _c("product_zh", "text", "The product in Chinese.", "产品中文名", "产品的中文名称。"),
    _c("unit", "text", "Unit that it is counted in.", "计量单位", "产品的计量单位。"),
    _c(
        "annual_demand",
        "number",
        "Units wanted a year.",
        "年需求量",
        "每年需求数量。",
        required=True,
        positive=True,
        unit="units a year",
    ),
    _c(
        "unit_value",
        "number",
        "Worth of serving one unit.",
        "单位价值",
        "每单位产品的价值。",
        required=True,
        positive=True,
        unit="money",
    ),
    _c("currency", "text", "Unit of all money.", "货币单位", "全部金额的单位。", default="CNY million"),
)

FORM: Final[dict[str, FormSheet]] = {
    "items": _sheet(
        "items",
        "环节 Items",
        ("item", "used_in"),
        _c(
            "item",
            "name",
            "Part, material, technology or service.",
            "环节",
            "零部件、材料、技术或服务。",
            required=True,
        ),
        _c("title_zh", "text", "In Chinese.", "中文名称", "中文名称。"),
        _c("unit", "text", "Unit that it is counted in.", "计量单位", "计量单位。"),
        _c(
            "used_in",
            "text",
            "What consumes it.",
            "用于",
            "用于哪个环节或产品。",
            meaning_of_blank="the product",
        ),
        _c(
            "quantity",
            "number",
            "Units of it in one unit of what consumes it.",
            "单耗",
            "每单位用量。",
            positive=True,
            unit="units",
            default=1.0,
        ),
        _c(
            "instead_of",
            "text",
            "The item that it can stand in for, in the same place.",
            "可替代",
            "在同一用途中可替代哪个环节。",
            meaning_of_blank="it is needed itself",
        ),
        _status("Of a substitute: in use, qualified, or possible.", "替代品的状态：在用、已认证或潜在。"),
        _MONTHS,
        _c(
            "weeks_of_cover",
            "number",
            "How long what is held lasts.",
            "库存周数",
            "现有库存可维持的周数。",
            minimum=0.0,
            unit="weeks",
        ),
        _c(
            "mapped",
            "boolean",
            "Whether its own suppliers are known.",
            "上游已摸清",
            "其上游供应商是否已摸清。",
            default=True,
        ),
        *_provenance(),
    ),
    "suppliers": _sheet(
        "suppliers",
        "供应商 Suppliers",
        ("item", "enterprise", "site"),
        _c(
            "item",
            "text",
            "What it supplies; the product too.",
            "环节",
            "供应的环节，含产品本身。",
            required=True,
        ),
        _c("enterprise", "name", "Legal name.", "企业", "企业全称。", required=True),
        _c(
            "enterprise_code",
            "text",
            "Unified social credit code: the same code is the same enterprise.",
            "统一社会信用代码",
            "代码相同即为同一企业。",
        ),
        _c("site", "name", "The plant.", "厂区", "生产厂区。", meaning_of_blank="the enterprise's name"),
        _c("region", "name", "Region of the plant.", "地区", "厂区所在地区。"),
        _c("country", "name", "Country of the plant.", "国家", "厂区所在国家。"),
        _c(
            "share",
            "number",
            "Share of the item that it normally supplies.",
            "份额",
            "正常供应份额。",
            minimum=0.0,
            maximum=100.0,
            unit="percent",
        ),
        _c(
            "annual_capacity",
            "number",
            "Most that it can supply a year.",
            "年产能",
            "每年最大供应量。",
            minimum=0.0,
            unit="units a year",
            unlimited="word",
            meaning_of_blank="unknown: estimated from the share",
        ),
        _status("In use, qualified (approved, not used), or possible.", "在用、已认证（未启用）或潜在。"),
        _MONTHS,
        _c(
            "recovery_weeks",
            "number",
            "How long the plant stays down.",
            "恢复周数",
            "厂区停产后的恢复周数。",
            minimum=0.0,
            unit="weeks",
            meaning_of_blank="the default of the programme",
        ),
        _c(
            "annual_probability",
            "number",
            "Chance of a stop in a year.",
            "年停产概率",
            "一年内停产的概率。",
            minimum=0.0,
            maximum=1.0,
            meaning_of_blank="the default of the programme",
        ),
        _c(
            "own_ip",
            "choice",
            "Whether it rests on own intellectual property.",
            "自主知识产权",
            "是否基于自主知识产权。",
            choices=("yes", "no", "not_applicable"),
            meaning_of_blank="unknown",
        ),
        _c(
            "groups",
            "labels",
            "What it shares with others and fails with.",
            "共因组",
            "共同失效的因素，以分号分隔。",
        ),
        *_provenance(),
    ),
    "measures": _sheet(
        "measures",
        "措施 Measures",
        ("measure", "effect", "item", "site"),
        _c("measure", "name", "Code of the measure.", "措施", "措施编号。", required=True),
        _c("title", "text", "What is done; in its first row.", "名称", "措施名称（填首行）。"),
        _c("title_zh", "text", "In Chinese.", "中文名称", "中文名称。"),
        _c("kind", "choice", "What sort of measure.", "类别", "措施类别。", choices=MEASURE_KINDS),
        _c(
            "effect",
            "choice",
            "What it does: qualify, expand (units a year), stockpile (weeks of cover), harden (percent of a loss "
            "avoided), recover (weeks sooner), switch (weeks sooner), own_ip.",
            "效果",
            "认证、扩产（每年数量）、储备（周数）、加固（避免损失的百分比）、恢复（提前周数）、切换（提前周数）、自主知识产权。",
            required=True,
            choices=EFFECTS,
        ),
        _c("item", "text", "To which item.", "环节", "针对的环节。"),
        _c("site", "text", "At which plant.", "厂区", "针对的厂区。"),
        _c("amount", "number", "How much, in the unit of the effect.", "数量", "效果的数量。", minimum=0.0),
        _c(
            "cost_1",
            "number",
            "Cost in the first year; in its first row.",
            "第一年费用",
            "填首行。",
            minimum=0.0,
            unit="money",
        ),
        _c(
            "cost_2",
            "number",
            "In the second year.",
            "第二年费用",
            "第二年费用。",
            minimum=0.0,
            unit="money",
            default=0.0,
        ),
        _c(
            "cost_3",
            "number",
            "In the third year.",
            "第三年费用",
            "第三年费用。",
            minimum=0.0,
            unit="money",
            default=0.0,
        ),
        _c(
            "co_funding",
            "number",
            "Paid by others.",
            "自筹",
            "其他资金。",
            minimum=0.0,
            unit="money",
            default=0.0,
        ),
        _c(
            "lead_time",
            "whole",
            "Years until it works.",
            "见效年数",
            "见效所需整年数。",
            minimum=0.0,
            unit="years",
            default=0,
        ),
        _c(
            "max_units",
            "whole",
            "Most units that can be bought.",
            "最多份数",
            "最多可购份数。",
            minimum=1.0,
            default=1,
        ),
        _c("owner", "text", "Who carries it out.", "实施单位", "实施单位。"),
        _c("indicator", "text", "How its success is seen.", "考核指标", "考核指标。"),
        *_provenance(),
    ),
}
