//! Values as the wire wants them, or none.

use shared::text::is_deceptive;

/// Most characters of a text.
const MAX_TEXT: usize = 253;

/// A count or number of bytes; none where the wire's signed number cannot hold it, which only a broken driver reports.
#[must_use]
pub fn count(value: u64) -> Option<i64> {
    i64::try_from(value).ok()
}

/// A share in percent, 0 to 100 with two decimals; none where it is not a number.
#[must_use]
pub fn percent(value: f32) -> Option<f64> {
    percent_of(f64::from(value), 100.0)
}

/// A share in percent, 0 to `most` with two decimals; none where it is not a number.
#[must_use]
pub fn percent_of(value: f64, most: f64) -> Option<f64> {
    value.is_finite().then(|| two_decimals(value).clamp(0.0, most))
}

/// The three load averages with two decimals; none where one is not a number or negative.
#[must_use]
pub fn load(values: [f64; 3]) -> Option<[f64; 3]> {
    values.iter().all(|value| value.is_finite() && *value >= 0.0).then(|| values.map(two_decimals))
}

/// A temperature with two decimals; none outside of what a machine that still runs can have.
#[must_use]
pub fn celsius(value: f32) -> Option<f64> {
    (-100.0..=300.0).contains(&value).then(|| two_decimals(f64::from(value)))
}

/// A text on one line without blanks around it and without characters that deceive, at most 253 characters.
#[must_use]
pub fn text(value: &str) -> String {
    let kept: String = value.chars().filter(|c| !is_deceptive(*c)).take(MAX_TEXT).collect();
    kept.trim().to_owned()
}

/// More would be noise of the conversion from 32 bits, and twice the bytes on the wire.
fn two_decimals(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_becomes_none() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            assert_eq!(percent(bad), None, "{bad}");
            assert_eq!(celsius(bad), None, "{bad}");
            assert_eq!(load([0.0, f64::from(bad), 0.0]), None, "{bad}");
        }
        assert_eq!(load([0.0, -0.5, 0.0]), None);
        assert_eq!(count(u64::MAX), None);
    }

    #[test]
    fn what_is_out_of_range_is_brought_back_or_dropped() {
        assert_eq!(percent(-0.1), Some(0.0));
        assert_eq!(percent(100.4), Some(100.0));
        assert_eq!(celsius(-273.1), None);
        assert_eq!(celsius(65_261.8), None);
    }

    #[test]
    fn what_is_good_is_kept() {
        assert_eq!(percent(12.345_678), Some(12.35));
        assert_eq!(celsius(-12.5), Some(-12.5));
        assert_eq!(load([0.5, 1.25, 64.0]), Some([0.5, 1.25, 64.0]));
        assert_eq!(count(7), Some(7));
        assert_eq!(text(" Xeon\n 4 "), "Xeon 4");
        assert_eq!(text(&"é".repeat(300)).chars().count(), 253);
    }
}
