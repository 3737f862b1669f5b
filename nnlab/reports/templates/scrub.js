"use strict";
// The slider of nnlab scrub. It reads two data blocks: #film (JSON) and #frames (gzip in base64).
(async () => {
  const SPEED = 90, CALM = 500; // ms a frame; CALM where less motion is wanted
  const SMALL = "11px system-ui, sans-serif", LEFT = 52, BOTTOM = 34, TOP = 10, RIGHT = 12;
  const film = JSON.parse(document.getElementById("film").textContent);
  const root = document.documentElement, slider = document.getElementById("slider");
  const play = document.getElementById("play"), now = document.getElementById("now");
  const last = film.at.length - 1;
  let colours = {}, frame = last, timer = 0;

  // Unpacking: each frame is stored as its difference from the frame before it.
  async function unpacked() {
    const text = atob(document.getElementById("frames").textContent);
    const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).arrayBuffer();
  }

  function undo(buffer, run, size, frames, fine) {
    const values = new (fine ? Uint16Array : Uint8Array)(buffer, run.start, size * frames);
    for (let i = size; i < values.length; i++) values[i] += values[i - size];
    run.frames = values;
    run.size = size;
  }

  function undoAll(buffer) {
    for (const panel of film.panels) panel.runs.forEach((run, which) => {
      const frames = film.counts[which];
      if (panel.kind === "Lines") undo(buffer, run, run.lines * panel.at.length, frames, panel.fine);
      if (panel.kind === "Grid") undo(buffer, run, run.rows * run.columns, frames, false);
      if (panel.kind === "Gallery") undo(buffer, run, run.side * run.side, run.images, false);
    });
  }

  // Colours come from the style sheet, which knows light and dark.
  function readColours() {
    const style = getComputedStyle(root);
    for (const name of ["paper", "ink", "faint", "grid", "blue", "orange", "teal", "red",
      "map-low", "map-middle", "map-high", "map-most"])
      colours[name] = style.getPropertyValue(`--${name}`).trim();
    colours.two = ramp(["map-low", "map-middle", "map-high"]);
    colours.one = ramp(["map-middle", "map-most"]);
  }

  function ramp(names) {
    const stops = names.map((name) => [1, 3, 5].map((i) => parseInt(colours[name].slice(i, i + 2), 16)));
    return Array.from({ length: 255 }, (_, i) => {
      const place = i / 254 * (stops.length - 1), from = Math.min(Math.floor(place), stops.length - 2);
      return stops[from].map((a, part) => Math.round(a + (stops[from + 1][part] - a) * (place - from)));
    });
  }

  // One plot: its canvas, and the box of its axes in CSS pixels.
  function open(canvas, right = RIGHT) {
    const { width, height } = canvas.getBoundingClientRect(), sharp = devicePixelRatio || 1;
    canvas.width = Math.round(width * sharp);
    canvas.height = Math.round(height * sharp);
    const pen = canvas.getContext("2d");
    pen.scale(sharp, sharp);
    pen.font = SMALL;
    pen.lineJoin = "round";
    return { pen, x: LEFT, y: TOP, w: width - LEFT - right, h: height - TOP - BOTTOM };
  }

  function write(pen, text, x, y, align, base = "middle", colour = colours.faint) {
    pen.fillStyle = colour;
    pen.textAlign = align;
    pen.textBaseline = base;
    pen.fillText(text, x, y);
  }

  function axes(box, across, xticks, label, ticks) {
    const { pen, x, y, w, h } = box;
    pen.strokeStyle = colours.grid;
    pen.lineWidth = 1;
    let free = -Infinity;
    for (const [place, text] of xticks) {
      const at = x + place * w, half = pen.measureText(text).width / 2;
      line(pen, [[at, y], [at, y + h]]);
      const middle = Math.min(at, x + w + RIGHT - half);
      if (middle - half > free) {
        write(pen, text, middle, y + h + 5, "center", "top");
        free = middle + half + 4;
      }
    }
    free = Infinity;
    for (const [place, text] of ticks) {
      const at = y + (1 - place) * h;
      line(pen, [[x, at], [x + w, at]]);
      if (at < free) {
        write(pen, text, x - 5, at, "right");
        free = at - 11;
      }
    }
    names(box, across, label);
  }

  function names({ pen, x, y, w, h }, across, label) {
    write(pen, across, x + w / 2, y + h + BOTTOM - 2, "center", "bottom");
    pen.save();
    pen.translate(2, y + h / 2);
    pen.rotate(-Math.PI / 2);
    write(pen, label, 0, 0, "center", "top");
    pen.restore();
  }

  function line(pen, points) {
    pen.beginPath();
    points.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    pen.stroke();
  }

  const draw = {
    Lines(canvas, panel, run, at) {
      const box = open(canvas), { pen, x, y, w, h } = box, count = panel.at.length;
      axes(box, panel.x, panel.xticks, panel.label, panel.ticks);
      pen.strokeStyle = colours.red;
      pen.lineWidth = 2;
      for (const still of Object.values(panel.still))
        line(pen, still.map((place, i) => [x + panel.at[i] * w, y + (1 - place) * h]));
      const many = run.lines > 1, most = panel.fine ? 65535 : 255;
      pen.strokeStyle = colours[panel.colour];
      pen.globalAlpha = many ? Math.max(0.3, Math.min(1, 20 / run.lines)) : 1;
      pen.lineWidth = many ? 1 : 2;
      for (let n = 0; n < run.lines; n++) {
        const first = at * run.size + n * count;
        line(pen, panel.at.map((place, i) => [x + place * w, y + (1 - run.frames[first + i] / most) * h]));
      }
    },

    Curves(canvas, panel, run, at) {
      const box = open(canvas), { pen, x, y, w, h } = box;
      axes(box, film.x.label, film.x.ticks, panel.label, panel.ticks);
      const styles = [["blue", []], ["orange", [7, 3]], ["teal", [2, 2]], ["red", [7, 2, 2, 2]]];
      const cursor = x + film.x.at[frame] * w, entries = Object.entries(run.curves);
      pen.strokeStyle = colours.ink;
      line(pen, [[cursor, y], [cursor, y + h]]);
      entries.forEach(([name, places], n) => {
        const [colour, dashes] = styles[n % styles.length];
        pen.strokeStyle = pen.fillStyle = colours[colour];
        pen.lineWidth = 2;
        pen.setLineDash(dashes);
        const spot = (place, i) => [x + film.x.at[i] * w, y + (1 - place) * h];
        line(pen, places.map(spot).filter((_, i) => places[i] !== null));
        pen.setLineDash([]);
        pen.beginPath();
        if (places[at] !== null) pen.arc(...spot(places[at], at), 4, 0, 7);
        pen.fill();
        if (entries.length > 1) {
          const row = y + h - 10 - 15 * (entries.length - 1 - n);
          pen.setLineDash(dashes);
          line(pen, [[x + 8, row], [x + 36, row]]);
          pen.setLineDash([]);
          write(pen, name, x + 42, row, "left", "middle", colours.ink);
        }
      });
    },

    Grid(canvas, panel, run, at) {
      const box = open(canvas, 78), { pen, x, y, w, h } = box;
      const map = panel.two_ways ? colours.two : colours.one;
      const cell = Math.min(w / run.columns, h / run.rows), wide = cell * run.columns;
      const high = cell * run.rows, paint = sheet(run.columns, run.rows);
      for (let i = 0; i < run.size; i++) {
        const value = run.frames[at * run.size + i];
        if (value < 255) paint.data.set([...map[value], 255], 4 * i);
      }
      pen.imageSmoothingEnabled = false;
      pen.drawImage(paint.done(), x, y, wide, high);
      names({ pen, x, y, w: wide, h: high }, panel.across, panel.down);
      panel.names.forEach((name, i) => {
        const short = panel.names.length <= 12 ? i : "";
        write(pen, short, x - 5, y + (i + 0.5) * cell, "right");
        write(pen, short, x + (i + 0.5) * cell, y + high + 5, "center", "top");
      });
      const bar = sheet(1, 255);
      map.forEach((colour, i) => bar.data.set([...colour, 255], 4 * (254 - i)));
      const left = x + wide + 12;
      pen.drawImage(bar.done(), left, y, 12, high);
      for (const [place, text] of panel.ticks) write(pen, text, left + 16, y + (1 - place) * high, "left");
    },

    Gallery(canvas, panel, run, at) {
      const width = canvas.getBoundingClientRect().width, across = Math.max(3, Math.floor(width / 92));
      const tile = 60, wide = width / across;
      canvas.style.height = `${98 * Math.ceil(run.images / across)}px`;
      const { pen } = open(canvas);
      for (let n = 0; n < run.images; n++) {
        const x = (n % across) * wide, y = Math.floor(n / across) * 98, paint = sheet(run.side, run.side);
        for (let i = 0; i < run.size; i++) {
          const pixel = run.frames[n * run.size + i];
          paint.data.set([pixel, pixel, pixel, 255], 4 * i);
        }
        pen.imageSmoothingEnabled = false;
        pen.drawImage(paint.done(), x, y, tile, tile);
        const seen = run.predicted[at][n], right = seen === run.true[n];
        write(pen, `${right ? "✓" : "✗"} ${run.names[seen]}`, x, y + tile + 4, "left", "top",
          right ? colours.teal : colours.red);
        write(pen, `is ${run.names[run.true[n]]}`, x, y + tile + 18, "left", "top");
      }
    },
  };

  // A small picture, pixel by pixel.
  function sheet(width, height) {
    const canvas = new OffscreenCanvas(width, height), pen = canvas.getContext("2d");
    const image = pen.createImageData(width, height);
    return { data: image.data, done: () => (pen.putImageData(image, 0, 0), canvas) };
  }

  const shown = (value) => value === null ? "none" : Number(value.toPrecision(4)).toString().replace("-", "−");

  function show(wanted) {
    frame = Math.max(0, Math.min(last, wanted));
    slider.value = frame;
    now.textContent = `${film.unit} ${film.at[frame].toLocaleString("en")}`;
    slider.setAttribute("aria-valuetext", now.textContent);
    film.counts.forEach((count, which) => {
      const at = Math.min(frame, count - 1);
      for (const [name, values] of Object.entries(film.numbers[which]))
        document.getElementById(`number-${which}-${name.replaceAll(" ", "-")}`).textContent = shown(values[at]);
      document.getElementById(`ended-${which}`).hidden = frame < count;
    });
    for (const canvas of document.querySelectorAll("canvas")) {
      const panel = film.panels[canvas.dataset.panel], which = Number(canvas.dataset.run);
      draw[panel.kind](canvas, panel, panel.runs[which], Math.min(frame, film.counts[which] - 1));
    }
  }

  function stop() {
    clearTimeout(timer);
    timer = 0;
    play.textContent = "Play";
  }

  function step() {
    if (frame >= last) return stop();
    show(frame + 1);
    timer = setTimeout(step, matchMedia("(prefers-reduced-motion: reduce)").matches ? CALM : SPEED);
  }

  function start() {
    if (timer) return stop();
    if (frame >= last) show(0);
    play.textContent = "Pause";
    timer = setTimeout(step, SPEED);
  }

  const moves = { ArrowLeft: () => frame - 1, ArrowRight: () => frame + 1, Home: () => 0, End: () => last };

  function listen() {
    slider.addEventListener("input", () => (stop(), show(Number(slider.value))));
    play.addEventListener("click", start);
    addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey || !(event.key in moves)) return;
      event.preventDefault();
      stop();
      show(moves[event.key]());
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => (readColours(), show(frame)));
    // Drawn in the next frame: a gallery sets its height, which the observer must not see at once.
    new ResizeObserver(() => requestAnimationFrame(() => show(frame))).observe(slider.parentElement);
  }

  if (typeof DecompressionStream === "undefined") return; // the still pictures stay
  undoAll(await unpacked());
  root.classList.add("live");
  slider.max = last;
  readColours();
  listen();
  show(last);
  root.dataset.ready = Math.round(performance.now());
})();
