//! Where the boxes of a call tree stand: width is the value, each level hangs below its caller.

use drydock_core::report::model::picture::{Picture, PictureBox};

/// A box in its place; `left` and `width` in percent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placed {
    /// Index of the box.
    pub at: usize,
    /// From the left.
    pub left: f64,
    /// Width.
    pub width: f64,
    /// Rows above it.
    pub level: usize,
}

/// Boxes narrower than this, in percent, are not drawn.
const NARROWEST: f64 = 0.25;

/// The boxes below `root` (all without one), parents first.
#[must_use]
pub fn placed(picture: &Picture, root: Option<usize>) -> Vec<Placed> {
    let mut places: Vec<Option<Placed>> = vec![None; picture.boxes.len()];
    // Where the next child of each box begins.
    let mut next: Vec<f64> = vec![0.0; picture.boxes.len()];
    let whole = root.and_then(|root| picture.boxes.get(root)).map_or(picture.whole, |item| item.value);
    let mut top = 0.0;
    if whole <= 0.0 {
        return Vec::new();
    }
    for (at, item) in picture.boxes.iter().enumerate() {
        let width = item.value / whole * 100.0;
        let place = if Some(at) == root {
            Some(Placed { at, left: 0.0, width: 100.0, level: 0 })
        } else if let Some(parent) = item.parent.map(|parent| parent as usize) {
            let above = places.get(parent).copied().flatten();
            above.map(|above| {
                let left = next.get(parent).copied().unwrap_or(above.left);
                let end = (above.left + above.width).min(100.0);
                Placed { at, left, width: width.min((end - left).max(0.0)), level: above.level + 1 }
            })
        } else if root.is_none() {
            Some(Placed { at, left: top, width, level: 0 })
        } else {
            None
        };
        let Some(place) = place else { continue };
        if let Some(next) = next.get_mut(at) {
            *next = place.left;
        }
        match item.parent.filter(|_| Some(at) != root).and_then(|parent| next.get_mut(parent as usize)) {
            Some(next) => *next = place.left + place.width,
            None => top = place.left + place.width,
        }
        if let Some(kept) = places.get_mut(at) {
            *kept = Some(place);
        }
    }
    places.into_iter().flatten().filter(|place| place.width >= NARROWEST).collect()
}

/// Levels above each box.
#[must_use]
pub fn levels(boxes: &[PictureBox]) -> Vec<usize> {
    let mut levels: Vec<usize> = Vec::with_capacity(boxes.len());
    for item in boxes {
        let above = item.parent.and_then(|parent| levels.get(parent as usize));
        levels.push(above.map_or(0, |above| above + 1));
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture() -> Picture {
        let item = |parent, value| PictureBox { parent, value, ..PictureBox::default() };
        Picture {
            whole: 200.0,
            boxes: vec![
                item(None, 150.0),
                item(Some(0), 100.0),
                item(Some(1), 40.0),
                item(Some(0), 50.0),
                item(None, 50.0),
            ],
            ..Picture::default()
        }
    }

    #[test]
    fn children_stand_side_by_side_below_their_parent() {
        let places: Vec<_> = placed(&picture(), None).into_iter().map(|p| (p.at, p.left, p.width, p.level)).collect();
        assert_eq!(
            places,
            [(0, 0.0, 75.0, 0), (1, 0.0, 50.0, 1), (2, 0.0, 20.0, 2), (3, 50.0, 25.0, 1), (4, 75.0, 25.0, 0)]
        );
        assert_eq!(levels(&picture().boxes), [0, 1, 2, 1, 0]);
    }

    #[test]
    fn one_box_can_fill_the_picture() {
        let places: Vec<_> =
            placed(&picture(), Some(1)).into_iter().map(|p| (p.at, p.left, p.width, p.level)).collect();
        assert_eq!(places, [(1, 0.0, 100.0, 0), (2, 0.0, 40.0, 1)]);
    }
}
