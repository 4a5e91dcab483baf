//! How time and memory of a whole audit grow with the source: the same measurement over trees of 1, 10
//! and 50 MB, generated from the wheel's own files (every n-th of them, or all of them several times, each
//! time in a folder of its own).

use crate::megabytes;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const SIZES: [usize; 3] = [1_000_000, 10_000_000, 50_000_000];
const ROUNDS: usize = 3;

/// One size.
struct Point {
    bytes: usize,
    wall: Duration,
    /// Peak resident memory in bytes, where the system tells it.
    memory: Option<u64>,
}

/// Measures and prints.
pub fn print(sources: &[(String, String)], folder: &Path) -> Result<(), Box<dyn Error>> {
    println!("\ngrowth, whole runs of drydock audit --jobs 1, best of {ROUNDS}");
    let mut points = Vec::new();
    for size in SIZES {
        let tree = folder.join(size.to_string());
        let bytes = generate(sources, size, &tree)?;
        let mut point = Point { bytes, wall: Duration::MAX, memory: None };
        for _ in 0..ROUNDS {
            let (wall, memory) = run(&tree)?;
            point.wall = point.wall.min(wall);
            point.memory = point.memory.max(memory);
        }
        let memory = point.memory.map_or("memory unknown".to_owned(), |peak| {
            let times = peak as f64 / bytes as f64;
            format!("{:>6.0} MB peak memory, {times:>5.1} times the source", peak as f64 / 1e6)
        });
        println!(
            "  {:>6.1} MB of source  {:>8.3} s  {:>6.1} MB/s  {memory}",
            megabytes(bytes),
            point.wall.as_secs_f64(),
            megabytes(bytes) / point.wall.as_secs_f64()
        );
        points.push(point);
        fs::remove_dir_all(&tree)?;
    }
    for pair in points.windows(2) {
        if let [small, large] = pair {
            let bytes = (large.bytes as f64 / small.bytes as f64).ln();
            let time = (large.wall.as_secs_f64() / small.wall.as_secs_f64()).ln() / bytes;
            print!(
                "  from {:.0} to {:.0} MB: time grows with the source to the power of {time:.2}",
                megabytes(small.bytes),
                megabytes(large.bytes)
            );
            match small.memory.zip(large.memory) {
                Some((a, b)) => println!(", memory {:.2}", (b as f64 / a as f64).ln() / bytes),
                None => println!(),
            }
        }
    }
    Ok(())
}

/// Writes about `size` bytes of source below `tree`; how many there are.
fn generate(sources: &[(String, String)], size: usize, tree: &Path) -> Result<usize, Box<dyn Error>> {
    let all: usize = sources.iter().map(|(_, text)| text.len()).sum();
    let step = (all / size).max(1);
    let mut written = 0;
    for copy in 0.. {
        for (path, text) in sources.iter().step_by(step) {
            if written >= size {
                return Ok(written);
            }
            let target = tree.join(format!("part{copy}")).join(path);
            fs::create_dir_all(target.parent().unwrap_or(tree))?;
            fs::write(target, text)?;
            written += text.len();
        }
        if written == 0 {
            break;
        }
    }
    Err("the wheel holds no Python".into())
}

/// Wall time and peak memory of one audit.
fn run(tree: &Path) -> Result<(Duration, Option<u64>), Box<dyn Error>> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_drydock"));
    command.arg("audit").arg(tree).args(["--jobs", "1", "--format", "json"]);
    let started = Instant::now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let mut memory = None;
    loop {
        memory = memory.max(peak(&child));
        if let Some(status) = child.try_wait()? {
            let wall = started.elapsed();
            return if status.success() { Ok((wall, memory)) } else { Err(format!("{command:?}: {status}").into()) };
        }
        sleep(Duration::from_millis(1));
    }
}

/// `VmHWM` of a running child: it only grows, and an audit's peak is not in its last millisecond.
fn peak(child: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}
