// Collects what the user hands over: drops anywhere on the page, the two pickers, the example. Works
// before the app has arrived: inputs wait in a queue. Only handles are collected, nothing is read.

let deliver = null;
const queue = [];

/** Hands `input` to the app, or keeps it until there is one. */
function accept(input) {
  if (deliver) deliver(input);
  else queue.push(input);
}

/** How many inputs wait for the app. */
export const waiting = () => queue.length;

/** From now on `callback` gets every input; those that wait come first. */
export function takeInputs(callback) {
  deliver = callback;
  for (const input of queue.splice(0)) callback(input);
}

const byPath = (a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);

/** An input of loose files. */
function loose(files) {
  const name = files.length === 1 ? files[0].path : `${files.length} files`;
  return { name, folder: false, files: files.sort(byPath) };
}

// Folders that never hold the project's own source and may have very many files; the plan lists them.
// Part of `built_in_folder` in core/src/intake/tables.rs.
const NEVER_ENTERED = new Set(
  (".git .hg .svn node_modules bower_components .yarn .pnpm-store site-packages __pypackages__ .venv venv .virtualenv " +
    "virtualenv .conda .tox .nox __pycache__ .mypy_cache .ruff_cache .pytest_cache .cache .next .nuxt .terraform").split(" "),
);

/** Everything below a dropped directory. Chrome returns at most 100 entries at a time. */
async function walk(directory, prefix, files) {
  const reader = directory.createReader();
  for (;;) {
    const batch = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (batch.length === 0) return;
    await Promise.all(
      batch.map(async (entry) => {
        const path = prefix + entry.name;
        if (entry.isDirectory && NEVER_ENTERED.has(entry.name)) files.push({ path: `${path}/`, file: new File([], entry.name) });
        else if (entry.isDirectory) await walk(entry, `${path}/`, files);
        else files.push({ path, file: await new Promise((done, failed) => entry.file(done, failed)) });
      }),
    );
  }
}

/** Reads a drop. Its items are only valid during the event: entries are taken before the first await. */
export async function readDrop(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const taken = items.map((item) => ({ entry: item.webkitGetAsEntry?.() ?? null, file: item.getAsFile() }));
  const folders = taken.filter(({ entry }) => entry?.isDirectory);
  const files = [];
  if (taken.length === 1 && folders.length === 1) {
    const { entry } = folders[0];
    await walk(entry, "", files);
    return { name: entry.name, folder: true, files: files.sort(byPath) };
  }
  for (const { entry, file } of taken) {
    if (entry?.isDirectory) await walk(entry, `${entry.name}/`, files);
    else if (file) files.push({ path: file.name, file });
  }
  return { ...loose(files), folder: folders.length > 0 };
}

/** Reads what a picker gave; a folder's paths start with its name, which is taken off. */
export function readPicked(list) {
  const files = [...list].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
  const top = files[0]?.file.webkitRelativePath?.split("/")[0];
  if (!top) return loose(files);
  for (const item of files) item.path = item.path.slice(top.length + 1);
  return { name: top, folder: true, files: files.sort(byPath) };
}

/** Opens the picker for files or for a folder. */
export const choose = (what) => document.getElementById(`${what === "folder" ? "folder" : "file"}-picker`).click();

let example = null;
let exampleEvidence = null;

/** Keeps the bundled example and what was measured of it, loaded before the lock. */
export function keepExample(project, evidence) {
  const file = (blob, name) => new File([blob], name, { type: "application/zip" });
  example = file(project, "orders-service.zip");
  exampleEvidence = file(evidence, "orders-service-evidence.zip");
  if (exampleWanted) tryExample();
}

let exampleWanted = false;

/** Hands over the example as if it had been dropped; before it has arrived, as soon as it is there. */
export function tryExample() {
  if (!example) {
    exampleWanted = true;
    return;
  }
  exampleWanted = false;
  const of = (file) => [{ path: file.name, file }];
  accept({ ...loose(of(example)), evidence: of(exampleEvidence) });
}

/** The bundled example, when it is there. */
export const theExample = () => example;

/** Whether the user asked for the example before it was there. */
export const exampleIsWanted = () => exampleWanted;

/** Listens to drops, pickers and the buttons of the static page. `onChange` runs after each. */
export function listenForInputs(onChange) {
  const overlay = document.getElementById("drop-overlay");
  const inside = new Set();
  const show = () => {
    overlay.hidden = inside.size === 0;
  };
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  addEventListener("dragenter", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    inside.add(event.target);
    show();
  });
  addEventListener("dragleave", (event) => {
    inside.delete(event.target);
    show();
  });
  addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  addEventListener("drop", async (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    inside.clear();
    show();
    try {
      accept(await readDrop(event.dataTransfer));
    } catch (error) {
      // The browser refused a file or folder (permission, removed meanwhile): an input without files says so.
      accept({ name: `the drop (${error.message ?? error.name})`, folder: true, files: [] });
    }
    onChange();
  });
  for (const id of ["file-picker", "folder-picker"]) {
    const picker = document.getElementById(id);
    picker.addEventListener("change", () => {
      if (picker.files.length > 0) accept(readPicked(picker.files));
      picker.value = "";
      onChange();
    });
  }
  // The buttons of the static page; the app's own ones call the functions above.
  document.getElementById("app").addEventListener("click", (event) => {
    const what = deliver ? null : event.target.closest?.("[data-choose]")?.dataset.choose;
    if (what === "example") tryExample();
    else if (what) choose(what);
    onChange();
  });
}
