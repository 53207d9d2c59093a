// Draws the figures of the page from the JSON beside it. Uses D3 and Observable Plot, which are in the page, and nothing else.
// Texts come in as text, never as markup: what a report says cannot become a part of the page.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const $ = (selector, from = document) => from.querySelector(selector);
  const remembered = (key) => { try { return localStorage.getItem("gongkai." + key); } catch { return null; } };
  const remember = (key, value) => { try { localStorage.setItem("gongkai." + key, value); } catch { /* a file that may not */ } };

  // ---- language and names

  let language = remembered("lang") ?? (navigator.language.startsWith("zh") ? "zh" : "en");
  const t = (key, ...values) => values.reduce((text, value, i) => text.replaceAll(`{${i}}`, value), data.words[key][language]);
  const either = (zh, en) => (language === "zh" ? zh ?? en : en ?? zh);
  const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
  const whole = new Intl.NumberFormat("en");
  const number = (n) => (n == null ? "–" : whole.format(n));
  const short = (n) => (n < 10000 ? whole.format(n) : new Intl.NumberFormat(either("zh-CN", "en"), { notation: "compact", maximumFractionDigits: 1 }).format(n));
  // Neither "100 %" nor "0 %" unless it is all or nothing.
  const percent = (part, all) => {
    if (!all) return "–";
    const share = (100 * part) / all;
    if (part > 0 && share < 0.05) return "<0.1 %";
    if (part < all && share >= 99.95) return ">99.9 %";
    return share.toFixed((share > 0 && share < 9.95) || (share > 99 && share < 100) ? 1 : 0) + " %";
  };
  // In a small cell: whole numbers.
  const rough = (part, all) => {
    if (!all) return "";
    const share = (100 * part) / all;
    return part > 0 && share < 1 ? "<1%" : part < all && share > 99 ? ">99%" : Math.round(share) + "%";
  };
  const regions = new Map(data.regions.map(([code, zh, en]) => [code, { zh, en }]));
  const regionName = (code) => (regions.has(code) ? either(regions.get(code).zh, regions.get(code).en) : code);
  const scopeNames = new Map(data.scopes.map(([code, zh, en]) => [code, [zh, en]]));
  const scopeName = (code) => (scopeNames.has(code) ? either(...scopeNames.get(code)) : code);
  const levelName = (level) => t("level." + (level ?? "unknown"));
  const yearName = (year) => (year > 0 ? String(year) : t("year.unknown"));
  const rules = new Map(data.rules.map(([code, severity, zh, en, summary]) => [code, { severity, zh, en, summary }]));
  const ruleName = (code) => `${code} ${rules.has(code) ? either(rules.get(code).zh, rules.get(code).en) : ""}`;
  const severities = ["error", "warning", "info"];
  const statusName = (status) => (data.words["status." + status] ? t("status." + status) : status);

  // ---- data

  const rowsOf = (figure) => {
    const { columns, rows } = data.figures[figure];
    return rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]])));
  };
  const figures = Object.fromEntries(Object.keys(data.figures).map((name) => [name, rowsOf(name)]));
  const sum = (rows, column) => d3.sum(rows, (row) => row[column]);
  const years = [...new Set(figures.reports.map((row) => row.year).filter((year) => year > 0))].sort(d3.ascending);
  const span = years.length && d3.max(years) - d3.min(years) < 30 ? d3.range(d3.min(years), d3.max(years) + 1) : years;
  const listed = data.listed.rows.map((row) => Object.fromEntries(data.listed.columns.map((column, i) => [column, row[i]])));
  const findingOf = ([code, table, item, column, message, raw, expected, actual]) => ({ code, table, item, column, message, raw, expected, actual });
  const agencies = data.agencies.rows.map(([id, name, region, level, years, names]) => {
    const of = regions.get(region) ?? { zh: region, en: region };
    return { id, name, region, level: data.agencies.levels[level] ?? null, years, names, search: [name, names, of.zh, of.en].filter(Boolean).join(" ").toLowerCase() };
  });
  for (const report of listed) {
    report.findings = report.findings.map(findingOf);
    const words = report.missing.split(",").map((word) => BigInt("0x" + (word || "0")));
    report.lacks = (bit) => ((words[Math.floor(bit / 64)] ?? 0n) >> BigInt(bit % 64) & 1n) === 1n;
  }
  // ---- the filter of the page

  const LEVELS = ["central", "province", "prefecture", "county", "township", null];
  const SCOPES = data.scopes.map(([code]) => code);
  const filter = { level: "", scope: "" };
  const BOTH = ["level", "scope"];
  // Whether a row passes the filter, or the part of it that a figure can follow.
  const kept = (row, by = BOTH) => by.every((key) => filter[key] === "" || String(row[key] ?? null) === filter[key]);
  const conditions = (by = BOTH, level = "level") => by.filter((key) => filter[key] !== "").map((key) => {
    const column = key === "level" ? level : key;
    return filter[key] === "null" ? `${column} IS NULL` : `${column} = '${filter[key]}'`;
  });
  // What a figure follows; those that are not named follow both.
  const FOLLOWS = { "coverage-map": ["level"], "coverage-table": ["level"], "captures-status": [], "captures-reasons": [], "worst-agencies": [], "agency-years": [], "changes-rows": [] };

  const formOf = (code) => data.forms.find((form) => form.code === code);

  // ---- small parts of the page

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value == null || value === false) continue;
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else element.setAttribute(name, value);
    }
    element.append(...children.flat().filter((child) => child != null));
    return element;
  };
  const empty = (host, key) => host.replaceChildren(make("p", { class: "empty" }, t(key)));
  const safe = (uri) => (/^https?:\/\//i.test(uri ?? "") ? uri : null);
  const hostOf = (uri) => uri.replace(/^https?:\/\//i, "").split("/")[0];
  const code = (text) => make("code", {}, text);

  function copied(text) {
    const shown = code(text);
    const button = make("button", { type: "button", onclick: () => {
      const range = document.createRange();
      range.selectNodeContents(shown);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      const done = () => { button.textContent = t("copied"); };
      navigator.clipboard?.writeText(text).then(done, () => document.execCommand("copy") && done());
    } }, t("copy"));
    return make("div", { class: "command" }, shown, button);
  }

  // A choice among a chart's ways; it is kept when the chart is drawn again.
  const choices = {};
  function choose(host, id, label, options, draw) {
    const valid = options.some(([value]) => value === choices[id]);
    if (!valid) choices[id] = options[0]?.[0];
    const select = make("select", { "aria-label": label, title: label }, options.map(([value, text]) => make("option", { value }, text)));
    select.value = choices[id];
    select.addEventListener("change", () => { choices[id] = select.value; draw(); });
    host.append(select);
    return choices[id];
  }

  function legend(host, items) {
    host.append(make("ul", { class: "legend" }, items.map(([color, text, hollow]) =>
      make("li", {}, make("i", { style: `background:${color}`, class: hollow ? "hollow" : null }), text))));
  }

  // ---- tables that sort and filter

  // columns: {key, label, number?, wide?, text?(row), cell?(row)}; text is what is shown, filtered by and, without value, sorted by.
  function table(host, columns, rows, { order = null, limit = 15, filter = rows.length > 8, cards = false, total = null } = {}) {
    let sorted = order ?? null;
    let shown = limit;
    let wanted = "";
    const textOf = (column, row) => {
      const value = column.text ? column.text(row) : row[column.key];
      return value == null ? (column.number ? "–" : "") : column.number && !column.text ? number(value) : String(value);
    };
    const body = make("tbody");
    const count = make("span", { class: "count", role: "status" });
    const more = make("button", { type: "button", class: "more", onclick: () => { shown += 50; fill(); } });
    const heads = columns.map((column) => make("th", { scope: "col", class: column.number ? "number" : null, "data-key": column.key },
      make("button", { type: "button", onclick: () => {
        const again = sorted?.[0] === column.key;
        sorted = [column.key, again ? (sorted[1] === "descending" ? "ascending" : "descending") : column.number ? "descending" : "ascending"];
        fill();
      } }, column.label)));
    function fill() {
      const needle = wanted.trim().toLowerCase();
      let matching = needle ? rows.filter((row) => columns.some((c) => textOf(c, row).toLowerCase().includes(needle))) : [...rows];
      if (sorted) {
        const column = columns.find((c) => c.key === sorted[0]);
        const value = (row) => (column.number ? row[column.key] : textOf(column, row));
        const before = sorted[1] === "descending" ? d3.descending : d3.ascending;
        // What is not known comes last, either way.
        matching = d3.sort(matching, (a, b) => (value(a) == null) - (value(b) == null) || before(value(a), value(b)));
      }
      heads.forEach((head, i) => {
        if (sorted?.[0] === columns[i].key) head.setAttribute("aria-sort", sorted[1]);
        else head.removeAttribute("aria-sort");
      });
      body.replaceChildren(...matching.slice(0, shown).map((row) => make("tr", {}, columns.map((c) =>
        make("td", { class: c.number ? "number" : c.wide ? "wide" : null, "data-label": cards ? c.label : null }, c.cell ? c.cell(row) : textOf(c, row))))));
      const visible = Math.min(shown, matching.length);
      count.textContent = t("table.count", number(visible), number(total ?? matching.length));
      more.textContent = t("table.more", number(Math.min(50, matching.length - visible)));
      more.hidden = visible >= matching.length;
    }
    const search = filter ? make("input", { type: "search", placeholder: t("table.filter"), "aria-label": t("table.filter"), oninput: (event) => { wanted = event.target.value; shown = limit; fill(); } }) : null;
    host.replaceChildren(
      make("div", { class: "bar" }, count, search),
      make("div", { class: "scroll" }, make("table", { class: cards ? "cards" : null }, make("thead", {}, make("tr", {}, heads)), body)), more);
    fill();
  }

  // The rows behind a chart, with the query that gives them. Made when somebody opens them.
  function behindChart(figure, name, keep = () => true) {
    const details = $("details.rows", figure);
    const show = () => {
      if (!details.open) return;
      const { columns, sql } = data.figures[name];
      const by = (FOLLOWS[figure.id] ?? BOTH).filter((key) => columns.includes(key));
      const only = name === "received" ? [] : conditions(by);
      $(".query", details).replaceChildren(make("pre", {}, only.length ? `SELECT * FROM (${sql}) WHERE ${only.join(" AND ")}` : sql));
      const rows = figures[name].filter((row) => keep(row) && (name === "received" || kept(row, by)));
      const isNumber = (key) => rows.some((row) => typeof row[key] === "number") && key !== "year";
      table($(".table", details), columns.map((key) => ({ key, label: key, number: isNumber(key) })), rows, { limit: 12 });
    };
    details.ontoggle = show;
    show();
  }

  // ---- the reports behind a figure

  const dialog = $("#behind");
  $("#close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  let opened = null;

  const quoted = (text) => `'${String(text).replaceAll("'", "''")}'`;
  const plain = (text) => (/^[\w.\-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
  // The command that leads to the cell a finding is about; of a row, its last cell; else the first figure of the requests.
  function trace(report) {
    const tables = formOf(report.form)?.tables ?? [];
    const cells = report.findings.map(({ table, item, column }) => {
      if (!item || column) return item && [item, column];
      const spec = tables.find((x) => x.table === table);
      const row = spec?.items.find(([code]) => code === item);
      return row && [item, spec.columns[row[4].at(-1)][0]];
    });
    const cell = cells.find(Boolean) ?? (tables.some((x) => x.table === "disclosure_requests") ? ["new_received", "total"] : null);
    return cell && `gongkai trace STORE ${report.report_id} ${plain(cell[0])} ${plain(cell[1])} --input CRAWL`;
  }

  function toldOf(finding) {
    const where = [finding.item ?? finding.table, finding.column].filter(Boolean).join(".");
    const compared = finding.expected != null && finding.actual != null ? t("finding.compared", finding.expected, finding.actual) : null;
    return make("li", {},
      make("span", { class: "severity-" + (rules.get(finding.code)?.severity ?? "info"), title: rules.get(finding.code)?.summary }, ruleName(finding.code)),
      where ? [" ", code(where)] : null, finding.message ? " " + finding.message : null,
      finding.raw ? [" ", make("q", {}, finding.raw)] : null, compared ? make("span", { class: "soft" }, " " + compared) : null);
  }

  // about: {title, total, keep(report), code?, sql, by?}; by: the part of the filter that applies
  function openReports(about) {
    opened = () => openReports(about);
    const reports = listed.filter((report) => about.keep(report) && kept(report, about.by));
    const findingsOf = (report) => (about.code ? report.findings.filter((f) => f.code === about.code) : report.findings);
    $("#behind-title").textContent = about.title();
    const total = about.total ?? reports.length;
    const body = $("#behind-body");
    const host = make("div");
    body.replaceChildren(
      make("p", { class: "note" }, reports.length < total ? t("behind.some", number(reports.length), number(total)) : t("behind.all", number(total))),
      make("details", { class: "rows" }, make("summary", {}, t("behind.query")), make("pre", {}, about.sql)), host);
    if (!reports.length) {
      empty(host, total ? "behind.none_listed" : "behind.none");
    } else {
      table(host, [
        { key: "agency_name", label: t("column.agency"), text: (r) => r.agency_name ?? t("unnamed"), cell: (r) => [
          make("div", {}, r.agency_name ?? t("unnamed")),
          make("div", { class: "soft" }, [regionName(r.region), r.place].filter(Boolean).join(" "))] },
        { key: "year", label: t("column.year"), number: true, text: (r) => yearName(r.year) },
        { key: "level", label: t("column.level"), text: (r) => levelName(r.level) },
        { key: "cells_read", label: t("column.cells"), number: true, text: (r) => `${number(r.cells_read)} / ${number(r.cells_expected)}` },
        { key: "errors", label: t("column.errors"), number: true },
        { key: "findings", label: t("column.findings"), wide: true,
          text: (r) => findingsOf(r).map((f) => `${ruleName(f.code)} ${f.item ?? ""} ${f.column ?? ""} ${f.message ?? ""} ${f.raw ?? ""}`).join(" "),
          cell: (r) => {
            const told = findingsOf(r);
            const rest = about.code ? 0 : r.findings_total - told.length;
            const command = trace({ ...r, findings: told });
            return [make("ul", { class: "told" }, told.map(toldOf), rest > 0 ? make("li", { class: "soft" }, t("behind.more_findings", number(rest))) : null),
              command ? copied(command) : code(r.report_id)];
          } },
        { key: "source_uri", label: t("column.source"), text: (r) => r.source_uri ?? "",
          cell: (r) => (safe(r.source_uri) ? make("a", { class: "source", href: safe(r.source_uri), rel: "noreferrer noopener", target: "_blank", title: r.source_uri }, hostOf(r.source_uri)) : r.source_uri ?? "–") },
      ], reports, { limit: 25, cards: true, filter: true });
    }
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
  }

  function openCaptures(status, reason, total) {
    opened = () => openCaptures(status, reason, total);
    const rows = data.captures.rows.map((row) => Object.fromEntries(data.captures.columns.map((c, i) => [c, row[i]])))
      .filter((row) => row.status === status && (row.reason ?? "").split(":")[0] === reason);
    $("#behind-title").textContent = `${statusName(status)} · ${reason || "–"}`;
    const host = make("div");
    const where = [`status = ${quoted(status)}`, reason ? `reason LIKE ${quoted(reason + "%")}` : "reason IS NULL"].join(" AND ");
    $("#behind-body").replaceChildren(
      make("p", { class: "note" }, rows.length < total ? t("behind.some_captures", number(rows.length), number(total)) : t("behind.all_captures", number(total))),
      make("details", { class: "rows" }, make("summary", {}, t("behind.query")), make("pre", {}, `SELECT container, source_uri, reason, report_id FROM captures WHERE ${where} ORDER BY container`)), host);
    if (!rows.length) empty(host, "behind.none_listed");
    else table(host, [
      { key: "container", label: t("column.container"), wide: true, cell: (r) => [make("div", { class: "source" }, r.container), copied(`gongkai inspect ${plain("CRAWL/" + r.container)}`)] },
      { key: "reason", label: t("column.reason"), wide: true },
      { key: "source_uri", label: t("column.source"), cell: (r) => (safe(r.source_uri) ? make("a", { class: "source", href: safe(r.source_uri), rel: "noreferrer noopener", target: "_blank", title: r.source_uri }, hostOf(r.source_uri)) : r.source_uri ?? "–") },
      { key: "report_id", label: t("column.report"), cell: (r) => (r.report_id ? code(r.report_id) : "–") },
    ], rows, { cards: true, filter: true, limit: 25 });
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
  }

  const filterNames = (by = BOTH) => [by.includes("level") && filter.level !== "" ? levelName(filter.level === "null" ? null : filter.level) : null,
    by.includes("scope") && filter.scope !== "" ? scopeName(filter.scope) : null].filter(Boolean);
  const isLevel = (level) => (level == null ? "agency_level IS NULL" : `agency_level = ${quoted(level)}`);
  const selectReports = (where, by = BOTH) => `SELECT report_id, year, region, agency_name, source_uri FROM reports WHERE ${[where, ...conditions(by, "agency_level")].filter(Boolean).join(" AND ") || "true"} ORDER BY year, region, report_id`;
  const withCode = (rule, more) => selectReports(`${more ? more + " AND " : ""}report_id IN (SELECT report_id FROM findings WHERE code = ${quoted(rule)})`);
  const has = (report, rule) => report.findings.some((f) => f.code === rule);

  // ---- charts

  const widthOf = (host) => Math.max(260, Math.floor(host.clientWidth));
  const isNarrow = () => innerWidth < 640;
  const style = { fontSize: "12px", overflow: "visible" };
  const WIDTHS = { wide: 12.4, narrow: 6.9 };
  const widest = (texts) => d3.max(texts, (text) => d3.sum(text, (c) => (c > "\u2e80" ? WIDTHS.wide : WIDTHS.narrow))) ?? 0;
  // A text that has room, or its beginning.
  function clip(text, room) {
    if (widest([text]) <= room) return text;
    let short = text;
    while (short.length > 2 && widest([short + "…"]) > room) short = short.slice(0, -1);
    return short + "…";
  }

  // Makes the parts of a mark answer to a click, or a key.
  function hot(svg, rows, open, label) {
    for (const part of svg.querySelectorAll("g.hot > *")) {
      const row = rows[part.__data__];
      if (!row) continue;
      part.setAttribute("tabindex", "0");
      part.setAttribute("role", "button");
      part.setAttribute("aria-label", label(row));
      part.addEventListener("click", () => open(row));
      part.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); open(row); } });
    }
  }

  // Steps of a ramp of six for counts up to a greatest one.
  function steps(greatest) {
    if (greatest <= 6) return d3.range(1, Math.max(2, greatest + 1));
    const series = d3.range(0, 9).flatMap((power) => [1, 2, 5].map((m) => m * 10 ** power)).filter((n) => n <= greatest);
    const few = Math.min(6, series.length);
    return d3.range(few).map((k) => series[Math.round((k * (series.length - 1)) / (few - 1))]);
  }
  // Steps for counts that are much alike, where those from one on would all be the last.
  function spread(counts) {
    const [least, greatest] = d3.extent(counts.filter((n) => n > 0));
    if (!(least > 1) || greatest > 20 * least || greatest <= 6) return steps(greatest ?? 0);
    const ticks = d3.ticks(least, greatest, 5).filter((n) => n > least && Number.isInteger(n));
    return [least, ...ticks].slice(-6);
  }
  const shares = [0, 0.2, 0.4, 0.6, 0.8, 0.95];
  const faults = [0, 0.02, 0.05, 0.1, 0.25, 0.5];
  // The step of a value: 0 for nothing, else 1…6, spread over the ramp when there are fewer steps.
  const stepOf = (value, from) => (value > 0 ? Math.round(1 + ((Math.max(1, d3.bisectRight(from, value)) - 1) * 5) / Math.max(1, from.length - 1)) : 0);
  const paint = (ramp, step) => (step ? `var(--${ramp}${step})` : "var(--none)");
  function rampLegend(host, ramp, from, text, none) {
    const range = (value, i) => (i + 1 < from.length ? text(value, from[i + 1], i) : text(value, null, i));
    legend(host, [["var(--none)", none, true], ...from.map((value, i) => [paint(ramp, stepOf(i ? value : Math.max(value, 1e-9), from)), range(value, i)])]);
  }
  const countRange = (low, next) => (next == null ? `≥ ${short(low)}` : next - low === 1 ? short(low) : `${short(low)}–${short(next - 1)}`);
  const shareRange = (low, next, i) => {
    const p = (x) => Math.round(x * 100);
    return next == null ? `≥ ${p(low)} %` : i === 0 ? `< ${p(next)} %` : `${p(low)}–${p(next)} %`;
  };

  // rows: {x, y, step, text, title}; a column a year or another key, a line a key with a name.
  function heat(host, rows, { xs, xName = String, ys, yName, ramp = "q", open, line = 22, label = null, room = isNarrow() ? 0.46 : 0.4, ariaLabel }) {
    const width = widthOf(host);
    const left = Math.min(widest(ys.map(yName)) + 14, width * room);
    const cell = (width - left - 4) / xs.length;
    const every = label ? 1 : Math.ceil((isNarrow() ? 26 : 34) / cell);
    // Names that have no room stand on their heads.
    const slanted = label && cell < 54;
    const top = slanted ? Math.min(110, widest(xs.map((x) => xName(x, 110))) * 0.8 + 14) : 24;
    const svg = Plot.plot({
      width, height: ys.length * line + top + 10, marginLeft: left, marginTop: top, marginRight: 4, marginBottom: 10, style, ariaLabel,
      x: { domain: xs, axis: null, padding: 0.06 }, y: { domain: ys, axis: null, padding: 0.08 },
      marks: [
        Plot.axisX({ anchor: "top", tickSize: 0, tickPadding: 6, label: null, fill: "var(--soft)", tickRotate: slanted ? -52 : 0,
          ticks: xs.filter((_, i) => (xs.length - 1 - i) % every === 0), tickFormat: (x) => (cell * every < 34 && !label ? "’" + String(x).slice(2) : xName(x, slanted ? 110 : cell - 4)) }),
        Plot.axisY({ tickSize: 0, tickPadding: 8, label: null, fill: "var(--ink)", tickFormat: (y) => clip(yName(y), left - 10) }),
        Plot.cell(rows, { x: "x", y: "y", fill: (d) => paint(ramp, d.step), rx: 2.5, className: open ? "hot" : null,
          stroke: (d) => (d.step ? "none" : "var(--none-line)"), strokeDasharray: "2 3", strokeOpacity: 0.8 }),
        cell >= 38 ? Plot.text(rows.filter((d) => d.step && d.text), { x: "x", y: "y", text: "text", fontSize: 11, pointerEvents: "none",
          fill: (d) => `var(--on-${d.step > 4 ? "deep" : d.step === 4 ? "middle" : "pale"})`, fontVariant: "tabular-nums" }) : null,
        Plot.tip(rows, Plot.pointer({ x: "x", y: "y", title: "title", fill: "var(--paper)", stroke: "var(--rule)", textPadding: 9 })),
      ],
    });
    host.replaceChildren(svg);
    if (open) hot(svg, rows, open, (d) => d.title.replaceAll("\n", ", "));
  }

  // Levels are not to be added: of all that can be added up, the rows of the level of the filter, or of one that is chosen.
  const SUMS = ["coverage-tiles", "requests-outcomes", "requests-reviews", "requests-grounds"];
  function ofOneLevel(controls, rows) {
    let level = filter.level;
    if (level === "") {
      const reports = d3.rollup(figures.places, (of) => sum(of, "with_received"), (r) => String(r.level));
      const levels = LEVELS.map(String).filter((l) => reports.has(l));
      choices["sums.level"] ??= d3.greatest(levels, (l) => reports.get(l));
      level = choose(controls, "sums.level", t("column.level"), levels.map((l) => [l, levelName(l === "null" ? null : l)]), () => SUMS.forEach((id) => draws.all(id)));
    }
    return rows.filter((r) => r.year > 0 && String(r.level) === level && kept(r));
  }

  const draws = {
    tiles() {
      const reports = figures.reports;
      const total = sum(reports, "reports");
      const inRegions = new Set(reports.filter((r) => r.region !== "unknown" && r.region !== "CN").map((r) => r.region)).size;
      const tile = (value, text) => make("div", { class: "tile" }, make("b", {}, value), make("span", {}, text));
      $("#tiles").replaceChildren(
        tile(number(total), t("tile.reports", years.length ? `${d3.min(years)}–${d3.max(years)}` : "–")),
        tile(`${inRegions} / ${data.regions.length - 2}`, t("tile.regions")),
        tile(number(data.snapshot.captures), t("tile.captures")),
        tile(percent(sum(reports, "cells_read"), sum(reports, "cells_expected")), t("tile.cells")),
        tile(percent(total - sum(reports, "with_errors"), total), t("tile.clean")),
        tile(number(sum(reports, "errors")), t("tile.errors", number(sum(reports, "warnings")))),
      );
    },

    "coverage-tiles"(figure, host, controls) {
      const redraw = draws.all.bind(null, "coverage-tiles");
      if (!span.length) return empty(host, "empty.years");
      const options = [["reports", t("measure.reports")], ["known", t("measure.known")], ["parsed", t("measure.parsed")]];
      if (["province", "prefecture", "county", "township"].includes(filter.level)) options.push(["divisions", t("measure.divisions")]);
      options.push(["with_errors", t("measure.with_errors")], ["received", t("measure.received")]);
      const measure = choose(controls, "tiles.measure", t("measure"), options, redraw);
      choices["tiles.year"] ??= String(d3.max(years));
      const year = choose(controls, "tiles.year", t("measure.year"), [...[...years].reverse().map((y) => [String(y), String(y)]), ["", t("year.all")]], redraw);
      const ofYear = (r) => (year === "" ? r.year > 0 : r.year === Number(year));
      const of = (rows) => d3.group(rows.filter(ofYear), (r) => r.region);
      const reports = of(figures.reports.filter((r) => kept(r)));
      const coverage = of(figures.coverage.filter((r) => kept(r, ["level"])));
      const places = of(measure === "received" ? ofOneLevel(controls, figures.places) : []);
      FOLLOWS["coverage-tiles"] = ["known", "parsed", "divisions"].includes(measure) ? ["level"] : BOTH;
      const rows = Object.entries(data.tiles).map(([region, [x, y]]) => {
        const [r, c, p] = [reports, coverage, places].map((by) => by.get(region) ?? []);
        return { region, x, y, reports: sum(r, "reports"), with_errors: sum(r, "with_errors"), found_all: sum(c, "reports"), parsed: sum(c, "reports_parsed"), found: sum(c, "agencies_found"), known: sum(c, "agencies_known"),
          divisions: sum(c, "divisions"), divisions_found: sum(c, "divisions_found"), with_received: sum(p, "with_received"), received: sum(p, "received") };
      });
      const [part, all] = { reports: ["reports"], known: ["found", "known"], parsed: ["parsed", "found_all"], divisions: ["divisions_found", "divisions"], with_errors: ["with_errors", "reports"], received: ["received"] }[measure];
      const faulty = measure === "with_errors";
      const from = faulty ? faults : all ? shares : spread(rows.map((d) => d[part]));
      const byLevel = FOLLOWS["coverage-tiles"];
      for (const d of rows) {
        const isThere = measure === "received" ? d.with_received > 0 : all ? d[all] > 0 : d.reports > 0;
        d.step = isThere ? stepOf(all ? d[part] / d[all] : d[part], from) : 0;
        d.text = !isThere ? "–" : all ? rough(d[part], d[all]) : short(d[part]);
        d.title = [[regionName(d.region), year].filter(Boolean).join(" "), t("tip.reports", number(byLevel === BOTH ? d.reports : d.found_all)),
          measure === "known" ? t("tip.agencies", number(d.found), number(d.known)) : null, measure === "parsed" ? t("tip.parsed", number(d.parsed)) : null,
          measure === "divisions" ? t("tip.divisions", number(d.divisions_found), number(d.divisions)) : null, faulty ? t("tip.with_errors", number(d.with_errors)) : null,
          measure === "received" ? (d.with_received ? t("tip.received", number(d.received), number(d.with_received)) : t("legend.not_printed")) : null].filter(Boolean).join("\n");
      }
      const width = Math.min(widthOf(host), 700);
      const size = [d3.max(rows, (d) => d.x) + 1, d3.max(rows, (d) => d.y) + 1];
      const side = width / size[0];
      const shown = (d) => either(regionName(d.region), side > 66 ? regionName(d.region) : d.region.split("-").at(-1));
      const fill = (d) => `var(--on-${d.step > 4 ? "deep" : d.step === 4 ? "middle" : "pale"})`;
      const ramp = faulty ? "w" : "q";
      const svg = Plot.plot({ width, height: Math.round(Math.min(side, 62) * size[1]), margin: 1, style, ariaLabel: t("coverage-tiles.title"),
        x: { domain: d3.range(size[0]), axis: null, padding: 0.07 }, y: { domain: d3.range(size[1]), axis: null, padding: 0.09 },
        marks: [
          Plot.cell(rows, { x: "x", y: "y", fill: (d) => paint(ramp, d.step), rx: 4, className: "hot", stroke: (d) => (d.step ? "none" : "var(--none-line)"), strokeDasharray: "2 3" }),
          Plot.text(rows, { x: "x", y: "y", dy: -8, text: (d) => clip(shown(d), either(side, side * 1.12)), fill, fontSize: (d) => (widest([shown(d)]) > side ? 9.5 : 11), pointerEvents: "none" }),
          Plot.text(rows, { x: "x", y: "y", dy: 8, text: "text", fill, fontSize: 12, fontWeight: 600, fontVariant: "tabular-nums", pointerEvents: "none" }),
          Plot.tip(rows, Plot.pointer({ x: "x", y: "y", title: "title", fill: "var(--paper)", stroke: "var(--rule)", textPadding: 9 })),
        ] });
      svg.setAttribute("role", "group");
      host.replaceChildren(svg);
      hot(svg, rows, (d) => openReports({ title: () => [regionName(d.region), year, ...filterNames(byLevel)].filter(Boolean).join(" · "),
        total: byLevel === BOTH ? d.reports : d.found_all, keep: (r) => r.region === d.region && ofYear(r), by: byLevel,
        sql: selectReports(`region = ${quoted(d.region)} AND ${year === "" ? "year > 0" : `year = ${year}`}`, byLevel) }), (d) => d.title.replaceAll("\n", ", "));
      rampLegend(host, ramp, from, all ? shareRange : countRange, faulty ? t("legend.no_errors") : measure === "received" ? t("legend.not_printed") : t("legend.none"));
      const name = measure === "received" ? "places" : ["reports", "with_errors"].includes(measure) ? "reports" : "coverage";
      behindChart(figure, name, (r) => ofYear(r) && (measure !== "received" || filter.level !== "" || String(r.level) === choices["sums.level"]));
    },

    "coverage-map"(figure, host, controls) {
      const { level } = filter;
      const options = [["reports", t("measure.reports")], ["parsed", t("measure.parsed")], ["known", t("measure.known")]];
      if (["province", "prefecture", "county", "township"].includes(level)) options.push(["divisions", t("measure.divisions")]);
      const measure = choose(controls, "coverage.measure", t("measure"), options, draws.all.bind(null, "coverage-map"));
      const of = figures.coverage.filter((r) => r.year > 0 && (level === "" || String(r.level) === level));
      const cells = d3.rollup(of, (rows) => ({ reports: sum(rows, "reports"), parsed: sum(rows, "reports_parsed"), found: sum(rows, "agencies_found"), known: sum(rows, "agencies_known"), divisions: sum(rows, "divisions"), divisions_found: sum(rows, "divisions_found") }), (r) => r.region, (r) => r.year);
      const ys = data.regions.map(([c]) => c).filter((c) => c !== "unknown" || cells.has(c)).concat([...cells.keys()].filter((c) => !regions.has(c)).sort());
      const rows = ys.flatMap((y) => span.map((x) => ({ x, y, ...(cells.get(y)?.get(x) ?? { reports: 0, parsed: 0, found: 0, known: 0, divisions: 0, divisions_found: 0 }) })));
      if (!span.length) return empty(host, "empty.years");
      if (!figures.coverage.length) return empty(host, "empty.coverage");
      const [part, all] = { reports: ["reports", null], parsed: ["parsed", "reports"], known: ["found", "known"], divisions: ["divisions_found", "divisions"] }[measure];
      const from = all ? shares : steps(d3.max(rows, (d) => d.reports));
      for (const d of rows) {
        const value = all ? (d[all] ? d[part] / d[all] : 0) : d.reports;
        d.step = stepOf(value, from);
        d.text = all ? rough(d[part], d[all]) : short(d.reports);
        d.title = [`${regionName(d.y)} ${d.x}`, t("tip.reports", number(d.reports)), d.reports ? t("tip.parsed", number(d.parsed)) : null,
          d.known ? t("tip.agencies", number(d.found), number(d.known)) : null,
          d.divisions && level !== "" ? t("tip.divisions", number(d.divisions_found), number(d.divisions)) : null].filter(Boolean).join("\n");
      }
      heat(host, rows, { xs: span, ys, yName: regionName, line: isNarrow() ? 19 : 22, open: (d) => openReports({
        title: () => [regionName(d.y), d.x, ...filterNames(["level"])].join(" · "),
        total: d.reports, keep: (r) => r.region === d.y && r.year === d.x, by: ["level"],
        sql: selectReports(`year = ${d.x} AND region = ${quoted(d.y)}`, ["level"]) }) });
      rampLegend(host, "q", from, all ? shareRange : countRange, t("legend.none"));
      behindChart(figure, "coverage");
    },

    "coverage-table"(figure, host) {
      const last = d3.max(years);
      const rows = [...d3.group(figures.coverage.filter((r) => kept(r, ["level"])), (r) => r.region, (r) => r.level)].flatMap(([region, levels]) => [...levels].map(([level, of]) => {
        const now = of.find((r) => r.year === last);
        return { region, level, divisions: now?.divisions ?? null, hosts: d3.max(of, (r) => r.hosts), known: d3.max(of, (r) => r.agencies_known), found: now?.agencies_found ?? 0, divisions_found: now?.divisions_found ?? 0, reports: sum(of, "reports"), aside: sum(of, "copies") + sum(of, "not_reports") + sum(of, "unreadable") };
      }));
      if (!rows.length) return empty(host, figures.reports.length ? "empty.coverage" : "empty.reports");
      table(host, [
        { key: "region", label: t("column.region"), text: (r) => regionName(r.region) },
        { key: "level", label: t("column.level"), text: (r) => levelName(r.level) },
        { key: "divisions", label: t("column.divisions"), number: true },
        { key: "divisions_found", label: t("column.divisions_found", yearName(last)), number: true },
        { key: "hosts", label: t("column.hosts"), number: true },
        { key: "known", label: t("column.known"), number: true },
        { key: "found", label: t("column.found", yearName(last)), number: true },
        { key: "reports", label: t("column.reports"), number: true, cell: (r) => (r.reports ? make("button", { type: "button", class: "plain", onclick: () => openReports({
          title: () => `${regionName(r.region)} · ${levelName(r.level)}`, total: r.reports, keep: (x) => x.region === r.region && x.level === r.level, by: [],
          sql: selectReports(`region = ${quoted(r.region)} AND ${isLevel(r.level)}`, []) }) }, number(r.reports)) : "0") },
        { key: "aside", label: t("column.aside"), number: true },
      ], rows, { order: ["reports", "descending"], limit: 12 });
    },

    "captures-status"(figure, host) {
      const colours = { report: "var(--c1)", duplicate: "var(--c2)", superseded: "var(--c2)", not_a_report: "var(--c6)", unreadable: "var(--c4)", failed: "var(--c3)" };
      const by = d3.rollup(figures.captures, (rows) => sum(rows, "captures"), (r) => r.status);
      const rows = Object.keys(colours).map((status) => ({ status, captures: by.get(status) ?? 0 }));
      const total = sum(rows, "captures");
      bars(host, rows, { key: "status", value: "captures", name: statusName, fill: (d) => colours[d.status], text: (d) => `${number(d.captures)}  (${percent(d.captures, total)})` });
      host.append(make("p", { class: "note" }, t("captures.account", number(total), rows.filter((d) => d.captures).map((d) => number(d.captures)).join(" + "))));
      behindChart(figure, "captures");
    },

    "captures-reasons"(figure, host) {
      const rows = figures.captures.filter((r) => r.status !== "report");
      const total = sum(figures.captures, "captures");
      if (!rows.length) return empty(host, "empty.aside");
      table(host, [
        { key: "status", label: t("column.status"), text: (r) => statusName(r.status) },
        { key: "reason", label: t("column.reason"), text: (r) => r.reason || "–" },
        { key: "captures", label: t("column.captures"), number: true, cell: (r) => make("button", { type: "button", class: "plain", onclick: () => openCaptures(r.status, r.reason, r.captures) }, number(r.captures)) },
        { key: "share", label: t("column.share"), number: true, text: (r) => percent(r.captures, total) },
      ], rows.map((r) => ({ ...r, share: r.captures / total })), { order: ["captures", "descending"], limit: 10 });
    },

    "findings-trend"(figure, host) {
      const by = d3.rollup(figures.reports.filter((r) => r.year > 0 && kept(r)), (rows) => ({ reports: sum(rows, "reports"), error: sum(rows, "errors"), warning: sum(rows, "warnings") }), (r) => r.year);
      if (!by.size) return empty(host, "empty.years");
      // Errors are rarer than warnings: each has a scale of its own. A line does not cross years without a report.
      host.replaceChildren(...["error", "warning"].map((severity) => {
        const all = span.map((year) => ({ year, ...(by.get(year) ?? { reports: 0 }) })).map((d) => ({ ...d, n: d[severity], rate: d.reports ? d[severity] / d.reports : NaN }));
        const rows = all.filter((d) => d.reports);
        const colour = `var(--${severity})`;
        return Plot.plot({ width: widthOf(host), height: 168, marginLeft: 44, marginRight: 14, marginTop: 28, marginBottom: 24, style,
          x: { domain: span, type: "point", label: null, tickFormat: (y) => String(y), ticks: thinned(host) },
          y: { grid: true, label: t("axis." + severity), nice: true, zero: true, ticks: 4, domain: [0, d3.max(rows, (d) => d.rate) || 1] },
          marks: [Plot.ruleY([0], { stroke: "var(--faint)" }),
            Plot.line(all, { x: "year", y: "rate", stroke: colour, strokeWidth: 2.2 }),
            Plot.dot(rows, { x: "year", y: "rate", fill: colour, r: 3.6 }),
            Plot.tip(rows, Plot.pointer({ x: "year", y: "rate", fill: "var(--paper)", stroke: "var(--rule)", title: (d) => `${d.year} · ${t("severity." + severity)}\n${t("tip.rate", d.rate.toFixed(2), number(d.n), number(d.reports))}` }))] });
      }));
      behindChart(figure, "reports");
    },

    "findings-rules"(figure, host) {
      const by = d3.rollups(figures.findings_by_year.filter((r) => kept(r)), (rows) => ({ reports: sum(rows, "reports"), findings: sum(rows, "findings"), severity: rows[0].severity }), (r) => r.code);
      const rows = by.map(([rule, row]) => ({ rule, ...row })).filter((d) => d.reports > 0).sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity) || b.reports - a.reports).slice(0, 14);
      if (!rows.length) return empty(host, "empty.findings");
      const total = sum(figures.reports.filter((r) => kept(r)), "reports");
      bars(host, rows, { key: "rule", value: "reports", name: ruleName, fill: (d) => `var(--${d.severity})`, text: (d) => `${number(d.reports)}  (${percent(d.reports, total)})`, open: (d) => openRule(d.rule, d.reports),
        title: (d) => `${ruleName(d.rule)}\n${t("tip.findings", number(d.findings), number(d.reports))}` });
      legend(host, severities.map((s) => [`var(--${s})`, t("severity." + s)]));
      behindChart(figure, "findings_by_year");
    },

    "findings-map"(figure, host, controls) {
      const chosen = choose(controls, "findings.severity", t("column.severity"), [["grave", t("severity.grave")], ["error", t("severity.error")], ["warning", t("severity.warning")], ["info", t("severity.info")], ["all", t("severity.all")]], draws.all.bind(null, "findings-map"));
      const wanted = (severity) => chosen === "all" || severity === chosen || (chosen === "grave" && severity !== "info");
      const reports = d3.rollup(figures.reports.filter((r) => kept(r)), (rows) => sum(rows, "reports"), (r) => r.year);
      const of = figures.findings_by_year.filter((r) => wanted(r.severity) && r.reports > 0 && kept(r));
      const ys = [...new Set(of.map((r) => r.code))].sort();
      const xs = span;
      if (!ys.length || !xs.length) return empty(host, "empty.findings");
      const by = d3.rollup(of, (rows) => sum(rows, "reports"), (r) => r.code, (r) => r.year);
      const rows = ys.flatMap((y) => xs.map((x) => {
        const all = reports.get(x) ?? 0;
        const n = by.get(y)?.get(x) ?? 0;
        return { x, y, n, step: stepOf(all ? n / all : 0, faults), text: rough(n, all), title: `${ruleName(y)}\n${x}: ${t("tip.of_reports", number(n), number(all), percent(n, all))}` };
      }));
      heat(host, rows, { xs, ys, yName: ruleName, ramp: "w", line: 23, open: (d) => openRule(d.y, d.n, d.x) });
      rampLegend(host, "w", faults, shareRange, t("legend.no_report"));
      behindChart(figure, "findings_by_year", (r) => wanted(r.severity));
    },

    "worst-regions"(figure, host) {
      const by = d3.rollups(figures.reports.filter((r) => kept(r)), (rows) => ({ reports: sum(rows, "reports"), errors: sum(rows, "errors"), with_errors: sum(rows, "with_errors") }), (r) => r.region);
      const rows = by.map(([region, row]) => ({ region, ...row, rate: (100 * row.errors) / row.reports })).filter((d) => d.errors > 0).sort((a, b) => b.rate - a.rate).slice(0, 16);
      if (!rows.length) return empty(host, "empty.errors");
      bars(host, rows, { key: "region", value: "rate", name: regionName, fill: () => "var(--error)", text: (d) => d.rate.toFixed(d.rate < 10 ? 1 : 0),
        title: (d) => `${regionName(d.region)}\n${t("tip.region", number(d.errors), number(d.reports), number(d.with_errors))}`,
        open: (d) => openReports({ title: () => `${regionName(d.region)} · ${t("with_errors")}`, total: d.with_errors, keep: (r) => r.region === d.region && r.errors > 0, sql: selectReports(`region = ${quoted(d.region)} AND findings_error > 0`) }) });
      behindChart(figure, "reports");
    },

    "worst-agencies"(figure, host) {
      if (!figures.agencies.length) return empty(host, "empty.errors");
      table(host, [
        { key: "agency_name", label: t("column.agency"), text: (r) => r.agency_name ?? t("unnamed"), cell: (r) => make("button", { type: "button", class: "plain", onclick: () => openReports({
          title: () => r.agency_name ?? t("unnamed"), total: r.reports, keep: (x) => x.agency_id === r.agency_id && x.region === r.region, by: [], sql: selectReports(`agency_id = ${quoted(r.agency_id)} AND region = ${quoted(r.region)}`, []) }) }, r.agency_name ?? t("unnamed")) },
        { key: "region", label: t("column.region"), text: (r) => regionName(r.region) },
        { key: "reports", label: t("column.reports"), number: true },
        { key: "errors", label: t("column.errors"), number: true },
        { key: "warnings", label: t("column.warnings"), number: true },
      ], figures.agencies, { order: ["errors", "descending"], limit: 10 });
    },

    "fill-map"(figure, host, controls) {
      const forms = data.forms.filter((form) => figures.reports.some((r) => r.form === form.code));
      if (!forms.length) return empty(host, "empty.forms");
      const options = d3.sort(forms, (a, b) => d3.descending(a.code, b.code)).flatMap((form) => form.tables.map((x) => [`${form.code}/${x.table}`, `${form.code} · ${either(x.zh, x.en)}`]));
      const first = options.find(([v]) => v.endsWith("disclosure_requests"));
      if (!choices.fill && first) choices.fill = first[0];
      const [formCode, tableName] = choose(controls, "fill", t("measure.table"), options, draws.all.bind(null, "fill-map")).split("/");
      const form = formOf(formCode);
      const spec = form.tables.find((x) => x.table === tableName);
      const all = sum(figures.reports.filter((r) => r.form === formCode && kept(r)), "reports");
      const by = d3.group(figures["fill_" + tableName].filter((r) => r.form === formCode && kept(r)), (r) => r.item);
      let bit = 0;
      const bits = new Map();
      for (const x of form.tables) for (const [item, , , , of] of x.items) for (const at of of) bits.set(`${x.table}/${item}/${x.columns[at][0]}`, bit++);
      const columns = spec.columns.map(([c, zh, en]) => ({ code: c, name: either(zh, capital(en)) }));
      const groups = new Map(spec.groups.map(([c, zh]) => [c, either(zh, c.replaceAll("_", " "))]));
      const items = spec.items.map(([c, zh, en, group, of]) => ({ code: c, name: language === "zh" && group && group !== "results" ? `${groups.get(group)}：${zh}` : either(zh, capital(en)), of }));
      const rows = items.flatMap((item) => item.of.map((at) => {
        const column = columns[at];
        const n = sum(by.get(item.code) ?? [], column.code);
        return { x: column.code, y: item.code, n, item, column, step: stepOf(all ? n / all : 0, shares), text: rough(n, all), title: `${item.name}\n${column.name}\n${t("tip.filled", number(n), number(all), percent(n, all))}` };
      }));
      const columnName = new Map(columns.map((x) => [x.code, x.name]));
      const itemName = new Map(items.map((x) => [x.code, x.name]));
      const key = tableName === "review_litigation" ? "channel" : "item";
      heat(host, rows, { xs: columns.map((c) => c.code), xName: (c, room) => clip(columnName.get(c), room), ys: items.map((i) => i.code), yName: (c) => itemName.get(c), label: true, line: 23, open: (d) => openReports({
        title: () => `${d.item.name} · ${d.column.name}: ${t("not_filled")}`, total: all - d.n, keep: (r) => r.form === formCode && r.lacks(bits.get(`${tableName}/${d.y}/${d.x}`)),
        sql: selectReports(`form = ${quoted(formCode)} AND report_id NOT IN (SELECT report_id FROM ${tableName} WHERE ${key} = ${quoted(d.y)} AND ${d.x} IS NOT NULL)`) }) });
      rampLegend(host, "q", shares, shareRange, t("legend.never"));
      behindChart(figure, "fill_" + tableName, (r) => r.form === formCode);
    },

    "requests-received"(figure, host, controls) {
      const wanted = (r) => r.level === (filter.level === "" ? "all" : filter.level === "null" ? "unknown" : filter.level) && r.scope === (filter.scope || "all");
      const rows = figures.received.filter((r) => wanted(r) && r.year > 0);
      if (!rows.length) return empty(host, "empty.requests");
      const greatest = d3.max(rows, (r) => r.p90) || 1;
      const breaks = data.breaks.map(([year, zh, en]) => ({ year, text: either(zh, en) })).filter((b) => span.includes(b.year) && b.year > d3.min(span));
      host.replaceChildren(Plot.plot({ width: widthOf(host), height: 320, marginLeft: 46, marginRight: 14, marginTop: 30, style,
        x: { domain: span, type: "point", label: null, tickFormat: (y) => String(y), ticks: thinned(host) },
        y: { type: "symlog", constant: 1, grid: true, label: t("axis.requests"), tickFormat: short, domain: [0, greatest],
          ticks: [0, ...d3.range(0, 9).flatMap((power) => (greatest > 20000 ? [1] : greatest > 500 ? [1, 5] : [1, 2, 5]).map((m) => m * 10 ** power))].filter((n) => n <= greatest) },
        marks: [
          Plot.ruleX(breaks, { x: "year", stroke: "var(--faint)", strokeDasharray: "3 3" }),
          isNarrow() ? null : Plot.text(breaks, { x: "year", frameAnchor: "top", dy: -12, text: (b) => t("axis.break"), fill: "var(--soft)", fontSize: 10.5, title: "text" }),
          Plot.ruleX(rows, { x: "year", y1: "p10", y2: "p90", stroke: "var(--q3)", strokeWidth: 2, strokeLinecap: "round" }),
          Plot.ruleX(rows, { x: "year", y1: "p25", y2: "p75", stroke: "var(--q4)", strokeWidth: isNarrow() ? 8 : 14, strokeOpacity: 0.85 }),
          Plot.line(span.map((year) => rows.find((r) => r.year === year) ?? { year, p50: NaN }), { x: "year", y: "p50", stroke: "var(--q6)", strokeWidth: 1.6 }),
          Plot.dot(rows, { x: "year", y: "p50", fill: "var(--paper)", stroke: "var(--q6)", strokeWidth: 2, r: 4 }),
          Plot.tip(rows, Plot.pointer({ x: "year", y: "p50", fill: "var(--paper)", stroke: "var(--rule)", title: (r) => `${r.year}\n${t("tip.distribution", number(r.reports), number(r.p50), number(r.p25), number(r.p75), number(r.p10), number(r.p90))}` })),
        ] }));
      legend(host, [["var(--q6)", t("legend.median")], ["var(--q4)", t("legend.half")], ["var(--q3)", t("legend.most")]]);
      behindChart(figure, "received", wanted);
    },

    "requests-outcomes"(figure, host, controls) {
      const groups = ["granted", "partially_granted", "refused", "unavailable", "not_processed", "other"];
      const of = ofOneLevel(controls, figures.requests);
      const rows = of.filter((r) => r.total != null).map((r) => ({ year: r.year, group: r.item.split(".")[0], n: r.total })).filter((r) => groups.includes(r.group));
      stacked(host, controls, rows, groups, "outcome", "requests-outcomes");
      behindChart(figure, "requests", (r) => of.includes(r));
    },

    "requests-grounds"(figure, host, controls) {
      const all = ofOneLevel(controls, figures.requests).filter((r) => r.total != null);
      const groups = ["refused", "unavailable", "not_processed", "other"];
      const group = choose(controls, "grounds.group", t("measure.group"), [["", t("group.all")], ...groups.map((g) => [g, t("outcome." + g)])], draws.all.bind(null, "requests-grounds"));
      const how = choose(controls, "grounds.how", t("measure"), [["group", t("measure.of_group")], ["all", t("measure.of_all")], ["count", t("measure.count")]], draws.all.bind(null, "requests-grounds"));
      const groupOf = (item) => item.split(".")[0];
      const wanted = (item) => groups.includes(groupOf(item)) && (group === "" || groupOf(item) === group);
      // The lines of the forms, newest first, by the names the registry gives them.
      const lines = new Map();
      for (const form of d3.sort(data.forms, (a, b) => d3.descending(a.code, b.code))) {
        const spec = form.tables.find((x) => x.table === "disclosure_requests");
        for (const [item, zh, en] of spec?.items ?? []) if (wanted(item) && !lines.has(item)) lines.set(item, either(item === groupOf(item) || group !== "" ? zh : `${t("outcome." + groupOf(item))}：${zh}`, capital(en)));
      }
      const met = new Set(all.map((r) => r.item));
      const ys = d3.sort([...lines.keys()].filter((item) => met.has(item)), (item) => groups.indexOf(groupOf(item)));
      const present = new Set(all.map((r) => r.year));
      const xs = span.filter((year) => present.has(year));
      if (!ys.length || !xs.length) return empty(host, "empty.requests");
      const outcomes = ["granted", "partially_granted", ...groups];
      const ofYear = d3.rollup(all.filter((r) => outcomes.includes(groupOf(r.item))), (rows) => sum(rows, "total"), (r) => r.year);
      const ofGroup = d3.rollup(all, (rows) => sum(rows, "total"), (r) => r.year, (r) => groupOf(r.item));
      const by = d3.group(all, (r) => r.year, (r) => r.item);
      const rows = xs.flatMap((x) => ys.map((y) => {
        const of = by.get(x)?.get(y) ?? [];
        return { x, y, printed: of.length > 0, n: sum(of, "total"), reports: sum(of, "reports"), kind: ofGroup.get(x)?.get(groupOf(y)) ?? 0, all: ofYear.get(x) ?? 0 };
      }));
      const from = how === "count" ? steps(d3.max(rows, (d) => d.n)) : how === "group" ? shares : faults;
      for (const d of rows) {
        const whole = how === "group" ? d.kind : d.all;
        d.step = how === "count" ? stepOf(d.n, from) : stepOf(whole ? d.n / whole : 0, from);
        d.text = how === "count" ? short(d.n) : rough(d.n, whole);
        d.title = [`${lines.get(d.y)} ${d.x}`, d.printed ? t("tip.ground", number(d.n), number(d.reports)) : t("legend.not_printed"),
          d.kind ? t("tip.of_group", percent(d.n, d.kind)) : null, d.all ? t("tip.of_all", percent(d.n, d.all)) : null].filter(Boolean).join("\n");
      }
      heat(host, rows, { xs, ys, yName: (y) => lines.get(y), line: 23, room: isNarrow() ? 0.56 : 0.5, ariaLabel: t("requests-grounds.title") });
      rampLegend(host, "q", from, how === "count" ? countRange : shareRange, t("legend.no_cases"));
      behindChart(figure, "requests", (r) => all.includes(r) && wanted(r.item));
    },

    "requests-reviews"(figure, host, controls) {
      const groups = ["upheld", "corrected", "other", "pending"];
      const channels = [...new Set(figures.reviews.map((r) => r.channel))];
      const channel = choose(controls, "channel", t("measure.channel"), [["", t("channel.all")], ...channels.map((c) => [c, t("channel." + c)])], draws.all.bind(null, "requests-reviews"));
      const of = ofOneLevel(controls, figures.reviews).filter((r) => channel === "" || r.channel === channel);
      const rows = of.flatMap((r) => groups.map((group) => ({ year: r.year, group, n: r[group] ?? 0 })));
      stacked(host, controls, rows, groups, "review", "requests-reviews");
      behindChart(figure, "reviews", (r) => of.includes(r));
    },

    "agency-years"(figure, host, controls) {
      const { total, levels, scopes, figures: names } = data.agencies;
      if (!agencies.length) return empty(host, "empty.reports");
      const label = (name) => (data.labels[name] ? either(...data.labels[name]).replaceAll("`", "") : name);
      const said = total > agencies.length ? t("agency.some", number(agencies.length), number(total)) : t("agency.all", number(total));
      const count = make("p", { class: "note", role: "status" });
      const list = make("ul", { class: "found" });
      const shown = make("div");
      const query = (sql) => $(".query", figure).replaceChildren(make("pre", {}, sql));
      const columns = ["year", "region", "scope", "counted", ...names].join(", ");
      const open = (agency) => {
        choices.agency = agency;
        const rows = agency.years.map(([year, scope, counted, ...values]) => ({ year, scope: scopes[scope], counted, ...Object.fromEntries(names.map((name, i) => [name, values[i] ?? null])) }));
        const known = d3.sort(new Set(rows.map((r) => r.year).filter((y) => y > 0)));
        const missing = known.length ? d3.range(known[0], known.at(-1)).filter((y) => !known.includes(y)) : [];
        const chart = make("div");
        const of = make("div");
        shown.replaceChildren(make("h4", { tabindex: "-1" }, agency.name), make("p", { class: "note" }, [regionName(agency.region), levelName(agency.level), agency.names].filter(Boolean).join(" · ")), chart, of,
          ...(missing.length ? [make("p", { class: "note" }, t("agency.missing", missing.join(either("、", ", "))))] : []));
        const drawn = rows.filter((r) => r.year > 0 && r.received != null);
        if (drawn.length) {
          const colours = { own: "var(--c3)", whole: "var(--c7)", unknown: "var(--c1)" };
          const present = scopes.filter((scope) => drawn.some((r) => r.scope === scope));
          chart.append(Plot.plot({ width: widthOf(host), height: 220, marginLeft: 52, marginRight: 14, marginTop: 28, style, ariaLabel: label("received"),
            x: { domain: span, type: "point", label: null, tickFormat: (y) => String(y), ticks: thinned(host) },
            y: { grid: true, label: label("received"), zero: true, nice: true, ticks: 4, tickFormat: short, domain: [0, d3.max(drawn, (r) => r.received) || 1] },
            marks: [Plot.ruleY([0], { stroke: "var(--faint)" }),
              // A line does not cross years without a figure.
              present.map((scope) => Plot.line(span.map((year) => drawn.find((r) => r.year === year && r.scope === scope) ?? { year, received: NaN }), { x: "year", y: "received", stroke: colours[scope], strokeWidth: 2, strokeDasharray: scope === "whole" ? "6 3" : null })),
              Plot.dot(drawn, { x: "year", y: "received", fill: (r) => colours[r.scope], symbol: (r) => ({ own: "square", whole: "triangle", unknown: "circle" })[r.scope], r: 4.5 }),
              Plot.tip(drawn, Plot.pointer({ x: "year", y: "received", fill: "var(--paper)", stroke: "var(--rule)", title: (r) => `${r.year} · ${scopeName(r.scope)}\n${label("received")} ${number(r.received)}` }))] }));
          legend(chart, present.map((scope) => [colours[scope], `${t("column.scope")}：${scopeName(scope)}`.replace("：", either("：", ": "))]));
        }
        table(of, [
          { key: "year", label: t("column.year"), number: true, text: (r) => yearName(r.year) },
          { key: "scope", label: t("column.scope"), text: (r) => scopeName(r.scope) },
          ...names.map((key) => ({ key, label: label(key), number: true })),
          { key: "counted", label: t("column.counted"), text: (r) => t(r.counted ? "yes" : "no") },
        ], rows, { limit: 40, filter: false });
        query(`SELECT ${columns} FROM key_figures WHERE agency_id = ${quoted(agency.id)} ORDER BY year, scope`);
      };
      const find = () => {
        const needles = (choices.agencyQuery ?? "").toLowerCase().split(/\s+/).filter(Boolean);
        const found = agencies.filter((a) => needles.every((needle) => a.search.includes(needle)));
        const first = needles.length ? found.slice(0, 12) : [];
        count.textContent = [!needles.length ? null : found.length ? t("agency.found", number(found.length), number(first.length)) : t("agency.none"), said].filter(Boolean).join(" ");
        list.replaceChildren(...first.map((a) => make("li", {}, make("button", { type: "button", class: "plain", onclick: () => { open(a); $("h4", shown).focus(); } }, a.name), make("span", { class: "soft" }, ` ${[regionName(a.region), levelName(a.level), t("agency.reports", number(a.years.length))].join(" · ")}`))));
        if (needles.length && !found.length) query(`SELECT agency_name, agency_id, ${columns} FROM key_figures WHERE agency_name LIKE ${quoted(`%${needles.join("%")}%`)} ORDER BY agency_id, year, scope`);
        return found;
      };
      const search = make("input", { type: "search", placeholder: t("agency.search"), "aria-label": t("agency.search"), oninput: (event) => { choices.agencyQuery = event.target.value; const found = find(); if (found.length) open(found[0]); else shown.replaceChildren(); } });
      search.value = choices.agencyQuery ?? "";
      controls.append(search);
      host.replaceChildren(count, list, shown);
      const found = find();
      if (found.length) open(choices.agency ?? found[0]);
      $(".table", figure).replaceChildren();
    },

    "changes-rows"(figure, host) {
      const changes = data.changes;
      const summary = $("#changes-summary");
      if (changes.state !== "compared") {
        figure.hidden = true;
        summary.replaceChildren(make("p", { class: "empty" }, t("changes." + changes.state, changes.parent ?? "", data.snapshot.name)));
        return;
      }
      const counts = d3.rollup(changes.counts, (rows) => d3.sum(rows, (r) => r[2]), (r) => r[1]);
      const tile = (value, text) => make("div", { class: "tile" }, make("b", {}, number(value)), make("span", {}, text));
      const tiles = make("div", { class: "tiles" }, tile(changes.added, t("changes.reports_added")), tile(changes.removed, t("changes.reports_removed")), tile(counts.get("changed") ?? 0, t("changes.cells_changed")), tile(counts.get("added") ?? 0, t("changes.cells_added")), tile(counts.get("removed") ?? 0, t("changes.cells_removed")));
      summary.replaceChildren(make("p", { class: "note" }, t("changes.since", changes.parent)), tiles);
      figure.hidden = !changes.rows.length;
      if (!changes.rows.length) { summary.append(make("p", { class: "empty" }, t("changes.none"))); return; }
      const rows = changes.rows.map(([kind, table, report, year, region, item, column, old, now, agency]) => ({ kind, table, report, year, region, item, column, old, now, agency }));
      table(host, [
        { key: "kind", label: t("column.change"), text: (r) => t("kind." + r.kind) },
        { key: "year", label: t("column.year"), number: true, text: (r) => yearName(r.year) },
        { key: "region", label: t("column.region"), text: (r) => regionName(r.region) },
        { key: "agency", label: t("column.agency"), text: (r) => `${r.agency ?? ""} ${r.report}`, cell: (r) => [make("div", {}, r.agency ?? "–"), code(r.report)] },
        { key: "column", label: t("column.cell"), text: (r) => (r.column ? [r.table, r.item, r.column].filter(Boolean).join(".") : t("changes.whole")) },
        { key: "old", label: t("column.old"), text: (r) => r.old ?? "–" },
        { key: "now", label: t("column.now"), text: (r) => r.now ?? "–" },
      ], rows, { limit: 12, total: changes.total > rows.length ? changes.total : null });
    },

    facts() {
      const { name, parent, schema_version, tool_version, registry_digest, rows } = data.snapshot;
      const fact = (label, value) => [make("dt", {}, label), make("dd", {}, value)];
      $("#facts").replaceChildren(...fact(t("fact.snapshot"), code(name)), ...(parent ? fact(t("fact.parent"), code(parent)) : []), ...fact(t("fact.tool"), `gongkai ${tool_version}`), ...fact(t("fact.schema"), schema_version), ...fact(t("fact.registry"), code(registry_digest.slice(0, 16))), ...fact(t("fact.rows"), Object.entries(rows).map(([x, n]) => `${x} ${number(n)}`).join(" · ")), ...fact(t("fact.listed"), t("fact.listed_of", number(data.listed.rows.length), number(data.listed.total))));
    },

    // One chart again, or all.
    all(only) {
      for (const [id, draw] of Object.entries(draws)) {
        if (id === "all" || (only && id !== only)) continue;
        const figure = document.getElementById(id);
        if (!figure || figure.tagName !== "FIGURE") { draw(); continue; }
        const controls = $(".controls", figure);
        controls?.replaceChildren();
        const host = $(".chart", figure) ?? $(".table", figure);
        draw(figure, host, controls);
        $(".unfiltered", figure)?.remove();
        const deaf = BOTH.filter((key) => filter[key] !== "" && !(FOLLOWS[id] ?? BOTH).includes(key));
        const silent = (FOLLOWS[id] ?? BOTH).length === 0;
        if (deaf.length) $("figcaption", figure).append(make("span", { class: "unfiltered" }, t(silent ? "filter.not" : "filter.not_" + deaf[0])));
      }
    },
  };

  function openRule(rule, total, year) {
    openReports({ title: () => [ruleName(rule), year].filter((x) => x != null).join(" · "), total, code: rule,
      keep: (r) => has(r, rule) && (year == null || r.year === year), sql: withCode(rule, year == null ? "" : `year = ${year}`) });
  }

  // Years whose names have room.
  const thinned = (host) => { const every = Math.ceil((span.length * 38) / (widthOf(host) - 60)); return span.filter((_, i) => (span.length - 1 - i) % every === 0); };

  // Horizontal bars with their names before and their numbers behind.
  function bars(host, rows, { key, value, name, fill, text, title, open }) {
    const width = widthOf(host);
    const left = Math.min(widest(rows.map((d) => name(d[key]))) + 14, width * 0.5);
    const right = widest(rows.map(text)) + 10;
    const svg = Plot.plot({ width, height: rows.length * 26 + 8, marginLeft: left, marginRight: right, marginTop: 2, marginBottom: 2, style,
      x: { axis: null, domain: [0, d3.max(rows, (d) => d[value]) || 1] }, y: { domain: rows.map((d) => d[key]), axis: null, padding: 0.22 },
      marks: [
        Plot.axisY({ tickSize: 0, tickPadding: 8, label: null, fill: "var(--ink)", tickFormat: (k) => clip(name(k), left - 8) }),
        Plot.barX(rows, { x: value, y: key, fill, rx2: 3, className: open ? "hot" : null, insetLeft: 0 }),
        Plot.ruleX([0], { stroke: "var(--faint)" }),
        Plot.text(rows, { x: value, y: key, text, textAnchor: "start", dx: 6, fill: "var(--soft)", fontVariant: "tabular-nums" }),
        title ? Plot.tip(rows, Plot.pointerY({ x: value, y: key, title, fill: "var(--paper)", stroke: "var(--rule)" })) : null,
      ] });
    host.replaceChildren(svg);
    if (open) hot(svg, rows, open, (d) => `${name(d[key])}: ${text(d)}`);
  }

  // Bars of parts, a bar a year: as shares, or as counts.
  function stacked(host, controls, rows, groups, words, id) {
    const how = choose(controls, id + ".how", t("measure"), [["share", t("measure.share")], ["count", t("measure.count")]], draws.all.bind(null, id));
    const by = d3.rollups(rows, (of) => sum(of, "n"), (r) => r.year, (r) => r.group).flatMap(([year, parts]) => {
      const total = d3.sum(parts, (p) => p[1]);
      return groups.map((group) => ({ year, group, n: new Map(parts).get(group) ?? 0, total })).filter(() => total > 0);
    });
    if (!by.length) return empty(host, "empty.requests");
    const xs = span.filter((year) => year >= d3.min(by, (d) => d.year));
    const colour = (group) => `var(--c${groups.indexOf(group) + 1})`;
    host.replaceChildren(Plot.plot({ width: widthOf(host), height: 280, marginLeft: 48, marginRight: 8, marginTop: 26, style,
      x: { domain: xs, type: "band", label: null, tickFormat: (y) => String(y), padding: 0.25, ticks: xs.filter((_, i) => (xs.length - 1 - i) % Math.ceil((xs.length * 38) / (widthOf(host) - 60)) === 0) },
      y: { grid: true, label: how === "share" ? t("axis.share") : t("axis.cases"), tickFormat: how === "share" ? (v) => `${Math.round(v * 100)} %` : short },
      marks: [
        Plot.barY(by, Plot.stackY({ x: "year", y: how === "share" ? (d) => d.n / d.total : "n", fill: (d) => colour(d.group), order: groups, z: "group", insetTop: 0.5, insetBottom: 0.5,
          title: (d) => `${d.year} · ${t(words + "." + d.group)}\n${t("tip.part", number(d.n), number(d.total), percent(d.n, d.total))}`, tip: { fill: "var(--paper)", stroke: "var(--rule)" } })),
        Plot.ruleY([0], { stroke: "var(--faint)" }),
      ] }));
    legend(host, groups.map((group) => [colour(group), t(words + "." + group)]));
  }

  // The filter of the page: choices that no report has are not offered.
  function filters() {
    const bar = $("#filters");
    bar.setAttribute("aria-label", t("filter.title"));
    const select = (key, label, options) => {
      const list = make("select", { id: "filter-" + key, class: filter[key] === "" ? null : "on" }, options.map(([value, text]) => make("option", { value }, text)));
      list.value = filter[key];
      list.addEventListener("change", () => { filter[key] = list.value; list.className = list.value === "" ? "" : "on"; draws.all(); });
      return make("label", {}, make("span", {}, label), list);
    };
    const has = (key, value) => figures.reports.some((r) => (r[key] ?? null) === value);
    bar.replaceChildren(
      select("level", t("column.level"), [["", t("level.all")], ...LEVELS.filter((l) => has("level", l)).map((l) => [String(l), levelName(l)])]),
      select("scope", t("column.scope"), [["", t("scope.all")], ...SCOPES.filter((x) => has("scope", x)).map((x) => [x, scopeName(x)])]));
  }

  // ---- language, theme, printing, size

  const themes = ["auto", "light", "dark"];
  let theme = themes.includes(remembered("theme")) ? remembered("theme") : "auto";
  function apply() {
    root.dataset.lang = language;
    root.lang = either("zh-Hans", "en");
    if (theme === "auto") delete root.dataset.theme; else root.dataset.theme = theme;
    $("#lang").textContent = either("English", "中文");
    $("#theme").textContent = t("theme." + theme);
    $("#theme").setAttribute("aria-label", t("theme"));
    $("nav").setAttribute("aria-label", t("nav"));
    filters();
  }
  $("#lang").addEventListener("click", () => {
    language = either("en", "zh");
    remember("lang", language);
    apply();
    draws.all();
    if (dialog.open) opened?.();
  });
  $("#theme").addEventListener("click", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    remember("theme", theme);
    apply();
  });
  $("#print").addEventListener("click", () => print());
  let drawn = 0;
  new ResizeObserver(() => {
    const width = $("main").clientWidth;
    if (Math.abs(width - drawn) > 4 && !dialog.open) { drawn = width; draws.all(); }
  }).observe($("main"));
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) {
      for (const link of document.querySelectorAll("nav a")) link.classList.toggle("here", link.hash === "#" + entry.target.id);
    }
  }, { rootMargin: "-20% 0px -70% 0px" });
  document.querySelectorAll("main > section").forEach((section) => seen.observe(section));

  apply();
  drawn = $("main").clientWidth;
  draws.all();
  root.dataset.ready = "true";
})();
