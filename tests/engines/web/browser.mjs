// Chromium, and Enketo's page in it, as `prepare.mjs` has made them. Nothing is asked of any network.
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";
import { fileURLToPath } from "node:url";

const path = (name) => fileURLToPath(new URL(`built/${name}`, import.meta.url));
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"];
const QUIET = ["--disable-background-networking", "--disable-component-update"];
const HTML = `<!doctype html><html><head><meta charset="utf-8"></head><body>
  <div class="main"><article class="paper"><div id="form"></div></article></div></body></html>`;
const ADDRESS = "http://enketo.invalid/";

export const FONT = readFileSync(path("font.css"), "utf-8");

export async function withBrowser(work) {
  const env = { ...process.env, LD_LIBRARY_PATH: path("chromium/lib"), FONTCONFIG_FILE: path("chromium/fonts.conf") };
  const browser = await chromium.launch({ executablePath: path("chromium/chromium"), args: [...FLAGS, ...QUIET], env });
  try {
    return await work(browser);
  } finally {
    await browser.close();
  }
}

export async function withPage(work) {
  return withBrowser(async (browser) => {
    const viewport = { width: 800, height: 1280 };
    const page = await browser.newPage({ viewport, locale: "en-GB", timezoneId: "Asia/Baghdad" });
    // The page needs an address of its own for its cookies; whatever else it asks for is not there.
    await page.route("**", (route) =>
      route.request().url() === ADDRESS ? route.fulfill({ contentType: "text/html", body: HTML }) : route.abort(),
    );
    await page.goto(ADDRESS);
    await page.addStyleTag({ path: path("form.css") });
    // Text that is shown before its font is there stays white.
    await page.evaluate(() => document.fonts.load("16px Naskh", "م").then(() => document.fonts.ready));
    await page.addScriptTag({ path: path("page.js") });
    return await work(page);
  });
}
