// SPDX-License-Identifier: Apache-2.0
// The line charts: one uPlot per quantity, all policies overlaid, cursors and zoom shared. Text goes into the page by
// textContent only: names come from outside.

const theme = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const SERIES_COLOURS = 8;
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3]];  // beyond eight policies the line style tells them apart
const colourOf = (index) => theme("--s" + (index % SERIES_COLOURS));
const dashOf = (index) => DASHES[Math.floor(index / SERIES_COLOURS) % DASHES.length];

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// A piece of the policy's line, as in the charts.
function swatch(index) {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("class", "swatch");
  svg.setAttribute("viewBox", "0 0 22 10");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(ns, "path");
  line.setAttribute("d", "M0 5H22");
  line.style.stroke = `var(--s${index % SERIES_COLOURS})`;
  line.style.strokeWidth = "3.5px";
  line.setAttribute("stroke-dasharray", dashOf(index).join(" "));
  svg.append(line);
  return svg;
}

function number(value, digits) {
  return value.toLocaleString("en-US", {minimumFractionDigits: digits, maximumFractionDigits: digits});
}

// Hours since the begin of the recording, as people say them.
function timeText(hours) {
  const minutes = Math.round(hours * 60);
  const days = Math.floor(minutes / 1440);
  const clock = `${Math.floor(minutes / 60) % 24} h ${String(minutes % 60).padStart(2, "0")} min`;
  return days > 0 ? `day ${days + 1}, ${clock}` : clock;
}

function axisText(hours) {
  if (hours >= 48 && hours % 24 === 0) return `${hours / 24} d`;
  const minutes = Math.round(hours * 60);
  if (minutes % 60 === 0) return `${minutes / 60} h`;
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")} h`;
}

const sum = (values) => values.reduce((a, b) => a + b, 0);
const mean = (values) => (values.length ? sum(values) / values.length : 0);

// A value holds until the next; the last one is repeated where its interval ends.
function steps(values, hours) {
  const ends = values.length ? [...values, values.at(-1)] : values;
  return [ends.map((_, i) => i * hours), ends];
}

// `of` turns a run into one value per point; `overall` says what stands in the readout while nothing is pointed at.
const QUANTITIES = [
  {id: "power", title: "Cluster power", unit: "kW", digits: 2, height: 240, overall: ["mean", mean],
   what: "Mean of each interval, all hosts.", of: (run) => run.power_w.map((w) => w / 1000)},
  {id: "hosts", title: "Active hosts", unit: "hosts", digits: 0, overall: ["mean", mean],
   what: "Switched on at the end of the interval.", of: (run) => run.hosts_on},
  {id: "migrations", title: "Migrations", unit: "", digits: 0, overall: ["total", sum],
   what: "Started per interval.", of: (run) => run.migrations},
  {id: "sla", title: "Overloaded hosts", unit: "%", digits: 2, overall: ["mean", mean],
   what: "SLA violation: share of active host time with more CPU asked than there is.",
   of: (run) => run.sla_violation.map((x) => x * 100)},
  {id: "contention", title: "VMs short of CPU", unit: "VMs", digits: 1, overall: ["mean", mean],
   what: "Mean number of VMs wanting CPU on an overloaded host.",
   of: (run) => run.contention_vm_hours.map((h) => h / (run.point_s / 3600))},
];

function chartOptions(quantity, runs, width, hooks) {
  const axis = {
    stroke: () => theme("--quiet"), font: "12px system-ui, sans-serif",
    grid: {stroke: () => theme("--grid"), width: 1}, ticks: {stroke: () => theme("--line"), width: 1, size: 4},
  };
  return {
    width, height: quantity.height || 190, padding: [10, 14, 0, 0], legend: {show: false},
    cursor: {y: false, sync: {key: "time", setSeries: false}, points: {size: 8}, drag: {x: true, y: false, setScale: true}},
    scales: {x: {time: false},
             y: {range: (u, low, high) => [0, uPlot.rangeNum(0, Math.max(high || 0, 1e-6), 0.1, true)[1]]}},
    axes: [
      {...axis, size: 32, values: (u, ticks) => ticks.map(axisText), space: 60,
       incrs: [1 / 12, 1 / 6, 0.25, 0.5, 1, 2, 3, 4, 6, 12, 24, 48, 120, 240, 720]},
      {...axis, size: 52, values: (u, ticks) => ticks.map((v) => v.toLocaleString("en-US", {maximumFractionDigits: 4}))},
    ],
    series: [{}, ...runs.map((run, index) => ({
      label: run.label, scale: "y", width: 1.75, dash: dashOf(index), stroke: () => colourOf(index), spanGaps: true,
      paths: uPlot.paths.stepped({align: 1}), points: {show: false},
    }))],
    hooks,
  };
}

