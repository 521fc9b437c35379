(function () {
  "use strict";
  var root = document.documentElement;
  function each(selector, from, act) {
    Array.prototype.forEach.call((from || document).querySelectorAll(selector), act);
  }
  each(".js", null, function (e) { e.hidden = false; });

  // Light and dark; the system's choice until the reader makes one.
  var theme = document.getElementById("theme");
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  function isDark() {
    return root.dataset.theme ? root.dataset.theme === "dark" : dark.matches;
  }
  function name() { theme.textContent = isDark() ? "Light" : "Dark"; }
  try { root.dataset.theme = localStorage.getItem("pipemark-theme") || ""; } catch (e) {}
  if (!root.dataset.theme) { root.removeAttribute("data-theme"); }
  theme.addEventListener("click", function () {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("pipemark-theme", root.dataset.theme); } catch (e) {}
    name();
  });
  if (dark.addEventListener) { dark.addEventListener("change", name); }
  name();

  // Sorting: a button in each head cell of the tables of all cells.
  function key(row, i) {
    var cell = row.children[i];
    var text = cell.dataset.k;
    if (text === undefined) { return [1, cell.textContent.trim().toLowerCase()]; }
    return text === "" ? [2, 0] : [0, parseFloat(text)];
  }
  function compare(a, b) {
    if (a[0] !== b[0]) { return a[0] - b[0]; }
    return a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0;
  }
  each("table.cells", null, function (table) {
    var body = table.tBodies[0];
    each("thead th", table, function (head, i) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.textContent = "";
      head.appendChild(button);
      button.addEventListener("click", function () {
        var down = head.getAttribute("aria-sort") === "ascending";
        each("thead th", table, function (h) { h.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        Array.prototype.slice.call(body.rows).map(function (row) {
          return [key(row, i), row];
        }).sort(function (a, b) {
          var missing = (a[0][0] === 2) - (b[0][0] === 2);
          return missing || (down ? -1 : 1) * compare(a[0], b[0]);
        }).forEach(function (pair) { body.appendChild(pair[1]); });
      });
    });
  });

  // Filters: choices are what the table holds.
  each("form.filter", null, function (form) {
    var rows = document.getElementById(form.dataset.for).tBodies[0].rows;
    var columns = { workload: 2, message: 3, state: 8 };
    Object.keys(columns).forEach(function (what) {
      var seen = {};
      Array.prototype.forEach.call(rows, function (row) {
        var text = row.children[columns[what]].textContent;
        if (seen[text]) { return; }
        seen[text] = true;
        form.elements[what].appendChild(new Option(text, text));
      });
    });
    function apply() {
      var words = form.elements.text.value.toLowerCase().split(/\s+/);
      var shown = 0;
      Array.prototype.forEach.call(rows, function (row) {
        var text = row.textContent.toLowerCase();
        var fits = words.every(function (w) { return text.indexOf(w) >= 0; }) &&
          Object.keys(columns).every(function (what) {
            var value = form.elements[what].value;
            return !value || row.children[columns[what]].textContent === value;
          });
        row.hidden = !fits;
        shown += fits;
      });
      form.querySelector("output").textContent = shown + " of " + rows.length;
    }
    form.addEventListener("input", apply);
    form.addEventListener("submit", function (e) { e.preventDefault(); });
    apply();
  });

  // Details open when a link leads to them.
  function open() {
    var target = location.hash && document.getElementById(location.hash.slice(1));
    if (target && target.tagName === "DETAILS") { target.open = true; }
  }
  window.addEventListener("hashchange", open);
  open();
  each("button.all", null, function (button) {
    button.addEventListener("click", function () {
      each("details.cell", button.closest(".run"), function (d) {
        d.open = !!button.dataset.open;
      });
    });
  });

  // Tooltips: the title of a mark, at once and in the page's own look.
  var tip = document.getElementById("tip");
  document.addEventListener("pointermove", function (event) {
    var mark = event.target.closest && event.target.closest("svg .dot, svg .bar");
    var title = mark && mark.querySelector("title");
    if (title) { mark.dataset.tip = title.textContent; title.remove(); }
    var text = mark && mark.dataset.tip;
    tip.hidden = !text;
    if (!text) { return; }
    tip.textContent = text;
    tip.style.left = Math.min(event.clientX + 12, innerWidth - tip.offsetWidth - 8) + "px";
    tip.style.top = Math.max(event.clientY - tip.offsetHeight - 10, 4) + "px";
  });
})();
