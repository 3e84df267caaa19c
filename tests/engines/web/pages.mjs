// Pages opened in Chromium as a person opens a file: reads `{"pages": [path], "widths": [pixels], "folder": for
// pictures}` from standard input, and prints for each page, width and language what was seen. A page without a choice
// of languages is opened as it is.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import { FONT, withBrowser } from "./browser.mjs";

const HEIGHTS = { 360: 740, 800: 1280, 794: 1123 };
const { pages, widths, folder } = JSON.parse(readFileSync(0, "utf-8"));

function seen() {
  const shown = [...document.querySelectorAll("main, body")].filter((each) => each.checkVisibility()).at(-1);
  const root = document.documentElement;
  return { dir: getComputedStyle(shown).direction, wide: root.scrollWidth, room: root.clientWidth, words: shown.innerText.length };
}

const languagesOf = async (page) => {
  const all = await page.$$eval("input[name=language]", (each) => each.map((one) => one.value));
  return all.length ? all : [""];
};
const choose = (page, language) => language && page.click(`label[for=in-${language}]`);

// As it is: what the page complains of and asks for.
async function listen(browser, file) {
  const page = await browser.newPage();
  const errors = [], asked = [], address = pathToFileURL(file).href;
  page.on("console", (said) => ["error", "warning"].includes(said.type()) && errors.push(said.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("request", (request) => request.url() !== address && !request.url().startsWith("data:") && asked.push(request.url()));
  await page.goto(address);
  for (const language of await languagesOf(page)) await choose(page, language);
  await page.close();
  return { errors, asked };
}

// With the font that people's computers have and this one lacks, which the page's own policy would refuse.
async function look(browser, file, width) {
  const viewport = { width, height: HEIGHTS[width] ?? 900 }, found = [], { errors, asked } = await listen(browser, file);
  const page = await browser.newPage({ viewport, timezoneId: "Asia/Baghdad", bypassCSP: true });
  // The font comes first: text that was shown before its font was there stays white.
  await page.evaluate(async (face) => document.fonts.add(await new FontFace("Naskh", face).load()), FONT.match(/url\([^)]*\)/)[0]);
  await page.setContent(`${readFileSync(file, "utf-8")}<style>${FONT.replace(/@font-face\{[^}]*\}/, "")}</style>`);
  for (const language of await languagesOf(page)) {
    await choose(page, language);
    found.push({ file: basename(file), width, language, errors, asked, ...(await page.evaluate(seen)) });
    const path = `${folder}/${basename(file, ".html")}-${width}${language && `-${language}`}`;
    if (width === 794) await page.pdf({ path: `${path}.pdf`, format: "A4" });
    await page.screenshot({ path: `${path}.png`, fullPage: true });
  }
  await page.close();
  return found;
}

const told = await withBrowser(async (browser) => {
  const all = [];
  for (const file of pages) for (const width of widths) all.push(...(await look(browser, file, width)));
  return all;
});
console.log(JSON.stringify(told));
