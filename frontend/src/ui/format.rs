//! How numbers, amounts and times read. Pure functions: the same input is the same text, in every locale and zone.
//!
//! What is not known is [`DASH`] and never 0. A number and its unit are held together by a no-break space.

/// Stands for what is not known.
pub const DASH: &str = "–";

/// Keeps a number and its unit on one line.
const NBSP: char = '\u{a0}';

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// `1184` as `1,184`.
#[must_use]
pub fn number(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if value < 0 {
        text.push('−');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with as many decimals as are worth reading: three significant digits, none from 100 on.
#[must_use]
pub fn decimal(value: f64) -> String {
    if !value.is_finite() {
        return DASH.to_owned();
    }
    // Decided on what will be shown, so that 9.996 is 10.0 and not 10.00.
    let size = value.abs();
    if size >= 99.95 {
        return number(value.round() as i64);
    }
    let text = if size >= 9.995 { format!("{value:.1}") } else { format!("{value:.2}") };
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.replace('-', "−") }
}

/// Scales by thousands, as disks and networks are sold.
fn scaled(value: f64, units: &[&str]) -> String {
    if !value.is_finite() {
        return DASH.to_owned();
    }
    let mut value = value;
    let mut unit = 0;
    while value.abs() >= 999.5 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    // Nobody reads a fraction of a byte.
    let text = if unit == 0 { number(value.round() as i64) } else { decimal(value) };
    format!("{text}{NBSP}{}", units[unit])
}

/// Bytes as `1.74 TB`: powers of ten.
#[must_use]
pub fn bytes(value: f64) -> String {
    scaled(value, &["B", "kB", "MB", "GB", "TB", "PB"])
}

/// Bytes of memory as `58.2 GiB`: powers of two, as memory is built.
#[must_use]
pub fn memory(value: f64) -> String {
    if !value.is_finite() {
        return DASH.to_owned();
    }
    let mut value = value;
    let mut unit = 0;
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    while value.abs() >= 1023.5 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{}{NBSP}{}", decimal(value), UNITS[unit])
}

/// Bytes a second as `382 MB/s`.
#[must_use]
pub fn bytes_per_second(value: f64) -> String {
    scaled(value, &["B/s", "kB/s", "MB/s", "GB/s", "TB/s"])
}

/// Bytes a second as bits a second, as networks are measured: `52375000` as `419 Mb/s`.
#[must_use]
pub fn bits_per_second(bytes_per_second: f64) -> String {
    scaled(bytes_per_second * 8.0, &["b/s", "kb/s", "Mb/s", "Gb/s", "Tb/s"])
}

/// A share from 0 to 100 as `94 %`.
///
/// Rounded down from 99 on, so that only what is full reads as 100.
#[must_use]
pub fn percent(value: f64) -> String {
    if !value.is_finite() {
        return DASH.to_owned();
    }
    format!("{}{NBSP}%", whole_percent(value))
}

/// The number in [`percent`], for columns that have the unit in their head.
#[must_use]
pub fn whole_percent(value: f64) -> i64 {
    (if value > 99.0 && value < 100.0 { value.floor() } else { value.round() }) as i64
}

/// What is known, formatted, or a dash.
#[must_use]
pub fn known(value: Option<f64>, format: impl Fn(f64) -> String) -> String {
    value.filter(|value| value.is_finite()).map_or_else(|| DASH.to_owned(), format)
}

/// A span of seconds in its two largest units: `212 d 4 h`, `3 h 20 min`, `45 s`.
#[must_use]
pub fn duration(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (large, small) = match seconds {
        s if s >= DAY => ((s / DAY, "d"), (s % DAY / HOUR, "h")),
        s if s >= HOUR => ((s / HOUR, "h"), (s % HOUR / MINUTE, "min")),
        s if s >= MINUTE => ((s / MINUTE, "min"), (s % MINUTE, "s")),
        s => ((s, "s"), (0, "")),
    };
    let mut text = format!("{}{NBSP}{}", number(large.0), large.1);
    if small.0 > 0 {
        text.push_str(&format!(" {}{NBSP}{}", small.0, small.1));
    }
    text
}

/// A span of seconds in its largest unit, for narrow columns: `212 d`, `14 min`, `3 s`.
#[must_use]
pub fn short_duration(seconds: i64) -> String {
    let (count, unit) = match seconds.max(0) {
        s if s >= DAY => (s / DAY, "d"),
        s if s >= HOUR => (s / HOUR, "h"),
        s if s >= MINUTE => (s / MINUTE, "min"),
        s => (s, "s"),
    };
    format!("{}{NBSP}{unit}", number(count))
}

/// How long ago something was: `now`, `3 s`, `14 min`, `5 h`, `yesterday`, `41 d`.
///
/// Times in microseconds since the epoch. What lies ahead, by a clock that is wrong, is `now`.
#[must_use]
pub fn ago(at: i64, now: i64) -> String {
    let seconds = now.saturating_sub(at) / 1_000_000;
    match seconds {
        ..=0 => "now".to_owned(),
        s if (DAY..2 * DAY).contains(&s) => "yesterday".to_owned(),
        s => short_duration(s),
    }
}

/// Time of day as `09:21`, in a zone that is `offset_s` seconds ahead of UTC.
#[must_use]
pub fn clock(at: i64, offset_s: i32) -> String {
    let second = second_of_day(at, offset_s);
    format!("{:02}:{:02}", second / HOUR, second % HOUR / MINUTE)
}

/// Time of day with seconds: `09:26:10`.
#[must_use]
pub fn clock_seconds(at: i64, offset_s: i32) -> String {
    let second = second_of_day(at, offset_s);
    format!("{:02}:{:02}:{:02}", second / HOUR, second % HOUR / MINUTE, second % MINUTE)
}

/// Day as `21 Nov 2026`, in a zone that is `offset_s` seconds ahead of UTC.
#[must_use]
pub fn date(at: i64, offset_s: i32) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let days = (at.div_euclid(1_000_000) + i64::from(offset_s)).div_euclid(DAY);
    // Civil date from a day count: years start in March, so that the leap day is the last of one.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 2 } else { march_month - 10 };
    let year = year_of_era + era * 400 + i64::from(month < 2);
    format!("{day}{NBSP}{}{NBSP}{year}", MONTHS[month as usize])
}