class Chart {
  constructor(quantity, runs, frame) {
    this.quantity = quantity;
    this.runs = runs;
    this.values = runs.map(quantity.of);
    this.readout = element("p", {class: "readout"});
    this.plotFrame = element("div", {
      class: "plot", tabindex: "0", role: "group", id: `chart-${quantity.id}`,
      "aria-label": `${quantity.title}${quantity.unit && `, ${quantity.unit}`}, line chart. Arrow keys read values.`,
    });
    const title = element("h3");
    title.textContent = quantity.title + (["kW", "%"].includes(quantity.unit) ? ` (${quantity.unit})` : "");
    const what = element("p", {class: "what"});
    what.textContent = quantity.what;
    frame.append(element("div", {class: "card"}, title, what, this.plotFrame, this.readout));

    const tables = runs.map((run, r) => steps(this.values[r], run.point_s / 3600));
    const hooks = {setCursor: [(u) => this.show(u.cursor.idx)]};
    this.plot = new uPlot(chartOptions(quantity, runs, this.plotFrame.clientWidth, hooks), uPlot.join(tables),
                          this.plotFrame);
    new ResizeObserver(() => {
      const width = this.plotFrame.clientWidth;
      if (width > 0 && width !== this.plot.width) this.plot.setSize({width, height: this.plot.height});
    }).observe(this.plotFrame);
    this.plotFrame.addEventListener("keydown", (event) => this.key(event));
    // All charts follow the cursor, but only the one in focus is read out.
    this.plotFrame.addEventListener("focus", () => this.readout.setAttribute("aria-live", "polite"));
    this.plotFrame.addEventListener("blur", () => {
      this.readout.removeAttribute("aria-live");
      this.moveTo(null);
    });
    this.plot.over.addEventListener("pointermove", (event) => {
      if (event.pointerType !== "touch") return;  // uPlot itself follows the mouse
      this.plot.setCursor({left: event.clientX - this.plot.over.getBoundingClientRect().left, top: 1}, true, true);
    });
    this.show(null);
  }

  show(index) {
    const {plot, quantity} = this;
    if (index === undefined) index = null;
    const when = element("span", {class: "when"});
    when.textContent = index === null || !plot ? quantity.overall[0] : `at ${timeText(plot.data[0][index])}`;
    this.readout.replaceChildren(when);
    this.runs.forEach((run, r) => {
      if (plot && !plot.series[r + 1].show) return;
      const value = index === null ? quantity.overall[1](this.values[r]) : plot.data[r + 1][index];
      const text = document.createElement("span");
      const digits = index === null && quantity.overall[0] === "mean" ? Math.max(quantity.digits, 1) : quantity.digits;
      const shown = value === null || value === undefined ? "no value" : number(value, digits);
      text.append(swatch(r), `${run.label}: ${shown} ${quantity.unit}`);
      this.readout.append(text);
    });
  }

  // Puts the cursor of all charts on a point; null takes it away.
  moveTo(index) {
    const left = index === null ? -10 : this.plot.valToPos(this.plot.data[0][index], "x");
    this.plot.setCursor({left, top: index === null ? -10 : 1}, true, true);
  }

  key(event) {
    const [first, last] = [this.plot.valToIdx(this.plot.scales.x.min), this.plot.valToIdx(this.plot.scales.x.max)];
    const now = this.plot.cursor.idx;
    const step = event.shiftKey ? 12 : 1;
    const target = {
      ArrowRight: now === null || now === undefined ? first : Math.min(last, now + step),
      ArrowLeft: now === null || now === undefined ? last : Math.max(first, now - step),
      Home: first, End: last,
    }[event.key];
    if (event.key === "Escape") {
      this.moveTo(null);
      charts.forEach((chart) => chart.plot.setScale("x", {min: chart.plot.data[0][0], max: chart.plot.data[0].at(-1)}));
    } else if (target !== undefined) {
      this.moveTo(target);
    } else {
      return;
    }
    event.preventDefault();
  }

  setVisible(run, visible) {
    this.plot.setSeries(run + 1, {show: visible});
    this.show(this.plot.cursor.idx);
  }

  highlight(run) { this.plot.setSeries(run === null ? null : run + 1, {focus: true}); }
}

const charts = [];
