//! Zips: every limit and kind of damage.

use super::make::{Dice, Item, item, many, zip, zip_parts};
use super::*;

fn error(bytes: &[u8]) -> String {
    open(bytes).err().map_or_else(|| "no error".to_owned(), |e| e.to_string())
}

#[test]
fn a_plain_zip_is_read_entry_by_entry() {
    let items =
        [item("repo/a.py", b"x = 1\n"), Item { method: 0, ..item("repo/b.py", b"y = 2\n") }, item("repo/", b"")];
    let (bytes, _) = zip_parts(&items, "0123456789abcdef0123456789abcdef01234567");
    let (mut source, listing) = open(&bytes).unwrap();
    assert_eq!(paths(&listing), ["repo/a.py", "repo/b.py"]);
    assert_eq!(listing.comment.as_deref(), Some("0123456789abcdef0123456789abcdef01234567"));
    assert_eq!((listing.notices.len(), listing.skipped.len(), listing.partial.clone()), (0, 0, None));
    assert_eq!(source.read(&listing.entries[0]).unwrap(), b"x = 1\n");
    assert_eq!(source.read(&listing.entries[1]).unwrap(), b"y = 2\n");
    assert_eq!(source.read(&listing.entries[0]).unwrap(), b"x = 1\n");
}

#[test]
fn the_start_of_an_entry_is_read_without_the_rest() {
    let long: Vec<u8> = (0..200_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let broken = Item { crc: Some(1), ..item("broken.bin", &long) };
    let (bytes, _) = zip_parts(
        &[item("long.bin", &long), Item { method: 0, ..item("kept.bin", &long) }, item("a", b"ab"), broken],
        "",
    );
    let (mut source, listing) = open(&bytes).unwrap();
    for entry in &listing.entries {
        let start = source.start(entry, 1_000).unwrap();
        let whole: &[u8] = if entry.path == "a" { b"ab" } else { &long };
        assert_eq!(start, whole[..whole.len().min(1_000)], "{}", entry.path);
    }
    assert_eq!(source.read(&listing.entries[0]).unwrap(), long);
    assert!(source.read(&listing.entries[3]).is_err());
}

#[test]
fn a_program_in_front_and_descriptors_do_no_harm() {
    let items = [Item { descriptor: true, ..item("a.py", b"x = 1\n") }, item("b.py", b"y = 2\n")];
    let mut bytes = b"#!/usr/bin/env python3\n".to_vec();
    bytes.extend(zip(&items));
    let (mut source, listing) = open(&bytes).unwrap();
    assert_eq!(paths(&listing), ["a.py", "b.py"]);
    assert_eq!(source.read(&listing.entries[0]).unwrap(), b"x = 1\n");
}

#[test]
fn zip64_is_read() {
    let mut writer = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = ::zip::write::SimpleFileOptions::default().large_file(true);
    for i in 0..70_000 {
        writer.start_file(format!("d/{i}.py"), options).unwrap();
    }
    writer.start_file("d/last.py", options).unwrap();
    std::io::Write::write_all(&mut writer, b"z = 1\n").unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    let (mut source, listing) = open(&bytes).unwrap();
    assert_eq!(listing.entries.len(), 70_001);
    assert_eq!(source.read(listing.entries.last().unwrap()).unwrap(), b"z = 1\n");
}

#[test]
fn what_is_no_zip_or_has_no_files_is_said() {
    assert_eq!(
        ZipSource::open(Cursor::new(b"%PDF-1.7 ...".to_vec()), "notes.pdf").err().unwrap().to_string(),
        "notes.pdf is not a zip, folder or report. We read .zip, .tar.gz, folders, our reports, and evidence files (profiles, query plans, database logs, load tests, Lighthouse reports)."
    );
    assert_eq!(error(&zip(&[])), "This zip has no files.");
    assert_eq!(error(&zip(&[item("only/", b"")])), "This zip has no files.");
    assert_eq!(
        error(b""),
        "project.zip is not a zip, folder or report. We read .zip, .tar.gz, folders, our reports, and evidence files (profiles, query plans, database logs, load tests, Lighthouse reports)."
    );
}

#[test]
fn passwords_are_not_asked_for() {
    let locked = |name: &str| Item { flags: 1, ..item(name, b"x = 1\n") };
    assert_eq!(
        error(&zip(&[locked("a.py"), locked("b.py")])),
        "This zip is password-protected; we do not ask for passwords. Unzip it and drop the folder."
    );
    let (_, listing) = open(&zip(&[locked("a.py"), item("b.py", b"y\n"), locked("c.py")])).unwrap();
    assert_eq!(paths(&listing), ["b.py"]);
    assert_eq!(listing.notices, ["2 files are password-protected: listed under Skipped."]);
    assert_eq!(skipped(&listing.skipped)[0], "encrypted a.py: Password-protected");
}

#[test]
fn bombs_are_stopped_before_anything_is_inflated() {
    let zeros = vec![0; 11_000_000];
    let text = error(&zip(&[item("src/a.py", b"x\n"), item("api.bin", &zeros)]));
    let (start, end) = text.split_once(" expands ").unwrap();
    assert_eq!(start, "Stopped: api.bin");
    assert!(end.ends_with("times. Limits: 1 GiB expanded, 100,000 files, 200x for entries above 10 MB."), "{text}");
    let made_up = IntakeError::Bomb { path: "api.bin".to_owned(), ratio: 900 };
    assert_eq!(
        made_up.to_string(),
        "Stopped: api.bin expands 900 times. Limits: 1 GiB expanded, 100,000 files, 200x for entries above 10 MB."
    );
    // At 10 MB and below any ratio is fine.
    assert!(open(&zip(&[item("api.bin", &zeros[..10_000_000])])).is_ok());
}

#[test]
fn an_entry_that_lies_about_its_size_is_damaged() {
    let zeros = vec![b' '; 3_000_000];
    let lying = Item { size: Some(1000), ..item("a.py", &zeros) };
    let (mut source, listing) = open(&zip(&[lying, Item { size: Some(99), ..item("b.py", b"x = 1\n") }])).unwrap();
    let read = |source: &mut ZipSource<_>, i: usize| source.read(&listing.entries[i]).unwrap_err().to_string();
    assert!(read(&mut source, 0).starts_with("Damaged in the archive: "));
    assert_eq!(read(&mut source, 1), "Damaged in the archive: it is shorter or longer than the directory says");
    let small = Item { size: Some(3), ..item("a.py", b"x = 1234567890\n") };
    let (mut source, listing) = open(&zip(&[small])).unwrap();
    assert_eq!(
        source.read(&listing.entries[0]).unwrap_err().to_string(),
        "Damaged in the archive: it expands beyond the size that the directory says"
    );
}

#[test]
fn sizes_that_no_data_could_have_are_damage_and_no_bomb() {
    let huge = Item { size: Some(3_000_000_000), ..item("a.py", b"x = 1\n") };
    let stored = Item { method: 0, size: Some(7), ..item("b.py", b"x = 1\n") };
    let (_, listing) = open(&zip(&[huge, stored, item("c.py", b"x\n")])).unwrap();
    assert_eq!(paths(&listing), ["c.py"]);
    assert_eq!(
        skipped(&listing.skipped),
        [
            "damaged a.py: Damaged in the archive: its sizes cannot be right",
            "damaged b.py: Damaged in the archive: its sizes cannot be right",
        ]
    );
}

#[test]
fn the_count_of_entries_and_all_bytes_are_limited() {
    let (bytes, _) = many(6);
    let limits = Limits { entries: 5, ..Limits::default() };
    let result = ZipSource::open_with(Cursor::new(bytes.clone()), "p.zip", limits);
    assert_eq!(
        result.err().unwrap().to_string(),
        "Stopped: it has 6 files. Limits: 1 GiB expanded, 100,000 files, 200x for entries above 10 MB."
    );
    let limits = Limits { total: 400, ..Limits::default() };
    let (mut source, listing) = ZipSource::open_with(Cursor::new(bytes), "p.zip", limits).unwrap();
    let results: Vec<_> = listing.entries.iter().map(|entry| source.read(entry).is_ok()).collect();
    assert_eq!(results, [true, true, true, false, false, false]);
    assert!(matches!(source.read(&listing.entries[0]), Err(ReadError::Stop(IntakeError::TooLarge { .. }))));
    assert_eq!(
        IntakeError::TooLarge { bytes: 1_500_000_000 }.to_string(),
        "Stopped: its files expand to 1.4 GiB or more. Limits: 1 GiB expanded, 100,000 files, 200x for entries above 10 MB."
    );
}

#[test]
fn a_large_entry_is_not_read() {
    let mut dice = Dice(1);
    let noise: Vec<u8> = (0..(4 << 20) + 1).map(|_| b'a' + dice.roll(26) as u8).collect();
    let (mut source, listing) = open(&zip(&[item("big.py", &noise), item("fits.py", &noise[1..])])).unwrap();
    let too_large = source.read(&listing.entries[0]).unwrap_err();
    assert_eq!((too_large.to_string().as_str(), too_large.kind()), ("Larger than 4 MiB (4 MiB)", SkipKind::TooLarge));
    assert_eq!(source.read(&listing.entries[1]).unwrap().len(), 4 << 20);
}

#[test]
fn unsafe_names_and_links_are_listed_and_never_followed() {
    let bytes = zip(&[
        item("../up.py", b""),
        item("/abs.py", b""),
        item("C:\\drive.py", b""),
        item("a\0b.py", b""),
        item("x/../../y.py", b""),
        Item { mode: 0o120_777, ..item("link.py", b"/etc/passwd") },
        Item { mode: 0o010_644, ..item("pipe", b"") },
        item("dir\\ok.py", b"x\n"),
    ]);
    let (_, listing) = open(&bytes).unwrap();
    assert_eq!(paths(&listing), ["dir/ok.py"]);
    assert_eq!(listing.notices, ["1 file has a name with backslashes, read as folders."]);
    assert_eq!(
        skipped(&listing.skipped),
        [
            "unsafe_name ../up.py: The name leads out of the project (`..`)",
            "unsafe_name /abs.py: The name is an absolute path",
            "unsafe_name C:\\drive.py: The name starts with a drive letter",
            "unsafe_name a\u{fffd}b.py: The name has control characters",
            "symlink link.py: A symbolic link, which is never followed",
            "special_file pipe: A device, pipe or socket",
            "unsafe_name x/../../y.py: The name leads out of the project (`..`)",
        ]
    );
}

#[test]
fn of_a_name_that_comes_twice_the_last_counts() {
    let bytes = zip(&[item("a.py", b"old\n"), item("b.py", b"b\n"), item("./a.py", b"new\n")]);
    let (mut source, listing) = open(&bytes).unwrap();
    assert_eq!(paths(&listing), ["b.py", "a.py"]);
    assert_eq!(source.read(&listing.entries[1]).unwrap(), b"new\n");
    assert_eq!(
        skipped(&listing.skipped),
        ["duplicate a.py: The zip has this name more than once; the last one counts"]
    );
    // Exactly the same bytes as name, too.
    let (mut source, listing) = open(&zip(&[item("a.py", b"old\n"), item("a.py", b"new\n")])).unwrap();
    assert_eq!(source.read(&listing.entries[0]).unwrap(), b"new\n");
    assert_eq!(listing.skipped.len(), 1);
}

#[test]
fn overlapping_entries_count_once() {
    let bytes =
        zip(&[item("a.py", b"x = 1\n"), Item { same_as: Some(0), ..item("b.py", b"x = 1\n") }, item("c.py", b"z\n")]);
    let (_, listing) = open(&bytes).unwrap();
    assert_eq!(paths(&listing), ["a.py", "c.py"]);
    assert_eq!(
        skipped(&listing.skipped),
        ["overlapping b.py: Shares its bytes with an entry before it, which only made-up archives do"]
    );
}

#[test]
fn compression_methods_that_cannot_be_read_are_named() {
    let with = |name: &str, method| Item { method, ..item(name, b"x\n") };
    let (_, listing) =
        open(&zip(&[with("a.py", 12), with("b.py", 14), with("c.py", 93), item("d.py", b"x\n")])).unwrap();
    assert_eq!(paths(&listing), ["d.py"]);
    assert_eq!(
        listing.notices,
        ["3 files use a compression we cannot read (LZMA, bzip2, zstd): listed under Skipped."]
    );
    assert_eq!(skipped(&listing.skipped)[0], "unsupported_compression a.py: Its compression (bzip2) cannot be read");
    let (_, listing) = open(&zip(&[with("a.py", 200), item("d.py", b"x\n")])).unwrap();
    assert_eq!(
        listing.notices,
        ["1 file uses a compression we cannot read (an unknown method): listed under Skipped."]
    );
}

#[test]
fn names_that_are_not_utf8_are_read_and_said() {
    let old = Item { name: b"caf\x82/m\x81ller.py".to_vec(), flags: 0, ..item("", b"x\n") };
    let (_, listing) = open(&zip(&[old, item("é.py", b"x\n")])).unwrap();
    assert_eq!(paths(&listing), ["café/müller.py", "é.py"]);
    assert_eq!(listing.notices, ["1 file has a name that is not UTF-8, read as code page 437: café/müller.py."]);
}

#[test]
fn damaged_entries_are_found_when_read() {
    let (mut bytes, _) =
        zip_parts(&[Item { method: 0, ..item("a.py", b"x = 1\n") }, item("b.py", &b"y = 2\n".repeat(50))], "");
    let at = bytes.windows(6).position(|w| w == b"x = 1\n").unwrap();
    bytes[at] = b'y';
    let header = bytes.windows(4).rposition(|w| w == b"PK\x03\x04").unwrap();
    bytes[header + 36] ^= 0xff;
    let (mut source, listing) = open(&bytes).unwrap();
    let first = source.read(&listing.entries[0]).unwrap_err();
    assert_eq!(
        (first.to_string().as_str(), first.kind().id()),
        ("Damaged in the archive: its checksum is wrong", "damaged")
    );
    assert!(source.read(&listing.entries[1]).unwrap_err().to_string().starts_with("Damaged in the archive: "));
    bytes[header] = b'X';
    let (mut source, listing) = open(&bytes).unwrap();
    assert_eq!(
        source.read(&listing.entries[1]).unwrap_err().to_string(),
        "Damaged in the archive: its header is not where the directory says"
    );
    let wrong = Item { crc: Some(1), ..item("a.py", b"x\n") };
    let (mut source, listing) = open(&zip(&[wrong])).unwrap();
    assert_eq!(source.read(&listing.entries[0]), Err(ReadError::Damaged { detail: "its checksum is wrong" }));
}

#[test]
fn a_zip_cut_short_offers_what_was_read() {
    let (bytes, directory) = many(212);
    let header = bytes[..directory].windows(4).rposition(|w| w == b"PK\x03\x04").unwrap();
    let (mut source, listing) = open(&bytes[..header + 50]).unwrap();
    assert_eq!(listing.entries.len(), 211);
    assert_eq!(
        listing.notices,
        ["The zip is cut short or damaged at entry 212 (src/f212.py). 211 files were read: audit those?"]
    );
    let partial = listing.partial.unwrap();
    assert_eq!((partial.entry, partial.read), (212, 211));
    assert!(!partial.detail.is_empty());
    assert_eq!(source.read(&listing.entries[210]).unwrap(), b"def f211():\n    return 211\n".repeat(5));

    let (_, listing) = open(&bytes[..directory + 100]).unwrap();
    assert_eq!(listing.notices, ["The zip is cut short or damaged at entry 213. 212 files were read: audit those?"]);
    assert_eq!(error(&bytes[..45]), "The zip is cut short or damaged at entry 1 (src/f001.py). No file could be read.");
    assert_eq!(error(&bytes[..20]), "The zip is cut short or damaged at entry 1. No file could be read.");
}

#[test]
fn entries_of_unknown_size_are_measured_when_the_directory_is_gone() {
    let items: Vec<_> = (0..3)
        .map(|i| Item {
            descriptor: true,
            ..item(&format!("f{i}.py"), &format!("x = {i}\n").into_bytes().repeat(20_000))
        })
        .collect();
    let (bytes, directory) = zip_parts(&items, "");
    let (mut source, listing) = open(&bytes[..directory + 10]).unwrap();
    assert_eq!(paths(&listing), ["f0.py", "f1.py", "f2.py"]);
    assert_eq!(source.read(&listing.entries[2]).unwrap(), b"x = 2\n".repeat(20_000));
}

#[test]
fn a_broken_directory_is_not_trusted() {
    let (mut bytes, directory) = many(10);
    bytes[directory + 200] ^= 0xff;
    let second = bytes[directory + 4..].windows(4).position(|w| w == b"PK\x01\x02").unwrap() + directory + 4;
    bytes[second] = b'X';
    let (mut source, listing) = open(&bytes).unwrap();
    assert_eq!(listing.entries.len(), 10);
    assert!(listing.partial.is_some());
    for entry in &listing.entries {
        assert!(source.read(entry).is_ok());
    }
}

/// Opens, plans and reads everything; whatever comes, it must end.
fn use_up(bytes: &[u8]) {
    let Ok((mut source, listing)) = open(bytes) else { return };
    let (_, plan) = prepare(&listing, 4, |entry| source.read(entry));
    for file in &plan.files {
        let entry = listing.entries.iter().find(|entry| entry.index == file.entry).unwrap();
        if let Ok(bytes) = source.read(entry)
            && file.reject(&bytes).is_none()
        {
            crate::source::text::decode(&bytes).unwrap();
        }
    }
    if let Some(partial) = &listing.partial {
        assert!(listing.notices[0].ends_with(" read: audit those?"), "{partial:?}");
    }
}

#[test]
fn no_cut_and_no_flipped_byte_brings_it_down() {
    let mut items: Vec<_> =
        (0..12).map(|i| item(&format!("p/m{i}.py"), format!("x{i} = 1\n").repeat(i * 40).as_bytes())).collect();
    items.push(Item { descriptor: true, ..item("p/d.py", &b"y = 1\n".repeat(99)) });
    items.push(item("p/.gitignore", b"m1*.py\n"));
    items.push(item("p/.drydock.toml", b"[files]\nignore = [\"m2.py\"]\n"));
    let (bytes, directory) = zip_parts(&items, "comment");
    for cut in 0..=64 {
        use_up(&bytes[..bytes.len() * cut / 64]);
    }
    for cut in directory - 40..bytes.len() {
        use_up(&bytes[..cut]);
    }
    let mut dice = Dice(7);
    for round in 0..800 {
        let mut broken = bytes.clone();
        for _ in 0..=dice.roll(4) {
            // Mostly in the directory, where the numbers are.
            let at =
                if round % 3 == 0 { dice.roll(bytes.len()) } else { directory + dice.roll(bytes.len() - directory) };
            broken[at] = match dice.roll(3) {
                0 => 0xff,
                1 => 0,
                _ => dice.roll(256) as u8,
            };
        }
        use_up(&broken);
    }
}
