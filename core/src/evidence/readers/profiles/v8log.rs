//! The raw log of `node --prof`, `isolate-…-v8.log`: where code was put and moved, and ticks with addresses. Resolved
//! here without the program's binary. Fields and kinds differ between versions of V8: told by their form and name.

use super::build::Frame;
use super::v8;
use super::v8ticks::Ticks;
use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::model::profile::Origin;
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::readers::Format;
use crate::evidence::recognize::Head;
use std::collections::BTreeMap;

/// The format.
pub const FORMAT: Format = Format { name: "V8 log", matches, read };

fn matches(head: &Head) -> bool {
    head.lines().take(20).any(|line| line.starts_with("v8-version,"))
}

struct Code {
    size: u64,
    function: u32,
}

struct Log {
    ticks: Ticks,
    code: BTreeMap<u64, Code>,
}

fn read(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let mut log = Log { ticks: Ticks::new(input.limits), code: BTreeMap::new() };
    let (mut buffer, mut at, mut interval, mut creations) = (Vec::new(), 0, None, 0u64);
    let mut stack = Vec::new();
    while let Some(line) = input.line(&mut buffer)? {
        at += 1;
        let (kind, rest) = line.split_once(',').unwrap_or((&line, ""));
        let understood = match kind {
            "code-creation" => {
                creations += 1;
                log.create(rest)?
            }
            "code-move" | "code-delete" => log.change(kind, rest),
            "tick" => log.tick(rest, &mut stack)?,
            "profiler" => {
                let microseconds = rest.strip_prefix("begin,").and_then(|number| number.parse::<f64>().ok());
                interval = microseconds.map(|microseconds| microseconds * 1e-6).or(interval);
                Some(())
            }
            _ => Some(()),
        };
        if understood.is_none() {
            notes.add(at, format!("A line `{}` was not understood", kind.chars().take(20).collect::<String>()));
        }
    }
    if creations == 0 {
        return Err(Refused("A V8 log without code-creation lines: nothing can be named".to_owned()));
    }
    artefact.evidence.push(Evidence::Profile(Box::new(log.ticks.finish(interval, notes)?)));
    Ok(())
}

impl Log {
    /// `JS,10,ts,0xaddress,size,name path:line:column,0xinfo,~`; old versions have no time and quote the name.
    fn create(&mut self, rest: &str) -> Result<Option<()>, Refused> {
        let Some((kind, rest)) = rest.split_once(',') else { return Ok(None) };
        // Builtins and handlers are machine code: what they take belongs to whoever called them.
        if matches!(kind, "Builtin" | "BytecodeHandler" | "Handler" | "Stub" | "StoreIC" | "LoadIC" | "Builtins") {
            return Ok(Some(()));
        }
        let Some((address, size, name)) = placed(rest) else { return Ok(None) };
        let function = if kind == "RegExp" {
            let frame = Frame::named(format!("RegExp: {name}"));
            self.ticks.builder.function_of(frame, Origin::Builtin)?
        } else {
            let frame = v8::frame(&name);
            if frame.path.is_empty() {
                return Ok(Some(()));
            }
            self.ticks.builder.function(frame)?
        };
        self.code.insert(address, Code { size, function });
        Input::at_most(self.code.len(), CODE, "piece of code", "pieces of code")?;
        Ok(Some(()))
    }

    fn change(&mut self, kind: &str, rest: &str) -> Option<()> {
        let mut fields = rest.split(',');
        let code = self.code.remove(&hex(fields.next()?)?);
        if kind == "code-move"
            && let Some(code) = code
        {
            self.code.insert(hex(fields.next()?)?, code);
        }
        Some(())
    }

    fn tick(&mut self, rest: &str, stack: &mut Vec<u32>) -> Result<Option<()>, Refused> {
        let mut fields = rest.split(',');
        let mut next = || fields.next();
        let (Some(pc), Some(at), Some(external), Some(top), Some(state)) =
            (next().and_then(hex), next().and_then(number), next(), next().and_then(hex), next().and_then(count))
        else {
            return Ok(None);
        };
        stack.clear();
        // In a callback the address itself would look as if it had called itself.
        if external == "1" {
            stack.extend(self.at(top));
        } else {
            stack.extend(self.at(pc));
            stack.extend(self.at(top).filter(|_| top != 0));
        }
        let mut frame = pc;
        for field in fields {
            let address = match field.as_bytes().first() {
                Some(b'+') => hex(field.get(1..).unwrap_or_default()).map(|by| frame.wrapping_add(by)),
                Some(b'-') => hex(field.get(1..).unwrap_or_default()).map(|by| frame.wrapping_sub(by)),
                _ => hex(field),
            };
            let Some(address) = address else { continue };
            frame = address;
            stack.extend(self.at(address));
        }
        self.ticks.tick(at, state, stack)?;
        Ok(Some(()))
    }

