//! The rules that every body keeps, checked: tests of front ends call [`Body::validate`].

use super::body::{Body, OpKind, RegionId, RegionKind};

impl Body {
    /// Checks the rules that front ends promise: operands stand before their op (back edges of a
    /// loop's merge excepted), regions nest, are in pre-order and lie within their parents.
    ///
    /// # Errors
    /// The first rule that is broken, in words.
    pub fn validate(&self) -> Result<(), String> {
        let count = self.ops.len();
        for (index, op) in self.ops.iter().enumerate() {
            let is_merge = matches!(op.kind, OpKind::Phi(_));
            let mut broken = None;
            op.kind.operands(|v| {
                let at = v.0 as usize;
                if at >= count || (at >= index && !is_merge) {
                    broken = Some(at);
                }
            });
            if let Some(at) = broken {
                return Err(format!("op {index} ({:?}) reads {at}", op.kind));
            }
            if let OpKind::Comprehension { region, .. } = op.kind
                && !self.regions.get(region.0 as usize).is_some_and(|r| matches!(r.kind, RegionKind::Loop { .. }))
            {
                return Err(format!("op {index} names region {} which is no loop", region.0));
            }
        }
        let Some(root) = self.regions.first() else { return Err("no root region".to_owned()) };
        if root.start != 0 || root.end as usize != count || root.parent != RegionId::ROOT {
            return Err(format!("root covers {}..{} of {count} ops", root.start, root.end));
        }
        // The regions that enclose the one at hand, outermost first.
        let mut open = vec![0_usize];
        let mut last_start = 0;
        for (index, region) in self.regions.iter().enumerate().skip(1) {
            let parent = region.parent.0 as usize;
            while open.last().is_some_and(|&top| top != parent) {
                open.pop();
            }
            let Some(outer) = open.last().and_then(|&top| self.regions.get(top)) else {
                return Err(format!("region {index}: parent {parent} is not open"));
            };
            if region.start > region.end || region.start < outer.start || region.end > outer.end {
                return Err(format!("region {index} {}..{} leaves its parent", region.start, region.end));
            }
            if region.start < last_start {
                return Err(format!("region {index} starts before its predecessor"));
            }
            let mut kind = region.kind.clone();
            let mut outside = false;
            kind.operands_mut(|v| outside |= v.0 >= region.start);
            if outside {
                return Err(format!("region {index} ({kind:?}) names a value that it holds"));
            }
            last_start = region.start;
            open.push(index);
        }
        Ok(())
    }
}
