"use strict";
// The table of all students: sorted, searched, filtered by a check, and drawn 200 rows at a time.
(() => {
  const MOST = 200;
  const data = JSON.parse(document.getElementById("data").textContent);
  const table = document.getElementById("students");
  const heads = [...table.tHead.rows[0].cells];
  const body = table.tBodies[0];
  const search = document.getElementById("search");
  const shown = document.getElementById("shown");
  const clear = document.getElementById("clear");
  const earlier = document.getElementById("earlier");
  const later = document.getElementById("later");
  const checks = [...document.querySelectorAll("[data-check]")];
  const isNumber = data.numbers;
  const texts = data.rows.map((row) => data.searched.map((n) => row.cells[n] ?? "").join("\n").toLowerCase());
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  let order = data.rows.map((_, n) => n);
  let check = null;
  let first = 0;

  function chosen() {
    const words = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    return order.filter((n) =>
      (check === null || data.rows[n].failed.includes(check)) &&
      words.every((word) => texts[n].includes(word)));
  }

  function cell(row, column) {
    const td = document.createElement(column === 0 && row.cells[0] ? "th" : "td");
    const value = row.cells[column];
    const text = value === null ? "" : String(value);
    if (td.tagName === "TH") td.scope = "row";
    if (isNumber[column]) td.className = "number";
    if (column === data.linked && row.href) {
      const link = document.createElement("a");
      link.href = row.href;
      link.textContent = text;
      td.append(link);
    } else {
      td.textContent = text;
    }
    return td;
  }

  function draw() {
    const rows = chosen();
    first = Math.max(0, Math.min(first, Math.floor(Math.max(0, rows.length - 1) / MOST) * MOST));
    const part = rows.slice(first, first + MOST);
    body.replaceChildren(...part.map((n) => {
      const tr = document.createElement("tr");
      tr.append(...heads.map((_, column) => cell(data.rows[n], column)));
      return tr;
    }));
    const what = check === null ? "" : ` that fail ${data.checks[check]}`;
    shown.textContent = rows.length > MOST
      ? `Showing rows ${first + 1} to ${first + part.length} of ${rows.length}${what}; ${data.rows.length} in all.`
      : `Showing ${rows.length} of ${data.rows.length} rows${what}.`;
    earlier.hidden = first === 0;
    later.hidden = first + MOST >= rows.length;
    clear.hidden = check === null;
  }

  function compare(column, sign) {
    return (a, b) => {
      const x = data.rows[a].cells[column];
      const y = data.rows[b].cells[column];
      if (x === y) return a - b;
      if (x === null || x === "") return 1; // what is missing comes last, either way
      if (y === null || y === "") return -1;
      return sign * (isNumber[column] ? x - y : collator.compare(x, y)) || a - b;
    };
  }

  heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
    const up = head.getAttribute("aria-sort") !== "ascending";
    heads.forEach((other) => other.setAttribute("aria-sort", "none"));
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    order.sort(compare(column, up ? 1 : -1));
    first = 0;
    draw();
  }));

  function filter(next) {
    check = next;
    checks.forEach((button) =>
      button.setAttribute("aria-pressed", String(Number(button.dataset.check) === check)));
    first = 0;
    draw();
  }

  checks.forEach((button) => button.addEventListener("click", () => {
    const index = Number(button.dataset.check);
    filter(index === check ? null : index);
    if (check !== null) {
      document.getElementById("students-title").scrollIntoView();
      search.focus({ preventScroll: true });
    }
  }));
  clear.addEventListener("click", () => { filter(null); search.focus(); });
  search.addEventListener("input", () => { first = 0; draw(); });
  earlier.addEventListener("click", () => { first -= MOST; draw(); });
  later.addEventListener("click", () => { first += MOST; draw(); });
  draw();
})();
