//! Parts of ops in little space.

use super::body::ValueId;

/// A value that may be missing, in the space of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Maybe(ValueId);

impl Maybe {
    /// No value.
    pub const NONE: Self = Self(ValueId(u32::MAX));

    /// The value, if there is one.
    #[must_use]
    pub fn get(self) -> Option<ValueId> {
        (self != Self::NONE).then_some(self.0)
    }
}

impl Maybe {
    pub(super) fn iter(&self) -> impl Iterator<Item = &ValueId> {
        (*self != Self::NONE).then_some(&self.0).into_iter()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut ValueId> {
        (*self != Self::NONE).then_some(&mut self.0).into_iter()
    }
}

impl From<Option<ValueId>> for Maybe {
    fn from(value: Option<ValueId>) -> Self {
        value.map_or(Self::NONE, Self)
    }
}

/// A number of eight bytes that stands at any multiple of four.
#[derive(Clone, Copy, PartialEq)]
#[repr(Rust, packed(4))]
pub struct Wide<T: Copy>(pub T);

impl<T: Copy> Wide<T> {
    /// The number.
    #[must_use]
    pub fn get(self) -> T {
        self.0
    }
}

impl<T: Copy + std::fmt::Debug> std::fmt::Debug for Wide<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.get().fmt(f)
    }
}
