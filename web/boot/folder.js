// Writing into a folder of this computer, where the browser offers that (Chromium). Only after a click, only
// the paths that the page showed before.

let chosen = null;

/** Whether this browser can write into a folder. */
export const canWrite = () => "showDirectoryPicker" in globalThis;

async function at(path, create) {
  const names = path.split("/");
  const name = names.pop();
  let folder = chosen;
  for (const part of names) folder = await folder.getDirectoryHandle(part, { create });
  return folder.getFileHandle(name, { create });
}

/** Asks for a folder; resolves to the text at `path` in it, or null; undefined when the user cancelled. */
export async function chooseProject(path) {
  try {
    chosen = await globalThis.showDirectoryPicker({ mode: "readwrite" });
  } catch (error) {
    if (error.name === "AbortError") return undefined;
    throw error;
  }
  try {
    const file = await (await at(path, false)).getFile();
    return new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch (error) {
    if (error.name === "NotFoundError") return null;
    throw new Error(`${path} cannot be read (${error.message}): nothing was written`);
  }
}

/** Writes `[path, bytes]` pairs below the chosen folder. */
export async function writeProject(files) {
  for (const [path, bytes] of files) {
    const stream = await (await at(path, true)).createWritable();
    await stream.write(bytes);
    await stream.close();
  }
  return chosen.name;
}
