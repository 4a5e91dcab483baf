//! What tests of the built program share: running it, and a folder of their own.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder that is removed when the test ends.
pub struct Folder(pub PathBuf);

impl Folder {
    /// A fresh one; `test` must be its own in a test program.
    pub fn new(test: &str) -> Self {
        let program = env!("CARGO_CRATE_NAME");
        let path = std::env::temp_dir().join(format!("drydock-{program}-{}-{test}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs the program.
pub fn drydock(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_drydock")).args(words).env_remove("NO_COLOR").output().unwrap()
}

/// An audit with the date of all tests.
pub fn audit(path: &Path, more: &[&str]) -> Output {
    let mut words = vec!["audit", path.to_str().unwrap(), "--date", "2026-03-14"];
    words.extend(more);
    drydock(&words)
}

/// The report of an audit that must succeed.
pub fn report(path: &Path, more: &[&str]) -> Value {
    let mut words = vec!["--format", "json"];
    words.extend(more);
    let output = audit(path, &words);
    assert_eq!(code(&output), 0, "{}", err(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

pub fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

pub fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}
