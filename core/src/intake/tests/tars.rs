//! Tar archives and folders.

use super::make::{Dice, gz, tar_entry};
use super::*;
use std::collections::BTreeMap;

fn read(bytes: &[u8], limits: &Limits) -> Result<(Listing, BTreeMap<usize, Vec<u8>>), IntakeError> {
    let mut kept = BTreeMap::new();
    let listing = TarGz::read_all(Cursor::new(bytes), "p.tar.gz", limits, |entry, data| {
        kept.insert(entry.index, data);
    })?;
    Ok((listing, kept))
}

fn sample() -> Vec<u8> {
    let mut tar = Vec::new();
    tar_entry(&mut tar, "p-1.0/", b'5', b"");
    tar_entry(&mut tar, "p-1.0/a.py", b'0', b"x = 1\n");
    tar_entry(&mut tar, "p-1.0/logo.png", b'0', &[7; 2000]);
    tar_entry(&mut tar, "p-1.0/link.py", b'2', b"");
    tar_entry(&mut tar, "././@LongLink", b'L', format!("p-1.0/{}/deep.py\0", "d".repeat(150)).as_bytes());
    tar_entry(&mut tar, "p-1.0/dddd", b'0', b"y = 2\n");
    tar_entry(&mut tar, "PaxHeaders/x", b'x', "27 path=p-1.0/pax/über.py\n".as_bytes());
    tar_entry(&mut tar, "p-1.0/pax/ber.py", b'0', b"z = 3\n");
    tar_entry(&mut tar, "../out.py", b'0', b"");
    tar_entry(&mut tar, "p-1.0/a.py", b'0', b"x = 2\n");
    tar.extend([0; 1024]);
    tar
}

#[test]
fn a_tar_gz_is_read_in_one_pass() {
    for bytes in [gz(&sample()), sample()] {
        let (listing, kept) = read(&bytes, &Limits::default()).unwrap();
        let deep = format!("p-1.0/{}/deep.py", "d".repeat(150));
        assert_eq!(paths(&listing), ["p-1.0/logo.png", &deep, "p-1.0/pax/über.py", "p-1.0/a.py"]);
        assert_eq!(
            skipped(&listing.skipped),
            [
                "unsafe_name ../out.py: The name leads out of the project (`..`)",
                "duplicate p-1.0/a.py: The tar.gz has this name more than once; the last one counts",
                "symlink p-1.0/link.py: A link, which is never followed",
            ]
        );
        let text =
            |i: usize| kept.get(&listing.entries[i].index).map(|data| String::from_utf8_lossy(data).into_owned());
        assert_eq!(text(0), None);
        assert_eq!(text(1).as_deref(), Some("y = 2\n"));
        assert_eq!(text(2).as_deref(), Some("z = 3\n"));
        assert_eq!(text(3).as_deref(), Some("x = 2\n"));
        assert_eq!(sniff(&bytes, "x"), Kind::TarGz);
    }
}

#[test]
fn a_tar_gz_cut_short_offers_what_was_read() {
    let mut tar = Vec::new();
    let mut dice = Dice(3);
    for i in 1..=20 {
        let noise: Vec<u8> = (0..3000).map(|_| b'a' + dice.roll(26) as u8).collect();
        tar_entry(&mut tar, &format!("src/f{i:02}.py"), b'0', &noise);
    }
    let bytes = gz(&tar);
    let (listing, kept) = read(&bytes[..bytes.len() / 2], &Limits::default()).unwrap();
    let read_files = listing.entries.len();
    assert!((8..12).contains(&read_files) && kept.len() == read_files, "{read_files}");
    assert_eq!(
        listing.notices,
        [format!(
            "The tar.gz is cut short or damaged at entry {} (src/f{:02}.py). {read_files} files were read: audit those?",
            read_files + 1,
            read_files + 1
        )]
    );
    let error = read(&bytes[..12], &Limits::default()).err().unwrap();
    assert_eq!(error.to_string(), "The tar.gz is cut short or damaged at entry 1. No file could be read.");
}

