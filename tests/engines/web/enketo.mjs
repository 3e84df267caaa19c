// Enketo in a browser: reads what javarosa.py reads from standard input, prints what it prints but walks.
import { readFileSync } from "node:fs";
import { withPage } from "./browser.mjs";

const asked = JSON.parse(readFileSync(0, "utf-8"));
const xform = readFileSync(asked.form, "utf-8");
const saved = asked.last_saved ? readFileSync(asked.last_saved, "utf-8") : "";
const told = await withPage((page) =>
  page.evaluate(([form, commands, before]) => window.enketo.fill(form, commands, before), [xform, asked.commands, saved]),
);
console.log(JSON.stringify(told));
