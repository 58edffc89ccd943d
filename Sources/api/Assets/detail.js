/* Pages of one model and comparisons: copying, and reading a chart. Without it the figures are in the table. */
(() => {
  "use strict";
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const say = (words) => { one("[data-announce]").textContent = words; };

  /* Copy, also where the clipboard's interface is missing, as on plain http. */
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      say("Copied");
    } catch {
      const field = document.createElement("textarea");
      field.value = button.dataset.copy;
      field.className = "vh";
      document.body.append(field);
      field.select();
      say(document.execCommand("copy") ? "Copied" : "Copying failed");
      field.remove();
      button.focus();
    }
  });

  /* Charts: the value under the pointer, or under the arrow keys. */
  const read = (box) => {
    const chart = JSON.parse(box.dataset.chart);
    const plot = one(".plot", box);
    const cross = one(".cross", box);
    const readout = one("[data-readout]", box);
    const atRest = readout.textContent;
    let place = chart.at.length - 1;
    const showPoint = (wanted) => {
      place = Math.max(0, Math.min(chart.at.length - 1, wanted));
      cross.setAttribute("x1", `${chart.x[place]}%`);
      cross.setAttribute("x2", `${chart.x[place]}%`);
      cross.setAttribute("visibility", "visible");
      readout.textContent = `${chart.at[place]}: ` + chart.series.map((series) => {
        const value = series.values[place];
        return `${chart.series.length > 1 ? `${series.name} ` : ""}${value === null ? "no observation" : value}`;
      }).join(" · ");
    };
    const leavePoint = () => {
      cross.setAttribute("visibility", "hidden");
      readout.textContent = atRest;
    };
    plot.addEventListener("pointermove", (event) => {
      const bounds = plot.getBoundingClientRect();
      const at = 100 * (event.clientX - bounds.left) / bounds.width;
      let nearest = 0;
      for (const [index, x] of chart.x.entries()) {
        if (Math.abs(x - at) < Math.abs(chart.x[nearest] - at)) nearest = index;
      }
      showPoint(nearest);
    });
    plot.addEventListener("pointerleave", leavePoint);
    plot.addEventListener("blur", leavePoint);
    plot.addEventListener("keydown", (event) => {
      const next = { ArrowLeft: place - 1, ArrowRight: place + 1, Home: 0, End: chart.at.length - 1 }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      showPoint(next);
    });
    box.dataset.read = "";
  };
  const readAll = () => all("[data-chart]:not([data-read])").forEach(read);
  document.addEventListener("swapped", readAll);
  readAll();
})();
