// The zip writer of the browser tests writes what unzip programs read.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inflateRawSync } from "node:zlib";
import { cutShort, zip } from "./zip.mjs";

test("an entry can be read back from its local header", () => {
  const archive = zip({ "src/app.py": "print('x')\n".repeat(50) });
  assert.equal(archive.readUInt32LE(0), 0x04034b50);
  const nameLength = archive.readUInt16LE(26);
  assert.equal(archive.toString("utf8", 30, 30 + nameLength), "src/app.py");
  const packed = archive.subarray(30 + nameLength, 30 + nameLength + archive.readUInt32LE(18));
  assert.equal(inflateRawSync(packed).toString(), "print('x')\n".repeat(50));
});

test("the directory points at every entry", () => {
  const archive = zip([{ name: "a", data: "1", method: 0 }, { name: Buffer.from([0xff]), data: "2" }]);
  const end = archive.length - 22;
  let at = archive.readUInt32LE(end + 16);
  for (const first of [0, 32]) {
    assert.equal(archive.readUInt32LE(at), 0x02014b50);
    assert.equal(archive.readUInt32LE(at + 42), first);
    at += 46 + archive.readUInt16LE(at + 28);
  }
  assert.equal(at, end);
});

test("cutting short keeps the front", () => assert.equal(cutShort(Buffer.alloc(10), 0.55).length, 5));
