// Pictures of filled forms in Enketo, 800x1280 as a tablet is held: reads `{"folder", "forms": [{"name", "xform",
// "commands"}], "languages": [{"code", "name"}], "lists": {file name: text}}` from standard input, and writes
// FORM-LANGUAGE-PAGE.png.
import { readFileSync } from "node:fs";
import { withPage } from "./browser.mjs";

const PAGE = 1280;
const { folder, forms, languages, lists } = JSON.parse(readFileSync(0, "utf-8"));

async function picture(page, form, language) {
  const commands = [{ act: "language", path: "", value: language.name }, ...form.commands];
  await page.evaluate(([xform, acts, media]) => window.enketo.fill(xform, acts, "", media), [form.xform, commands, lists]);
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  for (let top = 0, number = 1; top < height; top += PAGE, number += 1) {
    const clip = { x: 0, y: top, width: 800, height: Math.min(PAGE, height - top) };
    await page.screenshot({ path: `${folder}/${form.name}-${language.code}-${number}.png`, fullPage: true, clip });
  }
}

for (const form of forms) {
  for (const language of languages) await withPage((page) => picture(page, form, language));
}
