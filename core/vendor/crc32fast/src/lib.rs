//! Takes the place of the crate of the same name, whose tables are 16 kB of every program that opens zips and do not
//! compress: with them each visitor loads 33 kB more. Entries are checked with zlib-rs; what is left for this one are
//! names in extra fields of zips, a few bytes each.

#![forbid(unsafe_code)]

/// The polynomial of zip and gzip, bits reversed.
const POLYNOMIAL: u32 = 0xedb8_8320;

/// What each low byte of the register becomes.
const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut value = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { POLYNOMIAL ^ (value >> 1) } else { value >> 1 };
            bit += 1;
        }
        table[byte] = value;
        byte += 1;
    }
    table
};

/// The checksum of `bytes`.
#[must_use]
pub fn hash(bytes: &[u8]) -> u32 {
    let mut hasher = Hasher::new();
    hasher.update(bytes);
    hasher.finalize()
}

/// A checksum in the making.
#[derive(Clone, Debug, Default)]
pub struct Hasher {
    state: u32,
    amount: u64,
}

impl Hasher {
    /// Of nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { state: 0, amount: 0 }
    }

    /// Goes on from a checksum.
    #[must_use]
    pub const fn new_with_initial(state: u32) -> Self {
        Self { state, amount: 0 }
    }

    /// Goes on from the checksum of so many bytes.
    #[must_use]
    pub const fn new_with_initial_len(state: u32, amount: u64) -> Self {
        Self { state, amount }
    }

    /// Takes more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        let step = |state: u32, byte: &u8| TABLE[usize::from((state as u8) ^ byte)] ^ (state >> 8);
        self.state = !bytes.iter().fold(!self.state, step);
        self.amount += bytes.len() as u64;
    }

    /// The checksum.
    #[must_use]
    pub const fn finalize(self) -> u32 {
        self.state
    }

    /// Begins again.
    pub const fn reset(&mut self) {
        self.state = 0;
        self.amount = 0;
    }

    /// As if what `other` took had been taken after what this one took.
    pub fn combine(&mut self, other: &Self) {
        // The bytes of the other one move this register on as so many zero bytes do.
        let mut moved = self.state;
        let mut power = [0; 32];
        for (bit, value) in power.iter_mut().enumerate() {
            let unit = 1_u32 << bit;
            *value = TABLE[usize::from(unit as u8)] ^ (unit >> 8);
        }
        let mut left = other.amount;
        while left > 0 {
            if left & 1 == 1 {
                moved = times(&power, moved);
            }
            let squared: Vec<u32> = power.iter().map(|value| times(&power, *value)).collect();
            power.copy_from_slice(&squared);
            left >>= 1;
        }
        self.state = moved ^ other.state;
        self.amount += other.amount;
    }
}

/// A linear map, by what it makes of each bit.
fn times(map: &[u32; 32], value: u32) -> u32 {
    map.iter().enumerate().filter(|(bit, _)| value >> bit & 1 == 1).fold(0, |sum, (_, part)| sum ^ part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_zip_in_one_go_in_parts_and_combined() {
        assert_eq!((hash(b""), hash(b"123456789")), (0, 0xcbf4_3926));
        let text: Vec<u8> = (0..1_000_u32).map(|n| (n * 7) as u8).collect();
        for cut in [0, 1, 500, 999, 1_000] {
            let (first, second) = text.split_at(cut);
            let mut parts = Hasher::new();
            parts.update(first);
            let mut combined = parts.clone();
            let mut rest = Hasher::new();
            rest.update(second);
            combined.combine(&rest);
            parts.update(second);
            assert_eq!((parts.finalize(), combined.finalize()), (hash(&text), hash(&text)), "{cut}");
        }
    }
}
