// ODK Web Forms' engine without a page: reads what javarosa.py reads from standard input, prints what it prints but walks.
import { JSDOM } from "jsdom";
import { existsSync, readFileSync } from "node:fs";

const dom = new JSDOM("<!doctype html><html></html>");
for (const name of ["window", "document", "DOMParser", "XMLSerializer", "Node", "Element", "XPathResult", "File", "FormData"]) {
  globalThis[name] = name === "window" ? dom.window : dom.window[name];
}
for (const name of Object.getOwnPropertyNames(dom.window)) {
  if (!(name in globalThis) && /^[A-Z]/.test(name)) globalThis[name] = dom.window[name];
}

// The engine's WebAssembly loader takes a global `process` for a reason to read files.
const node = globalThis.process;
Object.defineProperty(globalThis, "process", { value: undefined, configurable: true, writable: true });
const { createInstance } = await import("@getodk/xforms-engine");
globalThis.process = node;

const reference = (item) => item.currentState.reference;

function descendants(parent) {
  return (parent.currentState.children ?? []).flatMap((child) => [child, ...descendants(child)]);
}

function find(root, path) {
  // Outside of repeats the engine gives no positions; in them it gives every instance its own.
  const wanted = `${reference(root)}/${path}`;
  const found = descendants(root).find((item) => reference(item) === wanted && !item.nodeType.startsWith("repeat-range"));
  if (!found) throw new Error(`the form has no question ${wanted}`);
  return found;
}

function range(root, path) {
  const wanted = `${reference(root)}/${path}`;
  const found = descendants(root).find((item) => reference(item) === wanted && item.nodeType.startsWith("repeat-range"));
  if (!found) throw new Error(`the form has no repeat ${wanted}`);
  return found;
}

function chosen(item, value) {
  const codes = value.split(" ").filter(Boolean);
  const offered = new Set(item.currentState.valueOptions.map((option) => option.value));
  if (!codes.every((code) => offered.has(code))) return "no such choice";
  item.selectValues(codes);
  return null;
}

function violation(item) {
  const broken = item.validationState.violation;
  return broken && !broken.valid ? broken.condition : null;
}

function set(root, path, value) {
  const item = find(root, path);
  if (!item.currentState.relevant) return "not shown";
  const before = item.currentState.value;
  if (item.nodeType === "select") return chosen(item, value) ?? violation(item);
  item.setValue(value);
  const word = violation(item);
  // A refused answer does not stay, as on a tablet: Web Forms shows it in red and sends nothing.
  if (word) item.setValue(before);
  return word;
}

function act(root, command) {
  const { act: verb, path, value } = command;
  if (verb === "set") return set(root, path, value);
  if (verb === "add") {
    const repeat = range(root, path);
    repeat.addInstances(repeat.currentState.children.length - 1);
  } else if (verb === "remove") {
    const [, place, position] = path.match(/^(.*)\[(\d+)\]$/);
    range(root, place).removeInstances(Number(position) - 1);
  } else {
    root.setLanguage(root.languages.find((language) => language.language === value));
  }
  return null;
}

async function sent(root) {
  const payload = await root.prepareInstancePayload({ payloadType: "monolithic" });
  const file = payload.data[0].get("xml_submission_file");
  return await new Promise((resolve, reject) => {
    const reader = new dom.window.FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsText(file);
  });
}

const asked = JSON.parse(readFileSync(0, "utf-8"));
// A form's lists, as an application hands them to the engine.
async function fetchFormAttachment(address) {
  const path = `${asked.media}/${address.href.replace(/.*\//, "")}`;
  const headers = new Headers({ "content-type": "text/csv" });
  return existsSync(path) ? { ok: true, status: 200, headers, text: async () => readFileSync(path, "utf-8") } : { ok: false, status: 404, headers, text: async () => "" };
}

const { root } = await createInstance(readFileSync(asked.form, "utf-8"), { form: { fetchFormAttachment } });
const refusals = asked.commands.map((command) => act(root, command));
console.log(JSON.stringify({ xml: await sent(root), refusals }));