#[test]
fn a_wrong_checksum_is_said() {
    let mut bytes = gz(&sample());
    let at = bytes.len() - 6;
    bytes[at] ^= 0xff;
    let (listing, _) = read(&bytes, &Limits::default()).unwrap();
    assert_eq!(
        listing.notices,
        ["The tar.gz is damaged near its end: its checksum is wrong, so some file may be too."]
    );
}

#[test]
fn tar_limits_stop_the_stream() {
    let mut tar = Vec::new();
    tar_entry(&mut tar, "a.py", b'0', b"x\n");
    tar_entry(&mut tar, "api.bin", b'0', &vec![0; 12_000_000]);
    let text = read(&gz(&tar), &Limits::default()).err().unwrap().to_string();
    assert!(text.starts_with("Stopped: api.bin expands "), "{text}");
    let limits = Limits { total: 4096, ..Limits::default() };
    let error = read(&gz(&sample()), &limits).err().unwrap();
    assert!(matches!(error, IntakeError::TooLarge { .. }), "{error:?}");
    let limits = Limits { entries: 3, ..Limits::default() };
    assert_eq!(read(&gz(&sample()), &limits).err(), Some(IntakeError::TooMany { files: 4 }));
    let mut long = Vec::new();
    tar_entry(&mut long, "first.py", b'0', b"x\n");
    tar_entry(&mut long, "././@LongLink", b'L', &vec![b'n'; 100_000]);
    let (listing, _) = read(&gz(&long), &Limits::default()).unwrap();
    assert_eq!(listing.partial.unwrap().detail, "a name longer than 64 KiB");
}

#[test]
fn other_streams_are_no_tars() {
    for bytes in [gz(b"just text"), gz(&[b'x'; 4000]), b"%PDF-1.7".to_vec(), vec![], vec![b'x'; 4000]] {
        let error = read(&bytes, &Limits::default()).err().unwrap();
        assert_eq!(
            error.to_string(),
            "p.tar.gz is not a zip, folder or report. We read .zip, .tar.gz, folders, our reports, and evidence files (profiles, query plans, database logs, load tests, Lighthouse reports)."
        );
    }
    assert_eq!(read(&gz(&[0; 1024]), &Limits::default()).err().unwrap().to_string(), "This tar.gz has no files.");
}

#[test]
fn no_cut_and_no_flipped_byte_brings_it_down() {
    let plain = sample();
    let packed = gz(&plain);
    for bytes in [&plain, &packed] {
        for cut in 0..=64 {
            let _ = read(&bytes[..bytes.len() * cut / 64], &Limits::default());
        }
        let mut dice = Dice(11);
        for _ in 0..1500 {
            let mut broken = bytes.clone();
            for _ in 0..=dice.roll(3) {
                let at = dice.roll(bytes.len());
                broken[at] = dice.roll(256) as u8;
            }
            let _ = read(&broken, &Limits::default());
        }
    }
}

#[test]
fn folders_are_listed() {
    let file = |path: &str, size| FolderEntry { path: path.to_owned(), size };
    let files = [file("p/a.py", 10), file("p\\b.py", 5), file("p/node_modules/", 0), file("p/.git/", 0)];
    let listing = folder_listing(&files, &Limits::default()).unwrap();
    assert_eq!(paths(&listing), ["p/a.py", "p/b.py"]);
    assert_eq!(listing.entries[1].index, 1);
    assert_eq!(listing.notices, Vec::<String>::new());
    assert_eq!(
        skipped(&listing.skipped),
        [
            "built_in p/.git: `.git/` is not entered: version control data",
            "built_in p/node_modules: `node_modules/` is not entered: dependencies installed by a package manager",
        ]
    );
    assert!(never_enter(".venv") && never_enter("node_modules") && !never_enter("src"));
    let empty = folder_listing(&[], &Limits::default()).err().unwrap();
    assert_eq!(empty.to_string(), "This folder has no files.");
    let limits = Limits { entries: 1, ..Limits::default() };
    assert_eq!(folder_listing(&files, &limits).err(), Some(IntakeError::TooMany { files: 4 }));
}
