// Enketo in a browser: reads what javarosa.py reads from standard input, prints what it prints but walks.
import { readFileSync, readdirSync } from "node:fs";
import { withPage } from "./browser.mjs";

const asked = JSON.parse(readFileSync(0, "utf-8"));
const xform = readFileSync(asked.form, "utf-8");
const saved = asked.last_saved ? readFileSync(asked.last_saved, "utf-8") : "";
const lists = Object.fromEntries(readdirSync(asked.media).map((name) => [name, readFileSync(`${asked.media}/${name}`, "utf-8")]));
const told = await withPage((page) =>
  page.evaluate(
    ([form, commands, before, media]) => window.enketo.fill(form, commands, before, media),
    [xform, asked.commands, saved, lists],
  ),
);
console.log(JSON.stringify(told));
