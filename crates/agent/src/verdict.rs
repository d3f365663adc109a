//! What an answer of the server means for the reports that were sent, and what a person can do about it.

use crate::transport::Answer;
use shared::{ErrorCode, OrgId, report::ReportAck};

/// What to do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The server keeps them.
    Kept(ReportAck),
    /// The batch is larger than what the server reads.
    TooLarge(String),
    /// Something in the batch is not acceptable.
    Refused(String),
    /// The reports are of another organization than the token. None was kept.
    OtherOrg(OrgId),
    /// Not now. Try again by oneself.
    Later {
        /// Why.
        why: String,
        /// Seconds that the server asks to wait.
        after_s: Option<u64>,
    },
    /// It will not work until a person does something.
    Stuck {
        /// Why, and what to do.
        why: String,
        /// Seconds that the server asks to wait.
        after_s: Option<u64>,
    },
}

/// Reads an answer to a batch of so many reports.
#[must_use]
pub fn judge(answer: &Answer, sent: usize) -> Verdict {
    let problem = answer.problem();
    let after_s = answer.retry_after_s.or(problem.as_ref().and_then(|problem| problem.retry_after_s));
    let said = match &problem {
        Some(problem) if problem.detail.is_empty() => problem.title.clone(),
        Some(problem) => format!("{}: {}", problem.title, problem.detail),
        None => format!("status {}", answer.status),
    };
    let stuck = |why: String| Verdict::Stuck { why, after_s };
    match answer.status {
        200 => match serde_json::from_slice(&answer.body) {
            Ok(ack) if accounts_for(&ack, sent) => Verdict::Kept(ack),
            Ok(_) => stuck(format!("the server's answer does not account for the {sent} reports that were sent; they are kept")),
            Err(_) => stuck(
                "the answer is not one of a Bulkhead server; does something else answer at this address? Check --server"
                    .to_owned(),
            ),
        },
        300..=399 => {
            let to = answer.location.as_deref().unwrap_or("another address");
            stuck(format!(
                "the server redirects to {to}. The token is not sent on to another address; set --server to the final one"
            ))
        }
        400 | 422 => Verdict::Refused(fields(answer).map_or(said.clone(), |fields| format!("{said} ({fields})"))),
        401 => stuck(format!(
            "the server does not accept the token ({said}). It was revoked, or is another server's: make a new one in Access → Tokens and put it in the token file; the agent reads it by itself"
        )),
        403 => stuck(format!(
            "the token may not report ({said}). It takes one of the kind agent, which begins with bh_agt_: make it in Access → Tokens"
        )),
        404 | 405 => stuck(format!("there is no Bulkhead at this address ({said}); check --server")),
        409 if let (Some(ErrorCode::OrgMismatch), Some(org)) = (problem.as_ref().map(|problem| problem.code), answer.org) => {
            Verdict::OtherOrg(org)
        }
        413 => Verdict::TooLarge(said),
        408 | 425 | 429 | 500.. => Verdict::Later { why: format!("the server cannot take reports now ({said})"), after_s },
        _ => stuck(format!("the server does not take reports ({said})")),
    }
}

/// Whether each report that was sent is in the answer once.
fn accounts_for(ack: &ReportAck, sent: usize) -> bool {
    let mut rejected: Vec<_> = ack.rejected.iter().map(|rejected| rejected.index).collect();
    rejected.sort_unstable();
    rejected.dedup();
    let are_ours = rejected.len() == ack.rejected.len() && rejected.last().is_none_or(|index| *index < sent);
    let counted = [ack.accepted, ack.duplicates].map(|count| usize::try_from(count).ok());
    let [Some(accepted), Some(duplicates)] = counted else { return false };
    are_ours && accepted.checked_add(duplicates).and_then(|sum| sum.checked_add(rejected.len())) == Some(sent)
}

/// What is wrong with which field, where the server said so.
fn fields(answer: &Answer) -> Option<String> {
    let problem = answer.problem()?;
    let told: Vec<_> = problem.errors.iter().map(|error| format!("{}: {}", error.pointer, error.message)).collect();
    (!told.is_empty()).then(|| told.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::report::RejectedReport;

    fn ack(accepted: i64, duplicates: i64, rejected: &[usize]) -> ReportAck {
        let rejected = rejected
            .iter()
            .map(|index| RejectedReport { index: *index, pointer: String::new(), message: String::new() })
            .collect();
        ReportAck { accepted, duplicates, rejected, inventory_rejected: None }
    }

    #[test]
    fn an_answer_counts_only_when_it_accounts_for_each_report() {
        assert!(accounts_for(&ack(2, 1, &[0]), 4));
        assert!(accounts_for(&ack(0, 0, &[]), 0));
        for (ack, why) in [
            (ack(2, 1, &[]), "one is missing"),
            (ack(4, 1, &[]), "one too many"),
            (ack(3, 0, &[4]), "an index past the end"),
            (ack(2, 0, &[1, 1]), "one index twice"),
            (ack(5, -1, &[]), "a negative count"),
            (ack(i64::MAX, i64::MAX, &[]), "counts that overflow"),
        ] {
            assert!(!accounts_for(&ack, 4), "{why}");
        }
    }

    #[test]
    fn every_status_has_a_verdict_and_only_200_keeps() {
        for status in (100..600).filter(|status| *status != 200) {
            let answer = Answer {
                status,
                body: br#"{"accepted":1,"duplicates":0,"rejected":[]}"#.to_vec(),
                ..Answer::default()
            };
            assert!(!matches!(judge(&answer, 1), Verdict::Kept(_)), "{status}");
        }
    }
}
