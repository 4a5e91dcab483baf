//! Seconds since 1970 as a date for people and comparisons; without a clock.

/// RFC 3339 in UTC; `None` for what is no date between 1970 and 9999.
pub fn rfc3339(seconds: f64) -> Option<String> {
    if !(1.0..253_402_300_800.0).contains(&seconds) {
        return None;
    }
    let seconds = seconds as u64;
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Days since 0000-03-01: leap days come last in such years (Hinnant, "chrono-compatible low-level date algorithms").
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    Some(format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn dates_are_right_around_leap_days() {
        assert_eq!(rfc3339(1.5).unwrap(), "1970-01-01T00:00:01Z");
        assert_eq!(rfc3339(951_782_400.0).unwrap(), "2000-02-29T00:00:00Z");
        assert_eq!(rfc3339(1_709_251_199.9).unwrap(), "2024-02-29T23:59:59Z");
        assert_eq!(rfc3339(1_795_759_274.3).unwrap(), "2026-11-27T06:01:14Z");
        assert_eq!(rfc3339(f64::NAN), None);
        assert_eq!(rfc3339(-5.0), None);
    }
}
