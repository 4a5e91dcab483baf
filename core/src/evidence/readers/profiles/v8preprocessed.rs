//! What `node --prof-process --preprocess` makes of a V8 log: pieces of code, functions, and ticks with pairs of piece
//! and offset, innermost first.

use super::build::Frame;
use super::v8;
use super::v8ticks::Ticks;
use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::model::profile::Origin;
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::readers::Format;
use crate::evidence::readers::json::Json;
use crate::evidence::recognize::Head;

/// The format.
pub const FORMAT: Format = Format { name: "preprocessed V8 log", matches, read };

fn matches(head: &Head) -> bool {
    let kinds = ["\"SHARED_LIB\"", "\"CPP\"", "\"CODE\"", "\"JS\""];
    head.key("code") && kinds.iter().any(|kind| head.text.contains(kind))
}

/// The name of a piece of code and what it is.
enum Piece {
    Function(u32),
    Other,
}

fn read(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let mut ticks = Ticks::new(input.limits);
    let most = input.limits.samples;
    let mut pieces: Vec<Piece> = Vec::new();
    let mut stack = Vec::new();
    let mut json = Json::new(&mut *input.content);
    let read = json.object(|json, key| match key {
        "code" => json
            .array(|json| {
                pieces.push(piece(json, &mut ticks)?);
                Input::at_most(pieces.len(), most, "piece of code", "pieces of code")
            })
            .map(drop),
        "ticks" => json.array(|json| tick(json, &pieces, &mut stack, &mut ticks)).map(drop),
        _ => json.skip(),
    });
    if let Err(error) = read {
        if !json.was_cut() || ticks.builder.profile.nodes.is_empty() {
            return Err(error);
        }
        notes.add(0, format!("{}: the ticks before it were read", error.0));
    }
    artefact.evidence.push(Evidence::Profile(Box::new(ticks.finish(None, notes)?)));
    Ok(())
}

fn piece(json: &mut Json, ticks: &mut Ticks) -> Result<Piece, Refused> {
    let (mut name, mut kind, mut detail) = (String::new(), String::new(), String::new());
    json.object(|json, key| {
        match key {
            "name" => name = json.string()?.unwrap_or_default(),
            "type" => kind = json.string()?.unwrap_or_default(),
            "kind" => detail = json.string()?.unwrap_or_default(),
            _ => json.skip()?,
        }
        Ok(())
    })?;
    Ok(match (kind.as_str(), detail.as_str()) {
        ("JS", _) => {
            let frame = v8::frame(&name);
            if frame.path.is_empty() { Piece::Other } else { Piece::Function(ticks.builder.function(frame)?) }
        }
        ("CODE", "RegExp") => {
            let name = name.strip_prefix("RegExp: ").unwrap_or(&name);
            let frame = Frame::named(format!("RegExp: {name}"));
            Piece::Function(ticks.builder.function_of(frame, Origin::Builtin)?)
        }
        _ => Piece::Other,
    })
}

fn tick(json: &mut Json, pieces: &[Piece], stack: &mut Vec<u32>, ticks: &mut Ticks) -> Result<(), Refused> {
    let (mut at, mut state) = (0.0, 0);
    stack.clear();
    json.object(|json, key| {
        match key {
            "tm" => at = json.number()?.unwrap_or_default(),
            "vm" => state = json.count()?.unwrap_or_default(),
            "s" => {
                let mut is_piece = false;
                json.array(|json| {
                    is_piece = !is_piece;
                    let number = json.number()?.filter(|number| is_piece && *number >= 0.0);
                    if let Some(Piece::Function(function)) = number.and_then(|number| pieces.get(number as usize)) {
                        stack.push(*function);
                    }
                    Ok(())
                })?;
            }
            _ => json.skip()?,
        }
        Ok(())
    })?;
    ticks.tick(at, state, stack)
}