fn second_of_day(at: i64, offset_s: i32) -> i64 {
    (at.div_euclid(1_000_000) + i64::from(offset_s)).rem_euclid(DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As read, with the no-break spaces as plain ones.
    fn read(text: &str) -> String {
        text.replace(NBSP, " ")
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_184), "1,184");
        assert_eq!(number(-1_234_567), "−1,234,567");
        assert_eq!(number(i64::MIN), "−9,223,372,036,854,775,808");
    }

    #[test]
    fn a_number_has_three_digits_worth_reading() {
        for (value, text) in
            [(0.0, "0"), (0.4, "0.4"), (9.996, "10"), (58.24, "58.2"), (99.96, "100"), (1240.4, "1,240")]
        {
            assert_eq!(decimal(value), text);
        }
        assert_eq!(decimal(-0.001), "0");
    }

    #[test]
    fn amounts_take_the_largest_unit_that_keeps_a_digit_before_the_point() {
        assert_eq!(read(&bytes(0.0)), "0 B");
        assert_eq!(read(&bytes(999.0)), "999 B");
        assert_eq!(read(&bytes(999_600.0)), "1 MB");
        assert_eq!(read(&bytes(1_740_000_000_000.0)), "1.74 TB");
        assert_eq!(read(&memory(68_719_476_736.0)), "64 GiB");
        assert_eq!(read(&bytes_per_second(382e6)), "382 MB/s");
        assert_eq!(read(&bits_per_second(52_375_000.0)), "419 Mb/s");
    }

    #[test]
    fn only_what_is_full_reads_as_100_percent() {
        assert_eq!(read(&percent(93.6)), "94 %");
        assert_eq!(read(&percent(99.9)), "99 %");
        assert_eq!(read(&percent(100.0)), "100 %");
    }

    #[test]
    fn what_is_not_known_is_a_dash() {
        assert_eq!(known(None, percent), DASH);
        assert_eq!(known(Some(f64::NAN), percent), DASH);
        assert_eq!(bytes(f64::INFINITY), DASH);
    }

    #[test]
    fn spans_read_in_their_two_largest_units() {
        assert_eq!(read(&duration(212 * DAY + 4 * HOUR + 59)), "212 d 4 h");
        assert_eq!(read(&duration(3 * HOUR)), "3 h");
        assert_eq!(read(&duration(61)), "1 min 1 s");
        assert_eq!(read(&duration(-5)), "0 s");
        assert_eq!(read(&short_duration(14 * MINUTE + 3)), "14 min");
    }

    #[test]
    fn how_long_ago_reads_as_people_say_it() {
        let now = 1_000_000 * 10 * DAY;
        let before = |seconds: i64| read(&ago(now - seconds * 1_000_000, now));
        assert_eq!(before(0), "now");
        assert_eq!(before(-30), "now");
        assert_eq!(before(3), "3 s");
        assert_eq!(before(5 * HOUR), "5 h");
        assert_eq!(before(30 * HOUR), "yesterday");
        assert_eq!(before(3 * DAY), "3 d");
    }

    #[test]
    fn times_are_those_of_the_zone() {
        let at = 1_764_068_410_000_000; // 2025-11-25 11:00:10 UTC
        assert_eq!(clock(at, 0), "11:00");
        assert_eq!(clock(at, -12 * 3600), "23:00");
        assert_eq!(clock_seconds(at, 3600), "12:00:10");
        assert_eq!(read(&date(at, 0)), "25 Nov 2025");
        assert_eq!(read(&date(at, 14 * 3600)), "26 Nov 2025");
        assert_eq!(read(&date(951_782_400_000_000, 0)), "29 Feb 2000");
        assert_eq!(read(&date(-1, 0)), "31 Dec 1969");
    }
}
