// Writes zip archives for tests: sound ones, and ones that are broken in a chosen way.
import { crc32 as zlibCrc32, deflateRawSync } from "node:zlib";

/** CRC-32; Node has its own since 20.15. */
function crc32(bytes) {
  if (zlibCrc32) return zlibCrc32(bytes);
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc >>> 0;
}

/**
 * A zip of `entries`: `{ "src/app.py": "text" }`, or a list of
 * `{ name, data, method?, flags?, crc?, externalAttributes? }` for odd ones. `name` may be a Buffer
 * (bytes that are not UTF-8); `method` 8 deflates (default), 0 stores, others are only written down;
 * `flags` 1 says "encrypted"; `externalAttributes` `0o120777 << 16` makes a symbolic link.
 */
export function zip(entries) {
  const list = Array.isArray(entries) ? entries : Object.entries(entries).map(([name, data]) => ({ name, data }));
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const entry of list) {
    const name = Buffer.from(entry.name);
    const data = Buffer.from(entry.data ?? "");
    const method = entry.method ?? 8;
    const packed = method === 8 ? deflateRawSync(data) : data;
    const flags = (entry.flags ?? 0) | (typeof entry.name === "string" ? 0x800 : 0);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt16LE(0, 6);
    common.writeUInt16LE(0x21, 8);
    common.writeUInt32LE(entry.crc ?? crc32(data), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), common, name, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((entry.externalAttributes ?? 0) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x03", "latin1"), common, tail, name]));
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(list.length, 8);
  end.writeUInt16LE(list.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}

/** The first `share` (0 to 1) of an archive: what an interrupted download leaves. */
export const cutShort = (archive, share) => archive.subarray(0, Math.floor(archive.length * share));
