//! Files as rectangles: area is lines of code. One folder at a time; what lies below rolls up into it.

use super::files::FileRow;
use drydock_core::order::InOrder as _;
use std::collections::BTreeMap;

/// Boxes of one folder; the smallest beyond share the last one.
pub const MOST: usize = 80;

/// A box is at least this part of the map.
const SMALLEST: u32 = 400;

/// A file or folder of the map.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// Name below the folder that is shown; a folder with one child carries the child's name too.
    pub name: String,
    /// Path; folders end in `/`. Empty for what was too small to be shown.
    pub path: String,
    /// Lines of code.
    pub lines: u32,
    /// Counted findings.
    pub findings: u32,
    /// Their penalty in tenths.
    pub penalty: u32,
}

impl Node {
    /// Whether it can be entered.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        self.path.ends_with('/')
    }

    /// Step of the heat scale.
    #[must_use]
    pub fn heat(&self) -> u8 {
        super::files::heat(self.penalty, self.lines)
    }
}

/// What lies in `folder` (empty, or with `/` at its end), largest first.
#[must_use]
pub fn children(rows: &[FileRow], folder: &str) -> Vec<Node> {
    let mut nodes: BTreeMap<&str, Node> = BTreeMap::new();
    for row in rows {
        let Some(rest) = row.path.strip_prefix(folder).filter(|rest| !rest.is_empty()) else { continue };
        let end = rest.find('/').map_or(rest.len(), |at| at + 1);
        let name = rest.get(..end).unwrap_or(rest);
        let node = nodes.entry(name).or_insert_with(|| Node {
            name: name.trim_end_matches('/').to_owned(),
            path: [folder, name].concat(),
            ..Node::default()
        });
        node.lines = node.lines.saturating_add(row.lines);
        node.findings += row.counts.total();
        node.penalty = node.penalty.saturating_add(row.penalty);
    }
    let mut nodes: Vec<Node> = nodes.into_values().filter(|node| node.lines > 0).collect();
    nodes.order_by_key(|node| std::cmp::Reverse(node.lines));
    // What would be too small to press shares a box.
    let total: u32 = nodes.iter().map(|node| node.lines).fold(0, u32::saturating_add);
    let large = nodes.iter().take_while(|node| node.lines >= total / SMALLEST).count().min(MOST - 1);
    if nodes.len() > large + 1 {
        let rest = nodes.split_off(large);
        let mut other = Node { name: format!("{} smaller", rest.len()), ..Node::default() };
        for node in rest {
            other.lines = other.lines.saturating_add(node.lines);
            other.findings += node.findings;
            other.penalty = other.penalty.saturating_add(node.penalty);
        }
        nodes.push(other);
    }
    nodes
}

/// The folder to begin with: down to where the code spreads.
#[must_use]
pub fn start(rows: &[FileRow]) -> String {
    let mut folder = String::new();
    loop {
        let nodes = children(rows, &folder);
        let total: u32 = nodes.iter().map(|node| node.lines).fold(0, u32::saturating_add);
        // One folder with three quarters of the code would be a map of one box.
        match nodes.into_iter().next() {
            Some(node) if node.is_folder() && node.lines >= total - total / 4 => folder = node.path,
            _ => return folder,
        }
    }
}

/// A rectangle in percent of the whole: left, top, width, height.
pub type Rect = [f64; 4];

