"""A report format of one's own, found through the entry point ``optichain.reports``: a page of Markdown for a wiki.

Run ``python custom_report.py [INSTANCE [FILE.md]]``; without an instance, the shipped quickstart.

The name of the format is the ending of its files, so ``optichain report PATH PLAN -o page.md`` and ``solve --report
page.md`` find it too, once it is installed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from plugging_in import installed

import optichain as oc

if TYPE_CHECKING:
    from collections.abc import Iterator

WORDS = {
    "en": ("Plan", "measure", "from", "units", "before", "with the plan", "expected loss a year"),
    "zh": ("计划", "措施", "启动年份", "数量", "之前", "实施后", "年期望损失"),
}


class MarkdownReport:
    """What is funded, and what it changes, on one page."""

    name = "md"

    def write(self, instance: oc.Instance, plan: oc.Plan, path: Path, *, language: str) -> None:
        """Write the page, whole or not at all."""
        text = "\n".join(self._lines(instance, plan, language)) + "\n"
        draft = path.with_suffix(".part")
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)

    def _lines(self, instance: oc.Instance, plan: oc.Plan, language: str) -> Iterator[str]:
        head, measure, start, units, before, after, loss = WORDS[language]
        titles = instance["measures"].set_index("measure")["title_zh" if language == "zh" else "title"]
        yield f"# {head}: {instance.settings.title}"
        yield ""
        yield f"| | {before} | {after} |"
        yield "| --- | --- | --- |"
        yield f"| ACC | {100 * plan.acc_before:.1f} % | {100 * plan.acc_after:.1f} % |"
        losses = plan.expected_annual_loss_before, plan.expected_annual_loss_after
        yield f"| {loss}, {instance.settings.currency} | {losses[0]:.1f} | {losses[1]:.1f} |"
        yield ""
        yield f"| {measure} | {start} | {units} |"
        yield "| --- | --- | --- |"
        for choice in sorted(plan.choices, key=lambda c: (c.start_year, c.measure)):
            title = str(titles.get(choice.measure, choice.measure)).replace("|", "\\|")
            yield f"| {title} | {choice.start_year} | {choice.units:g} |"


def main(path: str = "quickstart", file: str = "plan.md") -> None:
    """Make a plan and write its page in both languages."""
    instance = oc.load(path)
    plan = oc.reinforce(instance)
    with installed("optichain.reports", "md", "custom_report:MarkdownReport"):
        for language in ("en", "zh"):
            oc.write_report(instance, plan, file, language=language)
            print(Path(file).read_text(encoding="utf-8"))


if __name__ == "__main__":
    main(*sys.argv[1:])
