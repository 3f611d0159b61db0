// A map below a text field of an area: what is drawn is written into the field as GeoJSON, and the
// field stays what is submitted. OpenLayers is loaded when the first map is opened.

(() => {
  "use strict";

  const DECIMALS = 6;
  // Longer outlines go by a short link: servers and browsers cut addresses of some thousands.
  const LONGEST_IN_ADDRESS = 1000;
  const WORLD = [-180, -90, 180, 90];
  let library;

  function load(details) {
    library ??= new Promise((resolve, reject) => {
      const style = document.createElement("link");
      style.rel = "stylesheet";
      style.href = details.dataset.style;
      document.head.prepend(style);
      const script = document.createElement("script");
      script.src = details.dataset.script;
      script.addEventListener("load", resolve);
      script.addEventListener("error", () => {
        library = undefined;
        script.remove();
        reject(new Error(`${script.src} could not be loaded.`));
      });
      document.head.append(script);
    });
    return library;
  }

  class AreaMap {
    constructor(details) {
      this.details = details;
      this.input = document.getElementById(details.dataset.input);
      this.help = details.querySelector("[role=status]");
      this.drawn = new ol.source.Vector({ wrapX: false });
      this.map = this.made();
      this.pen = new ol.interaction.Draw({ source: this.drawn, type: "Polygon", style: () => this.styles.sketch });
      this.pen.setActive(false);
      this.pen.on("drawend", ({ feature }) => {
        within(feature.getGeometry());
        // The source has it after this event.
        setTimeout(() => { this.drawing(false); this.write(); });
      });
      this.modify = new ol.interaction.Modify({ source: this.drawn, style: () => this.styles.corner });
      this.modify.on("modifyend", () => {
        this.drawn.getFeatures().forEach((feature) => within(feature.getGeometry()));
        this.write();
      });
      this.map.addInteraction(this.modify);
      this.map.addInteraction(this.pen);
      details.querySelectorAll("[data-do]").forEach((button) =>
        button.addEventListener("click", () => this[button.dataset.do]()));
      this.map.getTargetElement().addEventListener("keydown", ({ key }) => {
        if (key === "Escape") this.pen.abortDrawing();
      });
      this.input.addEventListener("change", () => this.read());
      this.read();
    }

    made() {
      const { layer, attribution } = this.details.dataset;
      const element = this.details.querySelector(".map");
      const outlines = new ol.source.Vector({
        url: layer, format: new ol.format.GeoJSON(), attributions: attribution, wrapX: false,
      });
      const sea = new ol.source.Vector({
        features: [new ol.Feature(ol.geom.Polygon.fromExtent(WORLD))], wrapX: false,
      });
      const map = new ol.Map({
        target: element,
        // The wheel scrolls the page until the map has been clicked.
        interactions: ol.interaction.defaults.defaults({ onFocusOnly: true, doubleClickZoom: false }),
        controls: [new ol.control.Zoom(), new ol.control.Attribution({ collapsible: false })],
        layers: [
          new ol.layer.Vector({ source: sea, style: () => this.styles.sea }),
          new ol.layer.Vector({ source: outlines, style: () => this.styles.land }),
          new ol.layer.Vector({ source: this.drawn, style: () => this.styles.area }),
        ],
        view: new ol.View({
          projection: "EPSG:4326", center: [0, 20], zoom: 0, extent: WORLD, showFullExtent: true, maxZoom: 20,
        }),
      });
      this.paint();
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
        this.paint();
        map.getLayers().forEach((each) => each.changed());
      });
      map.getView().fit(WORLD, { size: map.getSize() });
      return map;
    }

    // The page's own colours, light or dark.
    paint() {
      const page = getComputedStyle(this.details);
      const colour = (name) => page.getPropertyValue(`--${name}`).trim();
      const stroke = (name, width) => new ol.style.Stroke({ color: colour(name), width });
      const corner = new ol.style.Circle({
        radius: 6, fill: new ol.style.Fill({ color: colour("sheet") }), stroke: stroke("contour", 2.5),
      });
      const fill = new ol.style.Fill({ color: `${colour("contour")}38` });
      const area = new ol.style.Style({ fill, stroke: stroke("contour", 2.5) });
      const corners = new ol.style.Style({
        image: new ol.style.Circle({ radius: 4, fill: new ol.style.Fill({ color: colour("contour") }) }),
        geometry: (feature) => new ol.geom.MultiPoint(polygons(feature.getGeometry()).flat(2)),
      });
      this.styles = {
        sea: new ol.style.Style({ fill: new ol.style.Fill({ color: colour("water-tint") }) }),
        land: new ol.style.Style({
          fill: new ol.style.Fill({ color: colour("sheet") }), stroke: stroke("rule-strong", 0.75),
        }),
        area: [area, corners],
        sketch: new ol.style.Style({ fill, stroke: stroke("contour", 2.5), image: corner }),
        corner: new ol.style.Style({ image: corner }),
      };
    }

    draw() { this.drawing(!this.pen.getActive()); }

    drawing(active) {
      this.pen.setActive(active);
      this.modify.setActive(!active);
      const button = this.details.querySelector("[data-do=draw]");
      button.setAttribute("aria-pressed", String(active));
      this.details.querySelector("[data-do=undo]").disabled = !active;
      this.say();
    }

    undo() {
      this.pen.removeLastPoint();
    }

    view() {
      const [west, south, east, north] = this.map.getView().calculateExtent(this.map.getSize());
      const box = [Math.max(west, -180), Math.max(south, -90), Math.min(east, 180), Math.min(north, 90)];
      this.drawn.clear();
      this.drawn.addFeature(new ol.Feature(ol.geom.Polygon.fromExtent(box)));
      this.drawing(false);
      this.write();
    }

    clear() {
      this.pen.abortDrawing();
      this.drawn.clear();
      this.write();
      this.drawing(true);
    }

    write() {
      const found = this.drawn.getFeatures().flatMap((feature) => polygons(feature.getGeometry()));
      const geometry = found.length === 1 ? new ol.geom.Polygon(found[0]) : new ol.geom.MultiPolygon(found);
      this.input.value = found.length
        ? new ol.format.GeoJSON().writeGeometry(geometry, { decimals: DECIMALS, rightHanded: true })
        : "";
      this.unknown = false;
      this.say();
    }

    async read() {
      const text = this.input.value.trim();
      this.pen.abortDrawing();
      this.drawn.clear();
      this.unknown = false;
      try {
        const found = text ? (await this.geometries(text)).flatMap(polygons) : [];
        if (text !== this.input.value.trim()) return;
        if (found.length) {
          this.drawn.addFeatures(found.map((each) => new ol.Feature(new ol.geom.Polygon(each))));
          this.map.getView().fit(this.drawn.getExtent(), { padding: [40, 40, 40, 40], maxZoom: 12 });
        }
      } catch {
        this.unknown = true;
      }
      this.drawing(!text);
    }

    // Of GeoJSON, WKT, a box or a shared link; what is none of them is the server's to read.
    async geometries(text) {
      if (text.startsWith("{")) {
        return new ol.format.GeoJSON().readFeatures(text).map((feature) => feature.getGeometry());
      }
      if (/^bbox=/i.test(text)) {
        const [west, south, east, north] = text.slice(5).split(",").map(Number);
        if (![west, south, east, north].every(Number.isFinite)) throw new Error(text);
        // Over the antimeridian it is one box at each edge of the map.
        const pieces = west > east ? [[west, 180], [-180, east]] : [[west, east]];
        return pieces.map(([from, to]) => ol.geom.Polygon.fromExtent([from, south, to, north]));
      }
      if (text.startsWith("shared:")) {
        const address = this.details.dataset.shared.replace("TOKEN", encodeURIComponent(text.slice(7)));
        const answer = await fetch(address);
        if (!answer.ok) throw new Error(text);
        return [new ol.format.GeoJSON().readGeometry(await answer.json())];
      }
      return [new ol.format.WKT().readGeometry(text.replace(/^SRID=4326;/i, ""))];
    }

    say() {
      const { elsewhere, empty, drawn } = this.details.dataset;
      this.help.textContent = this.unknown ? elsewhere : this.pen.getActive() ? empty : drawn;
    }
  }

  // Coordinates of every polygon of a geometry; anything else than polygons is an error.
  function polygons(geometry) {
    switch (geometry.getType()) {
      case "Polygon": return [geometry.getCoordinates()];
      case "MultiPolygon": return geometry.getCoordinates();
    }
    throw new Error(geometry.getType());
  }

  // Corners beyond the edges of the world, put on them.
  function within(geometry) {
    geometry.applyTransform((flat) => {
      for (let n = 0; n < flat.length; n += 2) {
        flat[n] = Math.min(180, Math.max(-180, flat[n]));
        flat[n + 1] = Math.min(90, Math.max(-90, flat[n + 1]));
      }
      return flat;
    });
  }

  // "toggle" does not bubble; htmx may put another form here at any time.
  document.addEventListener("toggle", async ({ target }) => {
    if (!target.matches?.("details.area-map") || !target.open || target.map) return;
    try {
      await load(target);
      target.map ??= new AreaMap(target);
    } catch (error) {
      target.querySelector("[role=status]").textContent = target.dataset.failed;
      console.error(error);
    }
  }, true);

  // Before htmx sees it: a link is posted as any form is.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const share = form.querySelector("button[data-share]");
    if (!share) return;
    const isLong = [...form.querySelectorAll("details.area-map")].some((details) =>
      document.getElementById(details.dataset.input).value.length > LONGEST_IN_ADDRESS);
    if (event.submitter === share) {
      event.stopImmediatePropagation();
    } else if (isLong) {
      event.preventDefault();
      event.stopImmediatePropagation();
      // A form that is being submitted takes no other submission.
      setTimeout(() => form.requestSubmit(share));
    }
  }, true);
})();
