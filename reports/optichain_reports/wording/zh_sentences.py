"""The sentences of the engine in Chinese, by code; a blank says after a colon how it is written."""

from __future__ import annotations

from typing import Final

__all__ = ["ZH_SENTENCES", "ZH_WORDS"]

ZH_SENTENCES: Final[dict[str, str]] = {
    # what a decision is
    "one-start": "措施“{measure}”至多启动一次",
    "units-at-most": "措施“{measure}”至多 {most:number} 份",
    "units-when-it-starts": "措施“{measure}”一旦启动，至少一份",
    "fewer-units": "措施“{measure}”少于 {units:number} 份（在有此说明之处）",
    "more-units": "措施“{measure}”多于 {units:number} 份（在有此说明之处）",
    "kept-as-announced": "措施“{measure}”只有为 {units:number} 份时才算按已公布的方案保留",
    "measure-held": "措施“{measure}”保留在内",
    "policy-held": "政策“{policy}”保留在内",
    # one chain, one policy
    "starts-with-its-chain": "措施“{measure}”在产业链“{chain}”纳入支持的当年启动",
    "one-policy": "产业链“{chain}”只纳入支持一次：其全部措施在同一年启动",
    "chain-buys": "产业链“{chain}”纳入支持时至少采取一项措施",
    "catalogue": "产业链“{chain}”从其政策目录（{policies}）中恰取一项，或一项不取",
    "only-in-its-policy": "措施“{measure}”只能作为产业链“{chain}”所选政策的一部分入选",
    "units-of-its-policy": "措施“{measure}”的份数由产业链“{chain}”的政策给定",
    "one-claimed-policy": "产业链“{chain}”从其申报的政策中恰取一项，或一项不取",
    "taken-in-once": "产业链“{chain}”只纳入支持一次",
    # money and quotas
    "money-at-hand": "{year} 年可用的资金",
    "spending": "{year} 年支出不超过可用资金",
    "spending-of-budget": "{year} 年支出不超过可用资金（预算 {budget:money}）",
    "spending-beside-commitments": (
        "{year} 年支出不超过可用资金（预算 {budget:money}，其中在执行支持 {committed:money}）"
    ),
    "intake-between": "{year} 年新纳入支持的产业链为 {least:number} 至 {most:number} 条",
    "intake-at-least": "{year} 年新纳入支持的产业链不少于 {least:number} 条",
    "support-at-least": "产业链“{chain}”自 {start} 年起受支持：其 {year} 年支持额不少于 {least:money}",
    "support-at-most": "产业链“{chain}”自 {start} 年起受支持：其 {year} 年支持额不超过 {most:money}",
    "limit-at-least": "限额“{limit}”：{year} 年{scope}的{on:limited}不少于 {least:number}",
    "limit-at-most": "限额“{limit}”：{year} 年{scope}的{on:limited}不超过 {most:number}",
    "limit-between": "限额“{limit}”：{year} 年{scope}的{on:limited}为 {least:number} 至 {most:number}",
    "money-limit-at-least": "限额“{limit}”：{year} 年{scope}的支出不少于 {least:money}",
    "money-limit-at-most": "限额“{limit}”：{year} 年{scope}的支出不超过 {most:money}",
    "money-limit-between": "限额“{limit}”：{year} 年{scope}的支出为 {least:money}至 {most:money}",
    "money-limit-open": "限额“{limit}”：{year} 年{scope}的支出，未给数值",
    "limit-open": "限额“{limit}”：{year} 年{scope}的{on:limited}，未给数值",
    "of-all": "全部对象",
    "of-kind": "{kind:scope}“{target}”",
    # measures
    "requires": "措施“{measure}”要求同时选取“{other}”，且后者启动不得更晚",
    "excludes": "措施“{measure}”与“{other}”互斥",
    "required": "措施“{measure}”必须在规划期内启动",
    "asked-for": "要求包含措施“{measure}”",
    "asked-for-with-units": "要求包含措施“{measure}”，共 {units:number} 份",
    "ruled-out": "措施“{measure}”已被排除",
    "row-of-the-user": "用户规则第 {number} 行：{sense:sense} {right:number}",
    # what the network with the plan has to reach
    "acc-at-least": "ACC（计入年份的平均值）不低于 {least:percent}",
    "autonomy-at-least": "方案全部见效后，{chains}的自主程度不低于 {least:percent}",
    "autonomy-not-with-these": "自主程度不低于 {least:percent}；这些措施合起来只能达到：{left}",
    "autonomy-of": "{chain} {autonomy:percent}",
    "spof-cleared": "消除单点故障 {spof}：启动 {measures} 之一",
    "spof-cleared-if": "消除单点故障 {spof}：若启动 {condition}，则启动 {measures} 之一",
    "spof-not-cleared": "消除单点故障 {spof}：没有措施能做到，请列为例外或提出一项措施",
    "spof-not-cleared-if": "消除单点故障 {spof}：若启动 {condition}，没有措施能做到，请列为例外或提出一项措施",
    "spof": "{kind:kind}“{element}”（使“{demand}”中断）",
    # warnings that the tables alone show
    "unused-item": "物项“{item}”既无需求，也不是任何产品的投入",
    "unused-site": "场所“{site}”既没有来源，也没有运输线",
    "idle-lane": "运输线“{lane}”的起点与终点是同一场所",
    "chain-without-demand": "产业链“{chain}”没有需求，因此权重为 0",
    "chain-without-measures": "产业链“{chain}”没有措施",
    "owner-without-sites": "链主企业“{enterprise}”没有场所",
    "measure-without-effects": "措施“{measure}”没有任何效果",
    "policy-without-measures": "政策“{policy}”没有措施",
    "event-without-hits": "情景“{event}”没有击中任何对象，因此什么也不会发生",
    "needless-amount": "填写了 {amount:number}，但{effect:effect}不需要数量：该数不起作用",
    "nothing-to-switch": "为“{target}”填写了缩短切换时间，但其中没有备选或潜在的来源",
    "partial-loss-of-unlimited": "填写的损失为 {loss:percent}，但“{name}”产能无限，损失未达 100% 时仍为无限",
    "partial-hardening-of-unlimited": "填写的加固为 {amount:percent}，但“{name}”产能无限：任何加固都能使其全部保住",
    "more-of-this-kind": "另有 {count:number} 处同类问题未列出",
    # warnings that the compiled network shows
    "unserved-demand": "即使没有任何失效，每{unit:unit}也只能满足 {wanted:number} 中的 {served:number}",
    "demand-not-tested": "有 {count:number} 项需求能否满足未经测试：其网络过大",
    "idle-hit": "对{kind:kind}“{target}”的冲击不影响任何活动：不产生任何变化",
    "idle-protection": "对“{target}”的{effect:effect}不影响任何活动：不产生任何变化",
    "mostly-without-annual-probability": (
        "产业链“{chain}”所依赖的 {sites:number} 个场所中，有 {count:number} 个没有自己的年发生概率"
    ),
    "mostly-without-recovery-time": (
        "产业链“{chain}”所依赖的 {sites:number} 个场所中，有 {count:number} 个没有自己的恢复时间"
    ),
    # assumptions
    "estimated-capacity": "“{source}”的产能未知：假定为每{unit:unit} {capacity:number}（{basis:basis} × {factor:number}）",
    "defaulted-recovery-time": "{kind:kind}“{name}”的恢复时间未知：假定为 {value:number} {unit:unit}",
    "defaulted-annual-probability": "{kind:kind}“{name}”的年发生概率未知：假定为每年 {value:percent}",
    "group-without-event": "组“{group}”既没有发生概率，也没有恢复时间：其共同失效未经测试",
    "unknown-own-ip": "“{source}”是否为自有知识产权不明：计算自主程度下限时按“不是”计",
    "not-mapped": "“{item}”的供应商不明：其上游均未经测试",
    "guessed": "“{key}”为推测（C 级）",
    "guessed-by": "“{key}”为推测，由{who}填报（C 级）",
    "guessed-because": "“{key}”为推测：{note}",
    "guessed-by-because": "“{key}”为推测，由{who}填报：{note}",
    "contradicted": "“{key}”的数据相互矛盾：{conflict}",
    # rules that a list of measures breaks, beside those of the first stage
    "already-running": "措施“{measure}”自 {year} 年起已在支持之中",
    "chain-already-running": "措施“{measure}”：产业链“{chain}”已在支持之中，不再重新纳入",
    "outside-the-planning-years": "措施“{measure}”在 {year} 年启动，不在规划期 {first} 至 {last} 年之内",
    "units-not-allowed": "措施“{measure}”为 {units:number} 份，应为 1 至 {most:number} 的整数",
    "acc-too-low": "ACC（计入年份的平均值）为 {acc:percent}，要求 {least:percent}",
    "autonomy-too-low": "产业链“{chain}”的自主程度为 {autonomy:percent}，要求 {least:percent}",
    "spof-left": "单点故障 {spof} 仍然存在",
    # changes from an earlier plan
    "not-in-the-data": "新数据中已没有它",
    "breaks-as-announced": "若按已公布的方案，将违反：{rules}",
    "breaks-more-as-announced": "若按已公布的方案，将违反：{rules}；另有 {more:number} 条",
    "breaks-without": "若没有它，方案将违反：{rules}",
    "breaks-more-without": "若没有它，方案将违反：{rules}；另有 {more:number} 条",
    "improves": "在其他措施不变时，使目标值改善 {gain:number}",
    "worse-as-announced": "若按已公布的方案，目标值将变差 {gain:number}",
    "same-as-announced": "若按已公布的方案，目标值不变（在差距之内）",
    # no plan
    "no-plan": "没有方案能同时遵守全部规则；所涉及的规则：{rules:rule}",
    "clash": "没有方案能遵守全部规则；以下规则相互冲突：{rules}",
    "smallest-clash": "没有方案能遵守全部规则；相互冲突的最小规则组：{rules}",
    "clash-and-relaxation": "{clash}。使方案得以存在的最小放宽：{moves}",
    "clashing-rule": "{rule:rule}：{message}",
    "relaxed-rule": "{rule:rule}：{message}：放宽 {amount:number}，至 {bound:number}",
    "solver-failed": "求解器 {solver} 未给出结果即告终止：{told}",
    "solver-stopped": "求解器 {solver} 在找到任何方案之前停止（{told}）；请给予更多时间",
    "portfolio-stopped": "组合求解在找到任何方案之前停止；请给予更多时间",
    "limit-before-a-plan": "在找到遵守全部规则的方案之前已到限制；请给予更多时间",
    # evidence that a plan does not allow
    "claimed-policies": "方案含有网络未知的产业链的政策",
    "worst-case-once": "针对最坏失效的方案在此不再重新求解",
    "frontier-without-autonomy": "预算前沿无法遵守对自主程度的限制",
    "no-plan-in-time": "在给定时间内，按现有预算未找到方案",
}

ZH_WORDS: Final[dict[str, dict[str, str]]] = {
    "basis": {
        "volume": "正常流量",
        "share": "份额所对应的用量",
        "equal part": "用量的均分",
        "mean of active": "在用来源的平均值",
    },
    "effect": {
        "harden": "加固",
        "recover": "加快恢复",
    },
    "limited": {"new_chains": "新纳入产业链数", "measures": "措施数"},
    "scope": {
        "cluster": "集群",
        "region": "地区",
        "measure_kind": "措施类别",
        "chain": "产业链",
        "enterprise": "链主企业",
    },
    "sense": {"<=": "≤", ">=": "≥", "==": "="},
}
"""Words for what a field holds, by how its blank is written; those of rules and kinds stand with the fixed texts."""
