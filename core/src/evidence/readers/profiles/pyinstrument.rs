//! pyinstrument's JSON (`-r json`): a nested call tree with whole times of the wall clock. C functions have names but no
//! file; `[self]` and `[await]` are times, not functions.

use super::build::{Builder, Frame};

use crate::evidence::input::{Input, Limits, Notes, Refused};
use crate::evidence::model::profile::{Method, Origin, Runtime, Unit};
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::moment;
use crate::evidence::readers::Format;
use crate::evidence::readers::json::{Json, Visit};
use crate::evidence::recognize::Head;

/// The format.
pub const FORMAT: Format = Format { name: "pyinstrument", matches, read };

fn matches(head: &Head) -> bool {
    head.key("root_frame") && head.key("sample_count")
}

struct Place {
    parent: Option<usize>,
    frame: Frame,
    /// With everything below.
    seconds: f64,
}

fn read(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let limits = input.limits;
    let (mut places, mut samples, mut duration) = (Vec::new(), 0, None);
    let mut json = Json::new(&mut *input.content);
    json.object(|json, key| {
        match key {
            "root_frame" => tree(json, limits, &mut places, notes)?,
            "sample_count" => samples = json.count()?.unwrap_or_default(),
            "duration" => duration = json.number()?,
            "start_time" => artefact.started = json.number()?.and_then(moment::show_seconds),
            "target_description" | "program" => {
                let command = json.string()?.unwrap_or_default();
                artefact.command = Some(command.trim_start_matches("Program: ").to_owned());
            }
            _ => json.skip()?,
        }
        Ok(())
    })?;
    if places.is_empty() {
        return Err(Refused("A pyinstrument file without frames: nothing was sampled".to_owned()));
    }
    let mut own: Vec<f64> = places.iter().map(|place| place.seconds).collect();
    for place in &places {
        if let Some(caller) = place.parent.and_then(|parent| own.get_mut(parent)) {
            *caller -= place.seconds;
        }
    }
    // Rounded to microseconds, children can come to a little more than their parent.
    let whole: f64 = own.iter().map(|seconds| seconds.max(0.0)).sum();
    let mut builder = Builder::new("pyinstrument", Runtime::Python, Unit::Seconds, limits);
    let mut nodes: Vec<u32> = Vec::with_capacity(places.len());
    for (place, own) in places.iter().zip(own) {
        let parent = place.parent.and_then(|parent| nodes.get(parent)).copied();
        let node = match place.frame.name.as_str() {
            "[self]" if parent.is_some() => parent.unwrap_or_default(),
            "[await]" | "[idle]" | "[out-of-context]" => {
                let function = builder.function_of(place.frame.clone(), Origin::Idle)?;
                builder.node(parent, function, 0)?
            }
            _ => {
                let function = builder.function(place.frame.clone())?;
                builder.node(parent, function, 0)?
            }
        };
        nodes.push(node);
        let own = own.max(0.0);
        let hits = if whole > 0.0 { (own / whole * samples as f64).round() as u64 } else { 0 };
        builder.sample(node, 0, None, own, hits);
    }
    builder.profile.duration_seconds = duration;
    let interval_seconds = duration.filter(|_| samples > 0).map(|duration| duration / samples as f64);
    builder.profile.method = Method::Sampled { interval_seconds };
    artefact.evidence.push(Evidence::Profile(Box::new(builder.tree(notes))));
    Ok(())
}

fn tree(json: &mut Json, limits: Limits, places: &mut Vec<Place>, notes: &mut Notes) -> Result<(), Refused> {
    let mut open: Vec<usize> = Vec::new();
    let deep = json.tree("children", limits.depth, |json, visit| {
        match visit {
            Visit::Enter => {
                Input::at_most(places.len() + 1, limits.samples, "frame", "frames")?;
                let parent = open.last().copied();
                open.push(places.len());
                places.push(Place { parent, frame: Frame::default(), seconds: 0.0 });
            }
            Visit::Leave => drop(open.pop()),
            Visit::Member(key) => {
                let Some(place) = open.last().and_then(|place| places.get_mut(*place)) else { return json.skip() };
                match key {
                    "function" => place.frame.name = json.string()?.unwrap_or_default(),
                    "file_path" => {
                        place.frame.path = json.string()?.filter(|path| path != "<built-in>").unwrap_or_default();
                    }
                    "line_no" => {
                        place.frame.line = json.count()?.and_then(|line| u32::try_from(line).ok()).unwrap_or_default()
                    }
                    "time" => place.seconds = json.number()?.filter(|seconds| seconds.is_finite()).unwrap_or_default(),
                    _ => json.skip()?,
                }
            }
        }
        Ok(())
    })?;
    if deep {
        notes.add(0, format!("Calls nested deeper than {} count as their caller's own time", limits.depth));
    }
    Ok(())
}
