"use strict";
// Tables that sort, filter and open out. Without this script every row is simply there.
(() => {
  const say = JSON.parse(document.getElementById("texts").textContent);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
  const make = (tag, properties, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };
  const order = new Intl.Collator(document.documentElement.lang, { numeric: true });

  // What a cell is sorted by: its last number (what it is after the plan, where it shows both), or its text.
  const keyOf = (cell) => {
    const numbers = cell.querySelectorAll(":scope > data, :scope > span > data");
    if (!numbers.length) return cell.textContent.trim();
    const value = numbers[numbers.length - 1].value;
    return value === "" ? null : Number(value);
  };
  const compare = (a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : order.compare(String(a), String(b));

  const roles = { table: "table", thead: "rowgroup", tbody: "rowgroup", tfoot: "rowgroup", tr: "row", td: "cell" };

  // Paper shows every network, the screen again what it showed before.
  const closed = [...document.querySelectorAll("details.picture:not([open])")];
  addEventListener("beforeprint", () => closed.forEach((details) => { details.open = true; }));
  addEventListener("afterprint", () => closed.forEach((details) => { details.open = false; }));

  // The budget switch: one point of a table at a time, taken from its row. Without this script the table says it all.
  for (const box of document.querySelectorAll(".switch")) {
    const table = document.getElementById(box.dataset.table), rows = [...table.tBodies[0].rows];
    const heads = [...table.tHead.rows[0].cells].map((head) => head.textContent.trim());
    const point = box.querySelector(".point"), choices = box.querySelector(".choices");
    const pick = (row) => {
      const figures = make("dl", { className: "facts" });
      [...row.cells].slice(1, -1).forEach((cell, i) => {
        const value = make("dd", {}, ...[...cell.firstElementChild.cloneNode(true).childNodes]);
        figures.append(make("div", {}, make("dt", { textContent: heads[i + 1] }), value));
      });
      const chosen = [...row.cells].at(-1).cloneNode(true);
      for (const details of chosen.querySelectorAll("details.chosen")) details.open = true;
      point.replaceChildren(figures, ...chosen.childNodes);
      for (const other of rows) other.classList.toggle("picked", other === row);
    };
    rows.forEach((row, i) => {
      const input = make("input", { type: "radio", name: box.dataset.table, value: String(i) });
      input.addEventListener("change", () => pick(row));
      choices.append(make("label", {}, input, row.cells[0].textContent.trim()));
      if (i === Number(box.dataset.first ?? 0)) {
        input.checked = true;
        pick(row);
      }
    });
    box.hidden = false;
  }

  // What a mark of a chart tells is shown at once, also where nothing can be pointed with.
  const tip = make("div", { className: "tip", hidden: true });
  document.body.append(tip);
  const tell = (event) => {
    const mark = event.target.closest?.("[data-tip]");
    tip.hidden = !mark;
    if (!mark) return;
    tip.textContent = mark.querySelector("title").textContent;
    const room = document.documentElement.clientWidth - tip.offsetWidth - 8;
    tip.style.left = `${Math.max(8, Math.min(event.clientX + 12, room))}px`;
    tip.style.top = `${event.clientY + 16}px`;
  };
  for (const chart of document.querySelectorAll(".chart")) {
    chart.addEventListener("pointermove", tell);
    chart.addEventListener("pointerdown", tell);
    chart.addEventListener("pointerleave", () => { tip.hidden = true; });
  }

  for (const box of document.querySelectorAll(".table")) {
    const table = box.querySelector("table"), body = table.tBodies[0];
    const rows = [...body.rows], heads = [...table.tHead.rows[0].cells];
    const most = Number(box.dataset.most), caption = table.caption.textContent.trim();
    // Rows that are laid out as cards would lose what they are to a screen reader.
    table.setAttribute("role", "table");
    for (const part of table.querySelectorAll("thead, tbody, tfoot, tr, td")) {
      part.setAttribute("role", roles[part.localName]);
    }
    for (const head of table.querySelectorAll("th")) {
      head.setAttribute("role", head.scope === "col" ? "columnheader" : "rowheader");
    }
    if (rows.length < 3) continue;

    let wanted = "", open = rows.length <= most + 2;
    const found = make("span", { role: "status" });
    const more = make("button", { type: "button", className: "more" });
    const paper = make("p", { className: "note paper" });
    const show = () => {
      const fitting = [...body.rows].filter((row) => row.textContent.toLowerCase().includes(wanted));
      const kept = new Set(open || wanted ? fitting : fitting.slice(0, most));
      for (const row of rows) row.hidden = !kept.has(row);
      const missing = rows.length - kept.size;
      found.textContent = wanted ? fill(say.found, { found: kept.size, total: rows.length }) : "";
      more.hidden = open || Boolean(wanted);
      more.textContent = fill(say.more, { count: missing });
      paper.hidden = missing === 0;
      paper.textContent = fill(say.paper, { count: missing });
    };
    const sort = (column, direction) => {
      const sorted = rows
        .map((row) => [keyOf(row.cells[column]), row])
        .sort(([a], [b]) => (a === null) - (b === null) || direction * compare(a, b));
      body.append(...sorted.map(([, row]) => row));
      heads.forEach((head, i) => {
        if (i === column) head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
        else head.removeAttribute("aria-sort");
      });
      show();
    };
    heads.forEach((head, column) => {
      const button = make("button", { type: "button" }, ...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const first = head.classList.contains("n") ? "descending" : "ascending";
        const now = head.getAttribute("aria-sort") ?? (first === "ascending" ? "descending" : "ascending");
        sort(column, now === "ascending" ? -1 : 1);
      });
    });

    const tools = make("div", { className: "tools" });
    if (rows.length > 8) {
      const input = make("input", { type: "search", autocomplete: "off", placeholder: say.filter });
      input.setAttribute("aria-label", `${say.filter}: ${caption}`);
      input.addEventListener("input", () => {
        wanted = input.value.trim().toLowerCase();
        show();
      });
      tools.append(input);
    }
    const choice = make("select", {}, make("option", { value: "", textContent: "–" }));
    heads.forEach((head, i) => choice.append(make("option", { value: i, textContent: head.textContent.trim() })));
    choice.addEventListener("change", () => {
      if (choice.value !== "") sort(Number(choice.value), heads[choice.value].classList.contains("n") ? -1 : 1);
    });
    tools.append(make("label", { className: "sort" }, `${say.sort} `, choice), found);
    more.addEventListener("click", () => {
      open = true;
      show();
      table.tabIndex = -1;
      table.focus({ preventScroll: true });
    });
    box.prepend(tools);
    box.append(more, paper);
    show();
  }
})();
