//! Points in time as tools write them: RFC 3339 or seconds, milliseconds, microseconds, nanoseconds of the epoch.

/// Microseconds since 1970 in UTC of a time as RFC 3339 (or with a blank for the T).
#[must_use]
pub fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    let number = |from: usize, to: usize| {
        let part = text.get(from..to)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<i64>().ok())?
    };
    let sign = |at: usize, signs: &[u8]| text.as_bytes().get(at).is_some_and(|byte| signs.contains(byte));
    if !(sign(4, b"-") && sign(7, b"-") && sign(10, b"Tt ") && sign(13, b":") && sign(16, b":")) {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut rest = text.get(19..)?;
    let mut micros = 0;
    if let Some(fraction) = rest.strip_prefix(['.', ',']) {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        let shown = fraction.get(..digits.min(6))?;
        micros = format!("{shown:0<6}").parse().ok()?;
        rest = fraction.get(digits..)?;
    }
    let offset = match rest {
        "" | "Z" | "z" => 0,
        _ => {
            let minus = rest.starts_with('-');
            let digits: String = rest.strip_prefix(['+', '-'])?.chars().filter(|c| *c != ':').collect();
            let hours: i64 = digits.get(..2)?.parse().ok()?;
            let minutes: i64 = digits.get(2..).filter(|rest| !rest.is_empty()).map_or(Some(0), |m| m.parse().ok())?;
            (hours * 60 + minutes) * if minus { -60 } else { 60 }
        }
    };
    let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset;
    Some(seconds * 1_000_000 + micros)
}

/// Microseconds of a number of the epoch, whose unit its size tells.
#[must_use]
pub fn from_epoch(number: f64) -> Option<i64> {
    let micros = match number {
        seconds if (1e8..1e11).contains(&seconds) => seconds * 1e6,
        millis if (1e11..1e14).contains(&millis) => millis * 1e3,
        micros if (1e14..1e17).contains(&micros) => micros,
        nanos if (1e17..1e20).contains(&nanos) => nanos / 1e3,
        _ => return None,
    };
    Some(micros as i64)
}

/// RFC 3339 in UTC, to the second.
#[must_use]
pub fn show(micros: i64) -> String {
    let seconds = micros.div_euclid(1_000_000);
    let (day, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    format!("{}T{:02}:{:02}:{:02}Z", show_day(day), rest / 3_600, rest / 60 % 60, rest % 60)
}

/// `2026-01-31` of a day since 1970.
#[must_use]
pub fn show_day(day: i64) -> String {
    let (year, month, date) = date(day);
    format!("{year:04}-{month:02}-{date:02}")
}

/// RFC 3339 in UTC of seconds since 1970; `None` for what is no date between 1970 and 9999.
#[must_use]
pub fn show_seconds(seconds: f64) -> Option<String> {
    (1.0..253_402_300_800.0).contains(&seconds).then(|| show(seconds as i64 * 1_000_000))
}

/// Days since 1970 of a Gregorian date (Howard Hinnant's algorithm).
#[must_use]
pub fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date of a day since 1970.
fn date(day: i64) -> (i64, i64, i64) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let years = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * years + years / 4 - years / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (years + era * 400 + i64::from(month <= 2), month, of_year - (153 * shifted_month + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

    use super::*;

    #[test]
    fn times_of_tools() {
        assert_eq!(parse("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(parse("2024-02-29T12:00:00.123456789+02:00"), Some(1_709_200_800_123_456));
        assert_eq!(parse("2024-02-29 10:00:00,5"), Some(1_709_200_800_500_000));
        assert_eq!(parse("2024-02-29T05:00:00-0500"), Some(1_709_200_800_000_000));
        for wrong in ["", "2024-02-29", "2024-13-01T00:00:00Z", "2024-02-29T12:00:00 CET", "é024-02-29T12:00:00Z"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn numbers_tell_their_unit_by_size() {
        for number in [1.7092008e9, 1.7092008e12, 1.7092008e15, 1.7092008e18] {
            assert_eq!(from_epoch(number), Some(1_709_200_800_000_000), "{number}");
        }
        assert_eq!(from_epoch(f64::NAN), None);
        assert_eq!(from_epoch(12.0), None);
    }

    #[test]
    fn dates_are_right_around_leap_days() {
        assert_eq!(show_seconds(1.5).unwrap(), "1970-01-01T00:00:01Z");
        assert_eq!(show_seconds(951_782_400.0).unwrap(), "2000-02-29T00:00:00Z");
        assert_eq!(show_seconds(1_709_251_199.9).unwrap(), "2024-02-29T23:59:59Z");
        assert_eq!(show_seconds(1_795_759_274.3).unwrap(), "2026-11-27T06:01:14Z");
        assert_eq!(show_seconds(f64::NAN), None);
        assert_eq!(show_seconds(-5.0), None);
        for (days, date) in [(0, "1970-01-01"), (11_016, "2000-02-29"), (20_454, "2026-01-01"), (19_723, "2024-01-01")]
        {
            assert_eq!(show_day(days), date);
        }
    }

    #[test]
    fn shown_in_utc() {
        assert_eq!(show(1_709_200_800_123_456), "2024-02-29T10:00:00Z");
        assert_eq!(show(-1), "1969-12-31T23:59:59Z");
        assert_eq!(show(parse("2100-03-01T00:00:00Z").unwrap()), "2100-03-01T00:00:00Z");
    }
}
