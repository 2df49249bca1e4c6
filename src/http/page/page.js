// Checks one certificate and shows the report. Everything from outside is put in as text, never as markup.
import { TEXTS } from "./texts.js";

const MAX_FILE_BYTES = 256 * 1024;
const byId = (id) => document.getElementById(id);
const state = { language: "ru", certificate: null, fileName: null, answer: null, services: [], lists: [], files: {} };

const text = (key) => TEXTS[state.language][key];

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  for (const child of children) if (child !== null && child !== undefined) node.append(child);
  return node;
}

// --- language

function chooseLanguage() {
  const known = (tag) => (tag || "").slice(0, 2).toLowerCase();
  const wanted = [new URLSearchParams(location.search).get("language"), remembered(), ...navigator.languages];
  return wanted.map(known).find((tag) => tag in TEXTS) || "ru";
}

function remembered() {
  try { return localStorage.getItem("language"); } catch { return null; }
}

function setLanguage(language) {
  state.language = language;
  try { localStorage.setItem("language", language); } catch { /* private mode */ }
  document.documentElement.lang = language;
  document.title = `rastau · ${text("title")}`;
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = text(node.dataset.text);
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
  if (state.fileName) byId("file-name").textContent = state.fileName;
  for (const slot of SLOTS) showSlot(slot);
  showServices();
  showLists();
  showResult();
}

// --- the certificate

function showFileError(key) {
  byId("file-error").hidden = key === null;
  byId("file-error").textContent = key === null ? "" : text(key);
}

function setCertificate(name, certificate) {
  state.fileName = name;
  state.certificate = certificate;
  byId("drop").classList.toggle("full", name !== null);
  byId("file-name").textContent = name === null ? text("drop") : name;
}

async function takeFile(file) {
  if (!file) return;
  setCertificate(null, null);
  if (/\.(p12|pfx|jks|key)$/i.test(file.name)) return showFileError("privateKey");
  if (file.size > MAX_FILE_BYTES) return showFileError("tooLarge");
  const bytes = new Uint8Array(await file.arrayBuffer());
  const latin = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  if (latin.includes("PRIVATE KEY-----")) return showFileError("privateKey");
  showFileError(null);
  // DER begins with 0x30 and a length; everything else is text: PEM or base64.
  setCertificate(file.name, bytes[0] === 0x30 && bytes[1] >= 0x80 ? btoa(latin) : latin.trim());
}

async function takeSample(button) {
  const response = await fetch(`/demo/${button.dataset.sample}.json`);
  if (!response.ok) return;
  const { certificate, identity } = await response.json();
  showFileError(null);
  setCertificate(`${button.dataset.sample}.pem`, certificate);
  const [[kind, number]] = Object.entries(identity);
  byId("kind").value = kind;
  byId("number").value = number;
  byId("paste").value = "";
  await check();
}

// --- the signed document

const SLOTS = ["document", "content"];

function showSlot(slot) {
  const file = state.files[slot];
  byId(`${slot}-drop`).classList.toggle("full", Boolean(file));
  byId(`${slot}-drop`).querySelector(".drop-title").textContent = file ? file.name : text(`${slot}Drop`);
}

function takeDocument(slot, file) {
  if (!file) return;
  const isKey = /\.(p12|pfx|jks|key)$/i.test(file.name);
  byId("document-error").hidden = !isKey;
  byId("document-error").textContent = isKey ? text("privateKey") : "";
  state.files[slot] = isKey ? null : file;
  showSlot(slot);
}

async function takeDocumentSample(button) {
  const response = await fetch(`/demo/${button.dataset.document}.json`);
  if (!response.ok) return;
  const bytes = Uint8Array.from(atob((await response.json()).document), (character) => character.charCodeAt(0));
  state.files = {};
  takeDocument("document", new File([bytes], button.textContent));
  showSlot("content");
  await verify();
}

async function verify() {
  const { document: signed, content } = state.files;
  if (!signed) {
    byId("document-error").hidden = false;
    byId("document-error").textContent = text("noDocument");
    return;
  }
  const form = new FormData();
  form.append("request", JSON.stringify({ language: state.language }));
  form.append("document", signed);
  if (content) form.append("content", content);
  await send(byId("document-submit"), "verify", "/v1/documents/verify", { method: "POST", body: form });
}

// --- asking

function request() {
  const pasted = byId("paste").value.trim();
  if (pasted.includes("PRIVATE KEY-----")) { showFileError("privateKey"); return null; }
  const certificate = pasted || state.certificate;
  if (!certificate) { showFileError("noCertificate"); byId("file").focus(); return null; }
  const number = byId("number").value.replace(/\s/g, "");
  const hint = byId("number-hint");
  const wrong = number !== "" && !/^[0-9]{12}$/.test(number);
  hint.textContent = wrong ? text("numberWrong") : text("numberHint");
  hint.classList.toggle("field-error", wrong);
  if (wrong) { byId("number").focus(); return null; }
  const body = { certificate, purpose: byId("purpose").value, language: state.language };
  if (number) body.identity = { [byId("kind").value]: number };
  if (byId("service").value) body.service = byId("service").value;
  return body;
}

