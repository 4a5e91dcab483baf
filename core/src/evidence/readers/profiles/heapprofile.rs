//! V8's sampled heap profiles, `node --heap-prof`: a nested call tree with the bytes that were allocated in each place
//! and still alive at the end. One sample stands for half a MiB, so small sites are noise.

use super::build::Builder;
use super::cpuprofile::CallFrame;
use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::model::profile::{Runtime, Unit};
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::readers::Format;
use crate::evidence::readers::json::{Json, Visit};
use crate::evidence::recognize::Head;

/// The format.
pub const FORMAT: Format = Format { name: "V8 heap profile", matches, read };

fn matches(head: &Head) -> bool {
    head.key("head") && head.text.contains("\"selfSize\"") && head.text.contains("\"callFrame\"")
}

struct Open {
    node: usize,
    frame: CallFrame,
}

struct Site {
    parent: Option<usize>,
    function: u32,
    bytes: f64,
}

fn read(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let limits = input.limits;
    let mut builder = Builder::new("V8 heap profiler", Runtime::JavaScript, Unit::Bytes, limits);
    let mut sites: Vec<Site> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut json = Json::new(&mut *input.content);
    json.object(|json, key| {
        if key != "head" {
            return json.skip();
        }
        let deep = json.tree("children", limits.depth, |json, visit| match visit {
            Visit::Enter => {
                Input::at_most(sites.len() + 1, limits.samples, "call node", "call nodes")?;
                let parent = open.last().map(|open| open.node);
                open.push(Open { node: sites.len(), frame: CallFrame::default() });
                sites.push(Site { parent, function: 0, bytes: 0.0 });
                Ok(())
            }
            Visit::Member(key) => {
                let Some(open) = open.last_mut() else { return json.skip() };
                match key {
                    "callFrame" => json.object(|json, key| open.frame.member(json, key)).map(drop),
                    "selfSize" => {
                        let bytes = json.number()?.unwrap_or_default();
                        if let Some(site) = sites.get_mut(open.node) {
                            site.bytes = bytes;
                        }
                        Ok(())
                    }
                    _ => json.skip(),
                }
            }
            Visit::Leave => {
                let Some(done) = open.pop() else { return Ok(()) };
                let function = done.frame.function(&mut builder, false)?;
                if let Some(site) = sites.get_mut(done.node) {
                    site.function = function;
                }
                Ok(())
            }
        })?;
        if deep {
            notes.add(0, format!("Calls nested deeper than {} were left out", limits.depth));
        }
        Ok(())
    })?;
    if sites.is_empty() {
        return Err(Refused("A V8 heap profile without call nodes".to_owned()));
    }
    let mut places: Vec<u32> = Vec::with_capacity(sites.len());
    for site in &sites {
        let parent = site.parent.and_then(|parent| places.get(parent)).copied();
        let place = builder.node(parent, site.function, 0)?;
        builder.sample(place, 0, None, site.bytes, u64::from(site.bytes > 0.0));
        places.push(place);
    }
    artefact.evidence.push(Evidence::Profile(Box::new(builder.tree(notes))));
    Ok(())
}
