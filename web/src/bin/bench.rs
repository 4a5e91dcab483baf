//! The least that any audit in four workers must do: inflate and parse a quarter of a wheel, and drop the
//! result. `scripts/bench-browser.mjs` measures the app against it; the app never loads it.

use drydock_core::intake::{Role, ZipSource, prepare};
use drydock_core::source::text;
use drydock_web::platform::blob::BlobReader;
use ruff_python_ast::PySourceType;
use wasm_bindgen::prelude::*;

fn main() {}

/// Reads and parses share `shard` of `shards` of the wheel; gives the bytes parsed.
///
/// # Errors
/// When the wheel cannot be read.
#[wasm_bindgen]
pub fn inflate_and_parse(file: &JsValue, shard: usize, shards: usize) -> Result<f64, JsError> {
    let reader = BlobReader::new(file)?;
    let (mut source, listing) = ZipSource::open(reader, "wheel").map_err(|error| JsError::new(&error.to_string()))?;
    let (_, plan) = prepare(&listing, shards, |entry| source.read(entry));
    let mut bytes = 0.0;
    for file in plan.shard(shard).filter(|file| file.role == Role::Source) {
        let Some(entry) = listing.entries.iter().find(|entry| entry.index == file.entry) else { continue };
        let Ok(inflated) = source.read(entry) else { continue };
        let Ok(decoded) = text::decode(&inflated) else { continue };
        let parsed = ruff_python_parser::parse_unchecked_source(&decoded.text, PySourceType::Python);
        bytes += if parsed.syntax().body.is_empty() { 0.0 } else { f64::from(u32::try_from(inflated.len())?) };
    }
    Ok(bytes)
}
