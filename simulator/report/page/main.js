// SPDX-License-Identifier: Apache-2.0
// Builds the interactive parts of the page from the embedded data.

function makeLegend(runs) {
  const legend = document.getElementById("legend");
  runs.forEach((run, index) => {
    const button = element("button", {type: "button", "aria-pressed": "true"}, swatch(index), run.label);
    button.addEventListener("click", () => {
      const visible = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(visible));
      charts.forEach((chart) => chart.setVisible(index, visible));
    });
    for (const type of ["mouseenter", "focus"]) {
      button.addEventListener(type, () => charts.forEach((chart) => chart.highlight(index)));
    }
    for (const type of ["mouseleave", "blur"]) {
      button.addEventListener(type, () => charts.forEach((chart) => chart.highlight(null)));
    }
    legend.append(button);
  });
}

// A click on a column's title sorts by it: smallest first, then largest first.
function makeSortable(table) {
  const body = table.tBodies[0];
  const valueOf = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value);
  };
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = element("button", {type: "button"}, ...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const direction = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
      const rows = [...body.rows].sort((a, b) => {
        const [x, y] = [valueOf(a, column), valueOf(b, column)];
        return direction * (typeof x === "number" ? x - y : x.localeCompare(y));
      });
      body.append(...rows);
    });
  });
}

function build() {
  const {runs} = JSON.parse(document.getElementById("report-data").textContent);
  makeSortable(document.getElementById("comparison"));
  if (runs.length === 0) return;
  for (const id of ["charts-section", "heat-section"]) document.getElementById(id).hidden = false;
  makeLegend(runs);
  for (const quantity of QUANTITIES) charts.push(new Chart(quantity, runs, document.getElementById("charts")));
  drawScale(document.getElementById("heat-scale"));
  runs.forEach((run, index) => heatMaps.push(new HeatMap(run, index, document.getElementById("heat-maps"))));
  const order = document.getElementById("heat-order");
  order.addEventListener("change", () => heatMaps.forEach((map) => map.orderBy(order.value)));
  heatMaps.forEach((map) => map.orderBy(order.value));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    charts.forEach((chart) => chart.plot.redraw());
  });
}

build();
