//! Times as Docker's API writes them.

use shared::{Micros, SECOND};

/// Reads a time such as `2026-11-26T01:14:38.658549762Z` (RFC 3339). None where it is none, or before 1970: an engine
/// says `0001-01-01T00:00:00Z` for never.
pub(super) fn parse(text: &str) -> Option<Micros> {
    let text = text.trim();
    let (date, rest) = text.split_once(['T', 't', ' '])?;
    let [year, month, day] = numbers(date, '-')?;
    let zone_at = rest.find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = rest.split_at(zone_at);
    let (whole, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let [hour, minute, second] = numbers(whole, ':')?;
    let is_time = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !is_time {
        return None;
    }
    let seconds = days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset_s(zone)?;
    let at = seconds * SECOND + micros(fraction)?;
    (at > 0).then_some(at)
}

/// Three numbers without a sign.
fn numbers(text: &str, between: char) -> Option<[i64; 3]> {
    let parts: Vec<i64> = text.split(between).map(number).collect::<Option<_>>()?;
    parts.try_into().ok()
}

fn number(text: &str) -> Option<i64> {
    let is_number = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// Digits after the point, of which a microsecond has six.
fn micros(fraction: &str) -> Option<i64> {
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    format!("{fraction:0<6.6}").parse().ok()
}

/// `Z`, or hours and minutes before or after it.
fn offset_s(zone: &str) -> Option<i64> {
    let sign = match zone.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return (zone.len() == 1).then_some(0),
    };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    Some(sign * (number(hours)? * 3_600 + number(minutes)? * 60))
}

/// Days from the first of January 1970. The year is made to begin in March, so that the leap day comes last.
const fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_with_its_fraction_and_offset() {
        for (text, at) in [
            ("1970-01-01T00:00:01Z", 1_000_000),
            ("2000-02-29T12:00:00Z", 951_825_600_000_000),
            ("2026-11-26T01:14:38.658549762Z", 1_795_655_678_658_549),
            ("2026-11-26T02:14:38.5+01:00", 1_795_655_678_500_000),
            ("2026-11-25T19:44:38-05:30", 1_795_655_678_000_000),
        ] {
            assert_eq!(parse(text), Some(at), "{text}");
        }
    }

    #[test]
    fn never_and_nonsense_are_no_time() {
        for text in [
            "",
            "0001-01-01T00:00:00Z",
            "1970-01-01T00:00:00Z",
            "2026-11-26",
            "2026-11-26T01:14:38",
            "2026-13-26T01:14:38Z",
            "2026-11-26T25:14:38Z",
            "2026-11-26T01:14:38.é0Z",
            "2026-11-26T01:14:38+é",
            "2026-11-26T+1:14:38Z",
            "99999999999999999999-11-26T01:14:38Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