async function check() {
  const body = request();
  if (!body) return;
  await send(byId("submit"), "check", "/v1/certificates/check", {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  });
}

async function send(button, label, path, request) {
  button.disabled = true;
  button.textContent = text("checking");
  try {
    const response = await fetch(path, request);
    state.answer = { ok: response.ok, id: response.headers.get("x-request-id"), body: await response.json() };
  } catch {
    state.answer = { ok: false, id: null, body: { detail: null } };
  }
  button.disabled = false;
  button.textContent = text(label);
  showResult();
  byId("result").focus({ preventScroll: true });
  byId("result").scrollIntoView({ behavior: "smooth", block: "start" });
}

// --- showing

const SIGNS = { accepted: "✓", refused: "✕", undetermined: "?", passed: "✓", failed: "✕", skipped: "–" };

function showResult() {
  const result = byId("result");
  result.hidden = state.answer === null;
  if (state.answer === null) return;
  const { ok, body, id } = state.answer;
  const parts = ok ? report(body) : [problem(body)];
  result.replaceChildren(...parts, footer(body, id));
}

function verdictCard(kind, sign, title, message, code) {
  return element("div", { class: `card verdict ${kind}` },
    element("span", { class: "sign", "aria-hidden": "true" }, sign),
    element("h2", {}, title),
    element("p", {}, message),
    code ? element("p", { class: "code" }, code) : null);
}

function problem(body) {
  const lines = (body.errors || []).map((error) => `${error.field}: ${error.problem}. ${error.remedy}`);
  const message = lines.join(" · ") || body.detail || text("unreachable");
  return verdictCard("problem", "!", text("problem"), message, body.code);
}

function report(body) {
  const refusal = body.refusal;
  const message = refusal ? (refusal.messages[state.language] || refusal.message) : text("acceptedText");
  const code = [body.demo && "DEMO", refusal && refusal.code, body.indication, body.sub_indication].filter(Boolean).join(" · ");
  const parts = [verdictCard(body.decision, SIGNS[body.decision], text(body.decision), message, code)];
  if (body.warnings && body.warnings.length) {
    const lines = body.warnings.map((warning) => element("p", { class: "warning" }, warning.detail || warning.code));
    parts.push(element("div", { class: "card" }, element("h3", {}, text("warnings")), ...lines));
  }
  // A document has a report for each signature; the whole is the worst of them.
  const signatures = body.signatures || [];
  if (signatures.length === 0) return [...parts, ...details(body)];
  return [...parts, ...signatures.flatMap((signature) => [signatureCard(signature), ...details(signature)])];
}

function details(body) {
  const checks = element("div", { class: "card" }, element("h3", {}, text("checks")),
    element("ul", { class: "checks" }, ...body.checks.map(checkLine)));
  return body.certificate ? [checks, certificateCard(body.certificate)] : [checks];
}

function signatureCard(signature) {
  const names = text("signature");
  const stamp = signature.timestamp;
  const level = [signature.level, signature.verified_level && `${names.proved} ${signature.verified_level}`];
  const rows = [
    [names.decision, text(signature.decision)],
    [names.covers, signature.covers],
    [names.algorithms, `${signature.signature_algorithm}, ${signature.digest_algorithm}`],
    [names.claimed, signature.claimed_signing_time && moment(signature.claimed_signing_time)],
    [names.timestamp, stamp && `${moment(stamp.gen_time)} – ${stamp.detail}`],
    [names.level, level.filter(Boolean).join(", ")],
  ];
  const list = element("dl");
  for (const [name, value] of rows) if (value) list.append(element("dt", {}, name), element("dd", {}, value));
  return element("div", { class: "card" }, element("h3", {}, `${names.title}: ${signature.label}`), list);
}

function checkLine(check) {
  const open = check.status === "undetermined";
  const line = element("li", { class: open ? "open" : check.status },
    element("span", { class: "mark", "aria-hidden": "true" }, SIGNS[check.status] || "?"),
    element("span", { class: "name" }, text("names")[check.name] || check.name),
    element("span", { class: "status" }, text(open ? "statusUndetermined" : check.status)),
    element("span", { class: "detail" }, [check.detail, check.rule].filter(Boolean).join(" — ")));
  if (check.evidence && Object.keys(check.evidence).length) {
    line.append(element("details", {}, element("summary", {}, text("evidence")),
      element("pre", { tabindex: "0" }, JSON.stringify(check.evidence, null, 2))));
  }
  return line;
}

