#!/usr/bin/env node
// Packs examples/demo as the bundled example, and what was measured of it:
//   node scripts/example-zip.mjs [OUT [EVIDENCE_OUT]]
// Deterministic (sorted paths, fixed dates, no extra fields); needs nothing beyond Node.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { deflateRawSync } from "node:zlib";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const leftOut = new Set(["EXPECTED.jsonl", "__pycache__"]);
// Both runs and the targets; the scripts that made them stay in the repository.
const measured = ["baseline", "optimized", "slo.toml"];

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

function crc32(bytes) {
  let c = 0xffffffff;
  for (const byte of bytes) c = crcTable[(c ^ byte) & 0xff] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

function* files(folder, prefix) {
  const entries = readdirSync(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (leftOut.has(entry.name)) continue;
    const path = `${prefix}/${entry.name}`;
    if (entry.isDirectory()) yield* files(join(folder, entry.name), path);
    else yield [path, readFileSync(join(folder, entry.name))];
  }
}

// Fields that the local header and the directory share, from "version needed" to "extra length".
function shared(name, data, packed) {
  const header = Buffer.alloc(26);
  header.writeUInt16LE(20, 0);
  header.writeUInt16LE(0x0800, 2); // UTF-8 names
  header.writeUInt16LE(8, 4); // deflate
  header.writeUInt16LE(0, 6); // 00:00
  header.writeUInt16LE(0x21, 8); // 1980-01-01
  header.writeUInt32LE(crc32(data), 10);
  header.writeUInt32LE(packed.length, 14);
  header.writeUInt32LE(data.length, 18);
  header.writeUInt16LE(name.length, 22);
  return header;
}

function* measurements(folder) {
  for (const name of measured) {
    if (name.includes(".")) yield [name, readFileSync(join(folder, name))];
    else yield* files(join(folder, name), name);
  }
}

function pack(list, out) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const [path, data] of list) {
    const name = Buffer.from(path, "utf8");
    const packed = deflateRawSync(data, { level: 9 });
    const header = shared(name, data, packed);
    const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), header, name, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(0o100644 * 65536, 6);
    tail.writeUInt32LE(offset, 10);
    const madeBy = Buffer.from([20, 3]); // Unix, so that the mode counts
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02", "latin1"), madeBy, header, tail, name]));
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, Buffer.concat([...parts, central, end]));
  console.log(`${out}: ${directory.length} files, ${offset + central.length + end.length} bytes`);
}

const out = resolve(process.argv[2] ?? join(root, "target", "example.zip"));
pack(files(join(root, "examples", "demo"), "orders-service"), out);
const evidence = resolve(process.argv[3] ?? join(root, "target", "example-evidence.zip"));
pack(measurements(join(root, "examples", "evidence")), evidence);
