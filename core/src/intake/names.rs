//! Entry names: decoding, and what makes a name unfit to be a path inside the project.

/// A decoded name.
pub(super) struct Name {
    /// Text.
    pub text: String,
    /// It was not UTF-8, so the text is a guess.
    pub guessed: bool,
}

/// What is wrong with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NameFault {
    Parent,
    Absolute,
    Drive,
    Control,
    Empty,
}

/// A name fit to be a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cleaned {
    /// Path with `/`, without `.` and empty parts.
    pub path: String,
    /// It was written with backslashes.
    pub backslashes: bool,
}

/// Names are UTF-8 when they can be (many writers do not set the flag), else code page 437.
pub(super) fn decode(raw: &[u8], says_utf8: bool) -> Name {
    match std::str::from_utf8(raw) {
        Ok(text) => Name { text: text.to_owned(), guessed: false },
        Err(_) if says_utf8 => Name { text: String::from_utf8_lossy(raw).into_owned(), guessed: true },
        Err(_) => Name { text: raw.iter().map(|&b| cp437(b)).collect(), guessed: true },
    }
}

/// The name as it can be printed: control characters replaced.
pub(super) fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Turns a name into a path inside the project.
pub(super) fn clean(text: &str) -> Result<Cleaned, NameFault> {
    if text.chars().any(char::is_control) {
        return Err(NameFault::Control);
    }
    // Old Windows tools write backslashes. A name with both is taken the same way: on Windows it
    // would be unpacked so, and `..\` must not pass.
    let backslashes = text.contains('\\');
    let text = if backslashes { text.replace('\\', "/") } else { text.to_owned() };
    if text.starts_with('/') {
        return Err(NameFault::Absolute);
    }
    let bytes = text.as_bytes();
    if let [letter, b':', ..] = bytes
        && letter.is_ascii_alphabetic()
    {
        return Err(NameFault::Drive);
    }
    let mut path = String::with_capacity(text.len());
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => return Err(NameFault::Parent),
            _ => {
                if !path.is_empty() {
                    path.push('/');
                }
                path.push_str(part);
            }
        }
    }
    if path.is_empty() { Err(NameFault::Empty) } else { Ok(Cleaned { path, backslashes }) }
}

/// Code page 437, the zip format's own default.
fn cp437(byte: u8) -> char {
    const HIGH: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»\
                        ░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀\
                        αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
    if byte < 0x80 {
        char::from(byte)
    } else {
        HIGH.chars().nth(usize::from(byte) - 0x80).unwrap_or(char::REPLACEMENT_CHARACTER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_leave_the_project_are_refused() {
        let fault = |text: &str| clean(text).map(|c| c.path).err();
        assert_eq!(fault("../etc/passwd"), Some(NameFault::Parent));
        assert_eq!(fault("a/../../b"), Some(NameFault::Parent));
        assert_eq!(fault("a\\..\\b"), Some(NameFault::Parent));
        assert_eq!(fault("/etc/passwd"), Some(NameFault::Absolute));
        assert_eq!(fault("\\\\server\\share\\x"), Some(NameFault::Absolute));
        assert_eq!(fault("C:/x.py"), Some(NameFault::Drive));
        assert_eq!(fault("c:\\x.py"), Some(NameFault::Drive));
        assert_eq!(fault("a\0b.py"), Some(NameFault::Control));
        assert_eq!(fault("./"), Some(NameFault::Empty));
    }

    #[test]
    fn harmless_names_are_normalised() {
        let path = |text: &str| clean(text).ok();
        assert_eq!(path("./a//b.py"), Some(Cleaned { path: "a/b.py".to_owned(), backslashes: false }));
        assert_eq!(path("a\\b.py"), Some(Cleaned { path: "a/b.py".to_owned(), backslashes: true }));
        assert_eq!(path("a..b/c...py"), Some(Cleaned { path: "a..b/c...py".to_owned(), backslashes: false }));
    }

    #[test]
    fn other_code_pages_are_said_to_be_guessed() {
        let name = decode(b"caf\x82.py", false);
        assert_eq!((name.text.as_str(), name.guessed), ("café.py", true));
        let name = decode("café.py".as_bytes(), false);
        assert_eq!((name.text.as_str(), name.guessed), ("café.py", false));
        let name = decode(b"caf\xff.py", true);
        assert_eq!((name.text.as_str(), name.guessed), ("caf\u{fffd}.py", true));
        assert_eq!(cp437(0xff), '\u{a0}');
        assert_eq!(cp437(0x80), 'Ç');
        assert_eq!(cp437(0xe1), 'ß');
    }
}