    /// The function whose code holds an address.
    fn at(&self, address: u64) -> Option<u32> {
        let (start, code) = self.code.range(..=address).next_back()?;
        (address - start < code.size.max(1)).then_some(code.function)
    }
}

/// Pieces of code at a time; a large program has some hundred thousand.
const CODE: usize = 2_000_000;

/// Address, size and name behind the kind of a piece of code.
fn placed(rest: &str) -> Option<(u64, u64, String)> {
    let (_, mut rest) = rest.split_once(',')?;
    if !rest.starts_with("0x") {
        rest = rest.split_once(',')?.1;
    }
    let (address, rest) = rest.split_once(',')?;
    let (size, name) = rest.split_once(',')?;
    let name = match name.strip_prefix('"') {
        Some(quoted) => quoted.rsplit_once('"')?.0,
        None => name.split(',').next()?,
    };
    Some((hex(address)?, count(size)?, unescaped(name)))
}

/// Undoes V8's escapes: `\x2C`, `\n`, `\\`.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let code = |from: usize, to: usize| after.get(from..to).and_then(|code| u32::from_str_radix(code, 16).ok());
        let wide = match after.as_bytes().first() {
            Some(b'x') => code(1, 3).map(|code| (code, 3)),
            Some(b'u') => code(1, 5).map(|code| (code, 5)),
            Some(b'n') => Some((10, 1)),
            Some(b'\\') => Some((92, 1)),
            _ => None,
        };
        match wide {
            Some((code, length)) => {
                out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                rest = after.get(length..).unwrap_or_default();
            }
            None => {
                out.push('\\');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn hex(field: &str) -> Option<u64> {
    u64::from_str_radix(field.strip_prefix("0x").unwrap_or(field), 16).ok()
}

fn number(field: &str) -> Option<f64> {
    field.parse::<f64>().ok().filter(|number| number.is_finite())
}

fn count(field: &str) -> Option<u64> {
    field.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;
    use crate::evidence::model::profile::Profile;
    use crate::evidence::{Limits, read};

    fn profile(text: &str) -> Profile {
        let artefact = read("v8.log", 0, &mut text.as_bytes(), Limits::default());
        assert_eq!(artefact.refused, None, "{:?}", artefact.notes);
        match artefact.evidence.into_iter().next() {
            Some(Evidence::Profile(profile)) => *profile,
            other => panic!("{other:?}"),
        }
    }

    fn figures(profile: &Profile) -> Vec<(&str, u32, f64, f64)> {
        profile.functions.iter().map(|f| (f.name.as_str(), f.line, f.self_value, f.total)).collect()
    }

    #[test]
    fn native_ticks_belong_to_the_nearest_function() {
        let log = "v8-version,11,3,244,8,0\n\
            code-creation,Builtin,2,10,0x1000,16,JsonParse\n\
            code-creation,JS,10,20,0x2000,256,main /srv/a\\x2Cb.js:1:1,0x9,~\n\
            code-creation,JS,10,30,0x3000,256,login /srv/app.js:12:3,0x9,~\n\
            tick,0xffff0000,1000,0,0x0,6,0x3010,0x2020\n\
            tick,0xffff0000,2000,1,0x1008,6,0x3010,-ff0\n\
            code-move,0x3000,0x4000\n\
            tick,0x4010,3000,0,0x0,0,0x2020,overflow\n\
            tick,0x1000,4000,0,0x0,1,0x2020\n\
            tick,0x1000,5000,0,0x0,8\n\
            tick,0x1000,6000,0,0x0,5\n\
            tick,0x1000\n";
        let profile = profile(log);
        assert_eq!(profile.functions[0].path, "/srv/a,b.js");
        assert_eq!(
            figures(&profile),
            [
                ("main", 1, 0.0, 3.0),
                ("login", 12, 3.0, 3.0),
                ("(garbage collector)", 0, 1.0, 1.0),
                ("(idle)", 0, 1.0, 1.0),
                ("(program)", 0, 1.0, 1.0)
            ]
        );
        assert_eq!(profile.duration_seconds, Some(0.005));
    }

    #[test]
    fn old_versions_quote_names_and_have_no_times() {
        let log = "v8-version,5,1,281,0\n\
            code-creation,LazyCompile,0,0x3000,256,\"login /srv/app.js:12\",0x9,~\n\
            profiler,begin,1000\n\
            tick,0x3010,1000,0,0x0,0\n";
        assert_eq!(figures(&profile(log)), [("login", 12, 1.0, 1.0)]);
    }

    #[test]
    fn logs_that_name_nothing_say_so() {
        let refused = |text: &str| read("x", 0, &mut text.as_bytes(), Limits::default()).refused.unwrap();
        assert!(refused("v8-version,11,3\ntick,0x1,1,0,0x0,0\n").contains("without code-creation lines"));
        let untold = "v8-version,11,3\ncode-creation,JS,10,20,0x2000,256,main /srv/a.js:1:1,0x9,~\n";
        assert!(refused(untold).contains("without ticks"));
    }
}