/// Rectangles for `weights`, largest first, in a box that is `aspect` times as wide as high (squarified treemap).
#[must_use]
pub fn layout(weights: &[u32], aspect: f64) -> Vec<Rect> {
    let total: f64 = weights.iter().map(|weight| f64::from(*weight)).sum();
    let mut out = Vec::with_capacity(weights.len());
    let [mut left, mut top, mut width, mut height] = [0.0, 0.0, aspect, 1.0];
    let mut rest = weights;
    let mut scale = if total > 0.0 { aspect / total } else { 0.0 };
    while !rest.is_empty() {
        let side = f64::min(width, height);
        // The row along the shorter side takes boxes as long as they become squarer.
        let (mut taken, mut sum, mut worst) = (0, 0.0, f64::INFINITY);
        for weight in rest {
            let area = f64::from(*weight) * scale;
            let smallest = area;
            let largest = rest.first().map_or(area, |first| f64::from(*first) * scale);
            let next = sum + area;
            let square = side * side;
            let ratio = f64::max(square * largest / (next * next), next * next / (square * smallest));
            if ratio > worst {
                break;
            }
            (taken, sum, worst) = (taken + 1, next, ratio);
        }
        let taken = taken.max(1);
        let (row, after) = rest.split_at(taken.min(rest.len()));
        let depth = if side > 0.0 { sum / side } else { 0.0 };
        let mut along = 0.0;
        for weight in row {
            let length = if depth > 0.0 { f64::from(*weight) * scale / depth } else { 0.0 };
            let rect =
                if width >= height { [left, top + along, depth, length] } else { [left + along, top, length, depth] };
            let [x, y, w, h] = rect;
            out.push([x / aspect * 100.0, y * 100.0, w / aspect * 100.0, h * 100.0]);
            along += length;
        }
        if width >= height {
            left += depth;
            width -= depth;
        } else {
            top += depth;
            height -= depth;
        }
        if !scale.is_finite() {
            scale = 0.0;
        }
        rest = after;
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::*;
    use drydock_core::report::model::Counts;

    fn row(path: &str, lines: u32, penalty: u32) -> FileRow {
        let counts = Counts { high: penalty / 10, ..Counts::default() };
        FileRow { path: path.to_owned(), lines, language: "python".to_owned(), counts, penalty, uncounted: 0 }
    }

    #[test]
    fn folders_roll_up() {
        let rows =
            [row("app/a.py", 10, 10), row("app/db/b.py", 30, 20), row("main.py", 5, 0), row("app/db/c.py", 1, 0)];
        let top = children(&rows, "");
        assert_eq!(top.iter().map(|node| node.path.as_str()).collect::<Vec<_>>(), ["app/", "main.py"]);
        assert_eq!((top[0].lines, top[0].findings, top[0].penalty), (41, 3, 30));
        let inside = children(&rows, "app/");
        assert_eq!(inside.iter().map(|node| node.name.as_str()).collect::<Vec<_>>(), ["db", "a.py"]);
        assert!(inside[0].is_folder() && !inside[1].is_folder());
        assert_eq!(start(&rows), "app/db/");
        assert_eq!(start(&rows[2..3]), "");
    }

    #[test]
    fn the_smallest_share_a_box() {
        let rows: Vec<FileRow> = (0..200).map(|n| row(&format!("f{n:03}.py"), 10 + n, 0)).collect();
        let nodes = children(&rows, "");
        assert_eq!(nodes.len(), MOST);
        assert_eq!(nodes[MOST - 1].name, "121 smaller");
        assert_eq!(nodes.iter().map(|node| node.lines).sum::<u32>(), rows.iter().map(|row| row.lines).sum::<u32>());
    }

    #[test]
    fn areas_follow_the_weights_and_fill_the_box() {
        let weights = [60, 40, 30, 20, 10, 5, 5, 1];
        let rects = layout(&weights, 2.0);
        let total: f64 = weights.iter().map(|weight| f64::from(*weight)).sum();
        for (weight, [x, y, w, h]) in weights.iter().zip(&rects) {
            assert!((w * h / 10_000.0 - f64::from(*weight) / total).abs() < 1e-9);
            assert!(*x >= -1e-9 && *y >= -1e-9 && x + w <= 100.0 + 1e-9 && y + h <= 100.0 + 1e-9);
        }
        assert!(layout(&[], 2.0).is_empty());
        assert_eq!(layout(&[7], 2.0), [[0.0, 0.0, 100.0, 100.0]]);
    }
}
