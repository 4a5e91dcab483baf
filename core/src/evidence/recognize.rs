//! What the first bytes of a file say about its format. Formats are told by content, never by name.

/// Bytes that recognition may look at.
pub const HEAD_BYTES: u64 = 64 << 10;

/// The start of a file, as recognisers see it.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// First bytes, inflated, without byte order mark.
    pub bytes: Vec<u8>,
    /// The same as text, invalid UTF-8 replaced.
    pub text: String,
    /// Keys of the outermost JSON object within the head, in order; of the first object when it is an array.
    pub keys: Vec<String>,
    /// Whether the first non-blank character is `[`.
    pub array: bool,
}

impl Head {
    /// Looks at the first bytes.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        let bytes = bytes.get(..HEAD_BYTES as usize).unwrap_or(bytes).to_vec();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let start = text.trim_start();
        Self { keys: outer_keys(start), array: start.starts_with('['), bytes, text }
    }

    /// Whether the outermost object has this key within the head.
    #[must_use]
    pub fn key(&self, name: &str) -> bool {
        self.keys.iter().any(|key| key == name)
    }

    /// The first lines of the text.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.text.lines().map(|line| line.trim_end_matches('\r'))
    }

    /// Why a file that some format may claim must not be read, or is known and cannot be.
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        if self.bytes.is_empty() {
            return Some("The file is empty".to_owned());
        }
        if self.text.starts_with("version https://git-lfs") {
            return Some("A Git LFS pointer, not the file: run `git lfs pull` and drop it again".to_owned());
        }
        if self.bytes.starts_with(&[0x04, 0x22, 0x4d, 0x18]) && self.bytes.iter().take(64).count() == 64 {
            let start = self.bytes.get(..64).unwrap_or_default();
            if start.windows(6).any(|window| window == b"memray") {
                return Some(
                    "A memray record, which only memray reads: run `memray transform speedscope` or `memray stats --json`"
                        .to_owned(),
                );
            }
        }
        None
    }
}

/// Keys of the outermost object (or of an array's first object), without reading values. Works on cut text.
fn outer_keys(text: &str) -> Vec<String> {
    let mut keys = Vec::new();
    let mut depth = 0usize;
    let mut key_depth = 1;
    let mut expects_key = false;
    let mut chars = text.char_indices();
    match text.chars().next() {
        Some('{') => {}
        Some('[') => key_depth = 2,
        _ => return keys,
    }
    let mut objects = Vec::new();
    while let Some((at, c)) = chars.next() {
        match c {
            '{' | '[' => {
                depth += 1;
                objects.push(c == '{');
                if depth > 4096 || (depth == 1 && c == '{' && key_depth == 2) {
                    return keys;
                }
                expects_key = c == '{' && depth == key_depth;
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                objects.pop();
                if depth < key_depth {
                    return keys;
                }
            }
            ',' => expects_key = depth == key_depth && objects.last() == Some(&true),
            '"' => {
                let mut end = None;
                while let Some((here, c)) = chars.next() {
                    match c {
                        '\\' => {
                            chars.next();
                        }
                        '"' => {
                            end = Some(here);
                            break;
                        }
                        _ => {}
                    }
                }
                let Some(end) = end else { return keys };
                if expects_key && keys.len() < 200 {
                    keys.extend(text.get(at + 1..end).map(str::to_owned));
                    expects_key = false;
                }
            }
            _ => {}
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn outer_keys_do_not_come_from_values_or_inner_objects() {
        let head = Head::new(br#" {"a": {"x": 1, "y": [1, {"z": 2}]}, "b\"c": "d,e", "f": [1, 2], "g"#);
        assert_eq!(head.keys, ["a", "b\\\"c", "f"]);
        assert!(!head.array);
    }

    #[test]
    fn of_an_array_the_first_object_counts() {
        let head = Head::new(br#"[ {"Plan": {"Node Type": "Seq Scan"}, "Triggers": []}, {"later": 1}]"#);
        assert_eq!(head.keys, ["Plan", "Triggers"]);
        assert!(head.array);
        assert!(Head::new(b"[1, 2]").keys.is_empty());
    }

    #[test]
    fn known_files_that_cannot_be_read_say_what_to_do() {
        let pointer = Head::new(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
        assert!(pointer.refusal().unwrap().contains("git lfs pull"));
        assert_eq!(Head::new(b"").refusal().unwrap(), "The file is empty");
    }
}
