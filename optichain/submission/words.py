"""Words of the chain owner's workbook in Chinese beside English, and the guide on its first sheet."""

from __future__ import annotations

from typing import Final

__all__ = ["GUIDE", "WORDS", "spoken"]

WORDS: Final[dict[str, str]] = {
    "active": "在用",
    "qualified": "已认证",
    "potential": "潜在",
    "yes": "是",
    "no": "否",
    "not_applicable": "不适用",
    "true": "是",
    "false": "否",
    "A": "实测",
    "B": "申报",
    "C": "推测",
    "qualify": "认证替代来源",
    "expand": "扩大产能",
    "stockpile": "建立储备",
    "harden": "加固",
    "recover": "加快恢复",
    "switch": "缩短切换",
    "own_ip": "自主知识产权",
    "second_source": "第二来源",
    "substitute": "替代品",
    "capacity": "产能",
    "stock": "库存",
    "hardening": "加固",
    "recovery": "恢复",
    "digital": "数字化",
    "logistics": "物流",
    "finance": "金融",
    "other": "其他",
}
"""Chinese for the words that a cell may choose from."""


def spoken(word: str) -> str:
    """Return a word as the drop-downs show it: ``active 在用``."""
    return f"{word} {WORDS[word]}" if word in WORDS else word


GUIDE: Final = (
    ("产业链韧性填报表", "Resilience of an industrial chain: submission of the chain owner"),
    (
        "1  先填“链 Chain”，再填环节、供应商、措施；通常三十行左右。",
        "Fill Chain first, then items, suppliers and measures: some thirty rows in all.",
    ),
    (
        "2  蓝色表头必填；每个表头有说明，选项可从下拉列表选择。",
        "Blue headers must be filled; each header has a comment, and words are chosen from lists.",
    ),
    (
        "3  产品本身也要在“供应商 Suppliers”中有一行（通常是链主自己的工厂）。",
        "The product itself needs a row in Suppliers too: the chain owner's own plant.",
    ),
    (
        "4  每个环节至少一家供应商；无人知晓时企业填 unknown，可信度填 C。",
        "Every item needs a supplier; where nobody knows it, write unknown and grade C.",
    ),
    (
        "5  一项措施有多个效果时，每个效果一行，费用只填首行。",
        "A measure with several effects has a row for each; its costs stand in the first.",
    ),
    (
        "6  完成后用下列命令逐格检查。",
        "Then let every cell be checked: optichain submission FILE.xlsx -o DIR",
    ),
)
"""Lines of the first sheet, in Chinese and English."""
