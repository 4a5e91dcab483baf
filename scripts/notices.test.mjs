import assert from "node:assert/strict";
import { test } from "node:test";
import { linked, metadata, notices } from "./notices.mjs";

test("the command line's libraries are named with their licences, and nothing of this machine", () => {
  const data = metadata("x86_64-unknown-linux-gnu");
  const packages = linked(data, "drydock-core");
  const names = packages.map((one) => one.name);
  for (const name of ["serde", "regex", "toml", "zip", "mimalloc", "ruff_python_parser"]) {
    assert.ok(names.includes(name), name);
  }
  for (const name of ["drydock-core", "leptos", "jsonschema", "sha2", "serde_derive"]) {
    assert.ok(!names.includes(name), name);
  }
  const text = notices(packages);
  assert.match(text, /^serde 1\.\S+: MIT OR Apache-2\.0/m);
  assert.ok(text.includes("Permission is hereby granted, free of charge"));
  assert.ok(!text.includes(process.env.HOME + "/"), "a path of this machine");
});

test("a package that names no licence is refused", () => {
  const bare = { name: "x", version: "1.0.0", license: null, authors: [], manifest_path: import.meta.filename };
  assert.throws(() => notices([bare]), /x 1\.0\.0 names no licence/);
});
