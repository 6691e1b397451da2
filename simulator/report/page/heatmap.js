// SPDX-License-Identifier: Apache-2.0
// The heat maps: one canvas per policy, a column per point in time, a row per host or group of hosts.

const OFF = 255;
// Cividis (Nuñez, Anderton & Renslow 2018), readable with every kind of colour vision; eleven steps from 0 to 100 %.
const CIVIDIS = ["#00224e", "#123570", "#3b496c", "#575d6d", "#707173", "#8a8678", "#a59c74", "#c3b369", "#e1cc55",
                 "#f0da45", "#fee838"].map((c) => [1, 3, 5].map((i) => parseInt(c.slice(i, i + 2), 16)));

// Colours follow the square root of the load: most hosts are far from full, and their differences should be seen.
function heatColour(percent) {
  const position = Math.sqrt(Math.min(percent, 100));
  const low = Math.min(9, Math.floor(position));
  return CIVIDIS[low].map((c, i) => Math.round(c + (CIVIDIS[low + 1][i] - c) * (position - low)));
}

function heatTable() {
  const table = new Uint32Array(256);  // little-endian RGBA, as ImageData has it on every browser's platform
  for (let p = 0; p <= 100; ++p) {
    const [r, g, b] = heatColour(p);
    table[p] = (255 << 24) | (b << 16) | (g << 8) | r;
  }
  return table;  // `off` stays transparent: the canvas's background shows
}

class HeatMap {
  constructor(run, index, frame) {
    this.run = run;
    this.rows = run.heat.rows;
    this.bytes = Uint8Array.from(atob(run.heat.base64), (c) => c.charCodeAt(0));
    this.columns = this.rows ? this.bytes.length / this.rows : 0;
    this.cell = null;  // {row, column} that is pointed at; row as drawn
    this.canvas = element("canvas");
    this.lines = [element("i", {class: "x"}), element("i", {class: "y"})];
    this.frame = element("div", {class: "heat", tabindex: "0", role: "group"}, this.canvas, ...this.lines);
    this.frame.setAttribute("aria-label", `Host load under ${run.label}, heat map. Arrow keys read values.`);
    this.readout = element("p", {class: "readout", "aria-live": "polite"});
    const title = element("h3");
    title.append(swatch(index), ` ${run.label}`);
    const end = element("span");
    end.textContent = axisText((this.columns * run.point_s) / 3600);
    const axis = element("div", {class: "heat-axis", "aria-hidden": "true"}, "0 h", end);
    frame.append(element("div", {class: "card"}, title, element("p", {class: "what"}), this.frame, axis, this.readout));
    frame.lastChild.querySelector(".what").textContent = this.rowText();
    for (const type of ["pointermove", "pointerdown"]) this.frame.addEventListener(type, (e) => this.point(e));
    this.frame.addEventListener("pointerleave", () => this.show(null));
    this.frame.addEventListener("blur", () => this.show(null));
    this.frame.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.draw()).observe(this.frame);
    this.show(null);
  }

  rowText() {
    const {hosts_per_row: per} = this.run.heat;
    return `${number(this.run.hosts, 0)} hosts` + (per > 1 ? `, ${per} per row (mean of those that are on).` : ".");
  }

  orderBy(order) {
    this.order = Array.from({length: this.rows}, (_, row) => row);
    if (order === "load") {
      const load = new Float64Array(this.rows);
      this.bytes.forEach((p, i) => { if (p !== OFF) load[i % this.rows] += p + 1; });  // on counts, even when idle
      this.order.sort((a, b) => load[b] - load[a] || a - b);
    }
    this.show(null);
    this.draw();
  }

  draw() {
    if (!this.order || !this.columns || !this.frame.clientWidth) return;
    const source = new OffscreenCanvas(this.columns, this.rows);
    const pixels = new Uint32Array(this.columns * this.rows);
    const table = heatTable();
    for (let row = 0; row < this.rows; ++row) {
      for (let c = 0; c < this.columns; ++c) {
        pixels[row * this.columns + c] = table[this.bytes[c * this.rows + this.order[row]]];
      }
    }
    const image = new ImageData(new Uint8ClampedArray(pixels.buffer), this.columns, this.rows);
    source.getContext("2d").putImageData(image, 0, 0);
    const scale = Math.min(window.devicePixelRatio || 1, 2);
    this.canvas.width = Math.round(this.frame.clientWidth * scale);
    this.canvas.height = Math.round(this.canvas.clientHeight * scale);
    const context = this.canvas.getContext("2d");
    context.imageSmoothingEnabled = this.canvas.width < this.columns || this.canvas.height < this.rows;
    context.imageSmoothingQuality = "high";
    context.drawImage(source, 0, 0, this.canvas.width, this.canvas.height);
  }

  point(event) {
    const box = this.canvas.getBoundingClientRect();
    const clamp = (value, count) => Math.max(0, Math.min(count - 1, Math.floor(value * count)));
    if (!this.columns) return;
    this.show({column: clamp((event.clientX - box.left) / box.width, this.columns),
               row: clamp((event.clientY - box.top) / box.height, this.rows)});
  }

  key(event) {
    const [dx, dy] = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key] || [0, 0];
    if (event.key === "Escape") this.show(null);
    if ((!dx && !dy) || !this.columns) return;
    const from = this.cell || {column: 0, row: 0};
    const step = event.shiftKey ? 12 : 1;
    this.show({column: Math.max(0, Math.min(this.columns - 1, from.column + dx * step)),
               row: Math.max(0, Math.min(this.rows - 1, from.row + dy * step))});
    event.preventDefault();
  }

  show(cell) {
    this.cell = cell;
    for (const line of this.lines) line.style.display = cell ? "block" : "none";
    if (!cell) {
      const on = this.bytes.filter((p) => p !== OFF);
      this.readout.textContent = `mean: ${number(mean(this.run.hosts_on), 1)} of ${number(this.run.hosts, 0)} hosts on, ` +
        `at ${number(mean(Array.from(on)), 1)} % of their CPU`;
      return;
    }
    this.lines[0].style.left = `${((cell.column + 0.5) / this.columns) * 100}%`;
    this.lines[1].style.top = `${((cell.row + 0.5) / this.rows) * this.canvas.clientHeight}px`;
    const row = this.order[cell.row];
    const percent = this.bytes[cell.column * this.rows + row];
    const when = timeText((cell.column * this.run.point_s) / 3600);
    this.readout.textContent =
      `${this.run.heat.names[row]} at ${when}: ${percent === OFF ? "off" : `${percent} % of its CPU`}`;
  }
}

const heatMaps = [];

function drawScale(frame) {
  const canvas = element("canvas", {width: "100", height: "1", "aria-hidden": "true"});
  const context = canvas.getContext("2d");
  for (let x = 0; x < 100; ++x) {
    context.fillStyle = `rgb(${heatColour((x / 99) ** 2 * 100).join(",")})`;
    context.fillRect(x, 0, 1, 1);
  }
  const ticks = element("div", {class: "ticks"});
  for (const percent of [0, 5, 25, 50, 100]) {
    const tick = element("span", {}, `${percent} %`);
    tick.style.left = `${Math.sqrt(percent) * 10}%`;
    ticks.append(tick);
  }
  const off = element("span", {}, element("span", {class: "off"}), " off");
  frame.append("CPU load", element("div", {}, canvas, ticks), off);
}
