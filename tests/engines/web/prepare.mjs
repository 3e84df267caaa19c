// Makes `built/`, once: Chromium as its package carries it, Enketo as one script, and its style with a font for Arabic.
import { build } from "esbuild";
import * as sass from "sass";
import { spawnSync } from "node:child_process";
import { createReadStream, createWriteStream, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createBrotliDecompress } from "node:zlib";

const here = new URL(".", import.meta.url);
const modules = new URL("node_modules/", here);
const built = new URL("built/", here);
const path = (name, base = built) => fileURLToPath(new URL(name, base));

async function unpack(name, to, mode = 0o644) {
  const packed = createReadStream(path(`@sparticuz/chromium/bin/${name}.br`, modules));
  await pipeline(packed, createBrotliDecompress(), createWriteStream(path(to), { mode }));
}

async function chromium() {
  await unpack("chromium", "chromium/chromium", 0o755);
  for (const name of ["al2023", "swiftshader", "fonts"]) {
    await unpack(`${name}.tar`, `chromium/${name}.tar`);
    const done = spawnSync("tar", ["-xf", path(`chromium/${name}.tar`), "-C", path("chromium")]);
    if (done.status !== 0) throw new Error(`tar: ${done.stderr}`);
    rmSync(path(`chromium/${name}.tar`));
  }
}

// A bare machine has no fonts: the browser is told of these alone, so that its pictures are the same everywhere.
function fonts() {
  const folder = path("chromium/fonts");
  writeFileSync(path("chromium/fonts.conf"), `<fontconfig><dir>${folder}</dir><cachedir>${folder}</cachedir></fontconfig>`);
}

function script() {
  const options = { bundle: true, format: "iife", platform: "browser", define: { global: "window" }, logLevel: "warning" };
  // The transformer would load libxslt in Node; a browser has its own.
  return build({ ...options, entryPoints: [path("page.js", here)], outfile: path("page.js"), external: ["libxslt"] });
}

// Enketo's style names its packages as they lie in its own repository.
function findFileUrl(url) {
  const found = url.match(/packages\/enketo-core\/(node_modules\/)?(.*)$/);
  return found ? new URL((found[1] ? "" : "enketo-core/") + found[2], modules) : null;
}

function font() {
  const folder = path("@fontsource/noto-naskh-arabic/files/", modules);
  const file = readdirSync(folder).find((name) => name.endsWith("arabic-400-normal.woff2"));
  const data = readFileSync(folder + file).toString("base64");
  return `@font-face{font-family:Naskh;src:url(data:font/woff2;base64,${data})}
    *:not(.icon):not([class*="icon-"]){font-family:"Open Sans",Naskh,sans-serif!important}`;
}

function style() {
  const theme = path("enketo-core/src/sass/formhub/formhub.scss", modules);
  const quiet = { quietDeps: true, logger: sass.Logger.silent };
  writeFileSync(path("font.css"), font());
  writeFileSync(path("form.css"), sass.compile(theme, { importers: [{ findFileUrl }], ...quiet }).css + font());
}

rmSync(built, { recursive: true, force: true });
mkdirSync(path("chromium"), { recursive: true });
await chromium();
fonts();
await script();
style();
