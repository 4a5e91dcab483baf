//! How V8 writes a function into logs: name, file, line and column in one text.

use super::build::Frame;

/// What paths begin with in V8's logs, after the blank behind the name.
const STARTS: [&str; 8] =
    [" /", " file:", " node:", " http://", " https://", " internal/", " evalmachine.", " webpack"];

/// `login /srv/my app/server.js:12:3`; a name without a place is all name.
pub fn frame(text: &str) -> Frame {
    let (rest, column) = number_at_end(text);
    let (path_and_name, line) = match column {
        Some(_) => number_at_end(rest),
        None => (text, None),
    };
    // Old versions print the line only.
    let (whole, line, column) = match (line, column) {
        (Some(line), Some(column)) => (path_and_name, line, column),
        (None, Some(line)) => (rest, line, 0),
        _ => return Frame::named(text.trim()),
    };
    let start =
        STARTS.iter().filter_map(|start| whole.find(start)).min().or_else(|| drive(whole)).or_else(|| whole.rfind(' '));
    let (name, path) = match start {
        Some(at) => (whole.get(..at).unwrap_or_default(), whole.get(at + 1..).unwrap_or_default()),
        // No name: a path alone.
        None => ("", whole),
    };
    Frame { name: named(name), path: self::path(path), line, column }
}

/// A function's name, or what stands for none.
pub fn named(name: &str) -> String {
    match name.trim() {
        "" => "(anonymous)".to_owned(),
        name => name.to_owned(),
    }
}

/// A path as the file system has it: without `file://` and with its escapes undone.
pub fn path(url: &str) -> String {
    let Some(rest) = url.strip_prefix("file://") else { return url.to_owned() };
    // `file:///C:/app.js`
    let rest = if rest.as_bytes().get(2) == Some(&b':') { rest.trim_start_matches('/') } else { rest };
    let mut bytes = Vec::with_capacity(rest.len());
    let mut after = rest.as_bytes();
    while let Some((byte, next)) = after.split_first() {
        let code = next.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(code) if *byte == b'%' => {
                bytes.push(code);
                after = next.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*byte);
                after = next;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// ` C:\app.js`
fn drive(text: &str) -> Option<usize> {
    text.match_indices(":\\").find_map(|(at, _)| {
        let letter = text.get(..at)?.chars().next_back().filter(char::is_ascii_alphabetic)?;
        let start = at - letter.len_utf8();
        text.get(..start)?.ends_with(' ').then(|| start - 1)
    })
}

fn number_at_end(text: &str) -> (&str, Option<u32>) {
    match text.rsplit_once(':') {
        Some((rest, number)) if !number.is_empty() => match number.parse() {
            Ok(number) => (rest, Some(number)),
            Err(_) => (text, None),
        },
        _ => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_split_off_names() {
        let parts = |text| {
            let Frame { name, path, line, column } = frame(text);
            (name, path, line, column)
        };
        let of = |name: &str, path: &str, line, column| (name.to_owned(), path.to_owned(), line, column);
        assert_eq!(parts("login /srv/my app/server.js:12:3"), of("login", "/srv/my app/server.js", 12, 3));
        assert_eq!(parts("get size node:internal/util:5:9"), of("get size", "node:internal/util", 5, 9));
        assert_eq!(parts(" file:///srv/a%20b.mjs:1:1"), of("(anonymous)", "/srv/a b.mjs", 1, 1));
        assert_eq!(parts("f C:\\x y\\a.js:2:1"), of("f", "C:\\x y\\a.js", 2, 1));
        assert_eq!(parts("f file:///C:/a.mjs:2:1"), of("f", "C:/a.mjs", 2, 1));
        assert_eq!(parts("fs.js:40"), of("(anonymous)", "fs.js", 40, 0));
        assert_eq!(parts("JsonParse"), of("JsonParse", "", 0, 0));
    }
}