function certificateCard(certificate) {
  const names = text("fields");
  const list = element("dl");
  const row = (name, value, mono) => {
    if (!value || value.length === 0) return;
    list.append(element("dt", {}, name), element("dd", mono ? { class: "mono" } : {}, Array.isArray(value) ? value.join(", ") : value));
  };
  const { subject, issuer } = certificate;
  row(names.holder, subject.common_name || [subject.surname, subject.given_name].filter(Boolean).join(" ") || subject.dn);
  row(names.organisation, subject.organisation);
  row(names.iin, subject.iin, true);
  row(names.bin, subject.bin, true);
  row(names.country, subject.country);
  row(names.issuer, issuer.common_name || issuer.dn);
  row(names.from, moment(certificate.not_before));
  row(names.until, moment(certificate.not_after));
  row(names.algorithm, certificate.key_algorithm);
  row(names.usage, certificate.key_usage);
  row(names.roles, certificate.roles);
  row(names.serial, certificate.serial_number, true);
  row(names.digest, certificate.sha256, true);
  return element("div", { class: "card" }, element("h3", {}, text("certificate")), list);
}

function moment(rfc3339) {
  const date = new Date(rfc3339);
  if (!rfc3339 || Number.isNaN(date.getTime())) return rfc3339 || "";
  const locale = { kk: "kk-KZ", ru: "ru-KZ", en: "en-GB" }[state.language];
  return date.toLocaleString(locale, { dateStyle: "long", timeStyle: "short", timeZone: "Asia/Almaty" });
}

function footer(body, id) {
  const parts = [];
  if (body.at) parts.push(`${text("moment")}: ${moment(body.at)}`);
  if (id) parts.push(`${text("requestId")}: ${id}`);
  return element("p", { class: "small" }, parts.join(" · "));
}

// --- what the service offers

function showServices() {
  const select = byId("service");
  const chosen = select.value;
  const options = state.services.map((service) => {
    const names = service.names || service.name || {};
    return element("option", { value: service.slug }, names[state.language] || service.slug);
  });
  select.replaceChildren(select.firstElementChild, ...options);
  select.value = chosen;
}

// --- the revocation lists

const COLOURS = { fresh: "passed", due: "open", stale: "failed", missing: "failed" };

function showLists() {
  const box = byId("lists");
  box.hidden = state.lists.length === 0;
  const words = text("lists");
  const row = (list) => element("tr", { class: COLOURS[list.state] },
    element("td", {}, element("span", { class: "status" }, words[list.state] || list.state)),
    element("td", {}, list.issuer || list.source, list.delta ? ` (${words.delta})` : ""),
    element("td", {}, String(list.number ?? "–")),
    element("td", {}, moment(list.this_update) || "–"),
    element("td", {}, moment(list.next_update) || "–"),
    element("td", {}, (list.entries ?? 0).toLocaleString(state.language)));
  const heads = ["state", "issuer", "number", "issued", "next", "entries"];
  box.replaceChildren(element("summary", {}, words.title), element("div", { class: "wide" }, element("table", {},
    element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, words[head])))),
    element("tbody", {}, ...state.lists.map(row)))));
}

async function loadLists() {
  try {
    state.lists = (await (await fetch("/v1/revocation")).json()).lists || [];
    showLists();
  } catch { /* the form works without */ }
}

async function loadState() {
  try {
    const readiness = await (await fetch("/readyz")).json();
    byId("demo").hidden = !readiness.demo;
    byId("samples").hidden = !readiness.demo;
    byId("document-samples").hidden = !readiness.demo;
    const services = await (await fetch("/v1/services")).json();
    state.services = (Array.isArray(services) ? services : services.services || []).filter((service) => service.slug);
    showServices();
    // A link to an example of the demo: /?example=revoked
    const example = new URLSearchParams(location.search).get("example");
    const button = [...document.querySelectorAll("[data-sample]")].find((button) => button.dataset.sample === example);
    if (readiness.demo && button) await takeSample(button);
  } catch { /* the form works without */ }
}

// --- start

byId("file").addEventListener("change", (event) => takeFile(event.target.files[0]));
for (const name of ["dragenter", "dragover"]) {
  byId("drop").addEventListener(name, (event) => { event.preventDefault(); byId("drop").classList.add("over"); });
}
for (const name of ["dragleave", "drop"]) {
  byId("drop").addEventListener(name, (event) => { event.preventDefault(); byId("drop").classList.remove("over"); });
}
byId("drop").addEventListener("drop", (event) => takeFile(event.dataTransfer.files[0]));
for (const slot of SLOTS) {
  const drop = byId(`${slot}-drop`);
  byId(slot).addEventListener("change", (event) => takeDocument(slot, event.target.files[0]));
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
  }
  for (const name of ["dragleave", "drop"]) {
    drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.remove("over"); });
  }
  drop.addEventListener("drop", (event) => takeDocument(slot, event.dataTransfer.files[0]));
}
for (const button of document.querySelectorAll("[data-document]")) {
  button.addEventListener("click", () => takeDocumentSample(button));
}
byId("document-form").addEventListener("submit", (event) => { event.preventDefault(); verify(); });
byId("form").addEventListener("submit", (event) => { event.preventDefault(); check(); });
for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => setLanguage(button.dataset.language));
}
for (const button of document.querySelectorAll("[data-sample]")) {
  button.addEventListener("click", () => takeSample(button));
}
setLanguage(chooseLanguage());
loadState();
loadLists();
