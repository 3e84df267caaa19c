// Enketo in the page: opens a form, and does what a person does, on the page's own controls.
import { Form } from "enketo-core";
import events from "enketo-core/src/js/event.js";
import { transform } from "enketo-transformer/web";
import $ from "jquery";

window.confirm = () => true;
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
let form;
let root;

// A list as the application around Enketo hands it over: an item for each row. No cell of ours holds a comma.
function asXml(csv) {
  const [header, ...rows] = csv.trim().split(/\r?\n/).map((line) => line.split(","));
  const xml = document.implementation.createDocument("", "root");
  for (const row of rows) {
    const item = xml.documentElement.appendChild(xml.createElement("item"));
    header.forEach((name, index) => (item.appendChild(xml.createElement(name)).textContent = row[index]));
  }
  return xml;
}

async function open(xform, saved, media = {}) {
  const made = await transform({ xform });
  const page = document.createRange().createContextualFragment(made.form);
  document.querySelector("#form").replaceChildren(page);
  const lastSaved = xform.includes("__last-saved");
  const xml = new DOMParser().parseFromString(saved || "<data/>", "text/xml");
  const external = lastSaved ? [{ id: "__last-saved", xml }] : [];
  for (const [name, csv] of Object.entries(media)) {
    const id = name.replace(/\.csv$/, "");
    if (made.model.includes(`id="${id}"`)) external.push({ id, xml: asXml(csv) });
  }
  form = new Form(document.querySelector("form.or"), { modelStr: made.model, instanceStr: null, external }, {});
  const errors = form.init();
  if (errors.length) throw new Error(errors.join("; "));
  root = form.model.xml.querySelector("instance > *").nodeName;
}

// The path without positions, and the innermost repeat instance that they point to (the form where there is none).
function place(path) {
  let inside = document.querySelector("form.or");
  let name = `/${root}`;
  for (const step of path.split("/")) {
    const [, plain, position] = step.match(/^([^[]+)(?:\[(\d+)\])?$/);
    name += `/${plain}`;
    if (position) inside = inside.querySelectorAll(`.or-repeat[name="${name}"]`)[position - 1];
    if (!inside) throw new Error(`the form has no ${path}`);
  }
  return { name, inside };
}

function controls(path) {
  const { name, inside } = place(path);
  const found = [...inside.querySelectorAll(`[name="${name}"], [data-name="${name}"]`)];
  const inputs = found.filter((item) => item.matches("input, select, textarea") && !item.closest(".itemset-template"));
  if (!inputs.length && !found.length) throw new Error(`the form has no question ${name}`);
  return { inputs, question: (inputs[0] ?? found[0]).closest(".question") };
}

function change(input) {
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

// What is chosen or typed, by a word for a choice that is not there.
function put({ inputs }, value) {
  const [first] = inputs;
  if (first && !["radio", "checkbox"].includes(first.type) && first.nodeName !== "SELECT") {
    first.value = first.type === "time" ? value.slice(0, 5) : value;
    change(first);
    return null;
  }
  const codes = value.split(" ").filter(Boolean);
  if (first?.nodeName === "SELECT") {
    if (!codes.every((code) => [...first.options].some((option) => option.value === code))) return "no such choice";
    first.value = value;
    change(first);
    first.dispatchEvent(events.InputUpdate());
    return null;
  }
  const offered = inputs.filter((input) => input.value !== "");
  if (!codes.every((code) => offered.some((input) => input.value === code))) return "no such choice";
  for (const input of offered) {
    if (input.checked !== codes.includes(input.value)) {
      input.checked = !input.checked;
      change(input);
    }
  }
  return null;
}

function held({ inputs }) {
  const [first] = inputs;
  if (!first) return "";
  if (!["radio", "checkbox"].includes(first.type)) return first.value;
  return inputs.filter((input) => input.checked).map((input) => input.value).join(" ");
}

async function set(path, value) {
  const asked = controls(path);
  if (asked.question.closest(".disabled")) return "not shown";
  const before = held(asked);
  const missing = put(asked, value);
  if (missing) return missing;
  await settled();
  await form.validateInput(controls(path).inputs[0]);
  const { classList } = controls(path).question;
  const word = ["constraint", "required"].find((rule) => classList.contains(`invalid-${rule}`)) ?? null;
  // A refused answer does not stay: Enketo shows it in red and sends nothing.
  if (word) put(controls(path), before);
  await settled();
  return word;
}

async function act({ act: verb, path, value }) {
  if (verb === "set") return set(path, value);
  if (verb === "add") {
    const { name, inside } = place(path);
    inside.querySelector(`.or-repeat-info[data-name="${name}"] .add-repeat-btn`).click();
  } else if (verb === "remove") {
    form.repeats.remove($(place(path).inside), 0);
  } else {
    const languages = document.querySelector("#form-languages");
    languages.value = [...languages.options].find((option) => value.includes(`(${option.value})`)).value;
    // Not a question: the application around Enketo keeps it outside of the form.
    languages.dispatchEvent(new Event("change"));
  }
  await settled();
  return null;
}

async function fill(xform, commands, saved, media) {
  await open(xform, saved, media);
  const refusals = [];
  for (const command of commands) refusals.push(await act(command));
  form.view.html.dispatchEvent(events.BeforeSave());
  return { xml: form.getDataStr({ irrelevant: false }), refusals };
}

window.enketo = { open, act, fill };
