//! The figures, the targets that they are held against, and how both are printed.

use serde_json::{Map, Value, json};

use crate::machine::Machine;

/// One figure.
struct Figure {
    key: &'static str,
    value: f64,
    unit: &'static str,
}

/// All that was measured.
#[derive(Default)]
pub(super) struct Outcome {
    figures: Vec<Figure>,
    /// How it was measured, a sentence or two for each part.
    conditions: Vec<String>,
}

/// What a figure shall be, as text with the numbers of this run, and whether it is that.
struct Target {
    key: &'static str,
    text: String,
    met: bool,
}

impl Outcome {
    pub(super) fn add(&mut self, key: &'static str, value: f64, unit: &'static str) {
        self.figures.push(Figure { key, value, unit });
    }

    pub(super) fn condition(&mut self, text: impl Into<String>) {
        self.conditions.push(text.into());
    }

    fn get(&self, key: &str) -> Option<f64> {
        self.figures.iter().find(|figure| figure.key == key).map(|figure| figure.value)
    }

    /// The targets of what was measured.
    fn targets(&self) -> Vec<Target> {
        let at_least = |key, bound: f64, text: &str| {
            Some(Target { key, text: format!(">= {text}{}", shown(bound)), met: self.get(key)? >= bound })
        };
        let at_most = |key, bound: f64, text: &str| {
            Some(Target { key, text: format!("<= {text}{}", shown(bound)), met: self.get(key)? <= bound })
        };
        [
            self.get("bare_rps").and_then(|bare| at_least("list_rps", bare / 5.0, "bare_rps / 5 = ")),
            at_least("reports_per_s", 3_000.0, ""),
            self.get("reports_per_s_10")
                .and_then(|few| at_least("reports_per_s", few * 0.9, "0.9 x reports_per_s_10 = ")),
            at_most("assistant_first_token_added_ms", 20.0, ""),
            at_most("first_load_bytes", 350_000.0, ""),
            self.get("rtt_ms").and_then(|rtt| at_most("switch_ms_p50", rtt + 50.0, "rtt_ms + 50 = ")),
            at_most("rss_idle_mb", 40.0, ""),
            at_most("rss_1000_orgs_mb", 20.0, ""),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// How many targets are missed.
    pub(super) fn missed(&self) -> usize {
        self.targets().iter().filter(|target| !target.met).count()
    }

    pub(super) fn print(&self, machine: &Machine) {
        println!("\n{}\n", self.table(machine));
    }

    fn table(&self, machine: &Machine) -> String {
        let mut lines = vec![format!("{:<30} {:>12} {:<6} target", "figure", "value", "")];
        let targets = self.targets();
        for Figure { key, value, unit } in &self.figures {
            let line = format!("{key:<30} {:>12} {unit:<6}", shown(*value));
            let mut own = targets
                .iter()
                .filter(|target| target.key == *key)
                .map(|target| format!("{:<42} {}", target.text, if target.met { "met" } else { "MISSED" }));
            lines.push(format!("{line} {}", own.next().unwrap_or_default()).trim_end().to_owned());
            lines.extend(own.map(|text| format!("{:<38} {text}", "")));
        }
        lines.push(String::new());
        lines.extend(self.conditions.iter().cloned());
        lines.push(String::new());
        lines.extend(machine.lines().into_iter().map(|(key, value)| format!("{key:<11} {value}")));
        lines.join("\n")
    }

    pub(super) fn to_json(&self, machine: &Machine) -> String {
        let mut all = Map::new();
        for figure in &self.figures {
            all.insert(figure.key.to_owned(), json!(rounded(figure.value)));
        }
        let targets: Vec<Value> = self
            .targets()
            .into_iter()
            .map(|target| json!({ "key": target.key, "target": target.text, "met": target.met }))
            .collect();
        all.insert("targets".to_owned(), json!(targets));
        all.insert("conditions".to_owned(), json!(self.conditions));
        let machine: Map<String, Value> =
            machine.lines().into_iter().map(|(key, value)| (key.to_owned(), json!(value))).collect();
        all.insert("machine".to_owned(), Value::Object(machine));
        format!("{:#}\n", Value::Object(all))
    }
}

/// Three digits behind the point are more than any figure is good for.
fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

/// A number as people read it: `12,345`, `6.3`, `0.412`.
fn shown(value: f64) -> String {
    if value.abs() < 10.0 && value != value.round() {
        return format!("{value:.2}");
    }
    if value.abs() < 1_000.0 && value != value.round() {
        return format!("{value:.1}");
    }
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0.0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(figures: &[(&'static str, f64)]) -> Outcome {
        let mut outcome = Outcome::default();
        figures.iter().for_each(|(key, value)| outcome.add(key, *value, ""));
        outcome
    }

    #[test]
    fn a_target_is_met_at_its_bound_and_missed_beyond_it() {
        let missed = |figures| outcome(figures).missed();
        assert_eq!(missed(&[("list_rps", 200.0), ("bare_rps", 1_000.0)]), 0);
        assert_eq!(missed(&[("list_rps", 199.0), ("bare_rps", 1_000.0)]), 1);
        assert_eq!(missed(&[("reports_per_s", 3_600.0), ("reports_per_s_10", 4_000.0)]), 0);
        assert_eq!(missed(&[("reports_per_s", 2_900.0), ("reports_per_s_10", 4_000.0)]), 2);
        assert_eq!(missed(&[("switch_ms_p50", 52.0), ("rtt_ms", 2.0)]), 0);
        assert_eq!(missed(&[("switch_ms_p50", 52.1), ("rtt_ms", 2.0)]), 1);
        assert_eq!(missed(&[("first_load_bytes", 350_001.0), ("rss_idle_mb", 40.1), ("rss_1000_orgs_mb", 20.1)]), 3);
    }

    #[test]
    fn what_was_not_measured_has_no_target() {
        assert!(outcome(&[("list_rps", 1.0), ("switch_ms_p50", 900.0)]).targets().is_empty());
    }

    #[test]
    fn the_table_and_the_json_say_which_target_was_missed() {
        let outcome = outcome(&[("rss_idle_mb", 41.25)]);
        let machine = Machine::default();
        assert!(outcome.table(&machine).contains("MISSED"), "{}", outcome.table(&machine));
        let json: Value = serde_json::from_str(&outcome.to_json(&machine)).expect("it is JSON");
        assert_eq!(json["rss_idle_mb"], 41.25);
        assert_eq!(json["targets"][0]["met"], false);
        assert!(json["machine"].is_object());
    }

    #[test]
    fn numbers_are_read_by_people() {
        let texts: Vec<String> = [0.4124, 9.0, 12.34, 999.96, 1_234_567.0, -1_000.0].map(shown).to_vec();
        assert_eq!(texts, ["0.41", "9", "12.3", "1000.0", "1,234,567", "-1,000"]);
    }
}
