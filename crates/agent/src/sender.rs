//! Takes the oldest reports of the spool to the server, and off the spool once the server keeps them.
//!
//! [`Sender::step`] is one attempt and does not wait; it says what to wait for. So a test plays any sequence of answers
//! without time passing.

use crate::{
    clock::Clock,
    inventory::InventorySlot,
    spool::{Pending, Spool},
    token::{Token, TokenSource},
    transport::{Transport, TransportError},
    verdict::{Verdict, judge},
};
use shared::{
    OrgId,
    inventory::Inventory,
    report::{HostIdentity, MAX_REPORTS, Report, ReportAck, ReportBatch},
};
use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Longest wait between two attempts, and the one when a person has to do something.
pub const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// A server that asks for more than this is asked again nevertheless, in case it has changed its mind.
const LONGEST_RETRY_AFTER_S: u64 = 3_600;

/// What is next after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Another attempt, at once: more is waiting.
    Again,
    /// Nothing is left; another attempt when there is a new report.
    WhenNew,
    /// Another attempt after some time, and not before.
    After(Duration),
}

/// What the measuring and the sending thread share.
#[derive(Debug)]
pub struct Outbox {
    spool: Mutex<Spool>,
    host: Mutex<HostIdentity>,
    inventory: InventorySlot,
}

impl Outbox {
    /// An outbox for a machine.
    #[must_use]
    pub fn new(spool: Spool, host: HostIdentity) -> Arc<Self> {
        Arc::new(Self { spool: Mutex::new(spool), host: Mutex::new(host), inventory: InventorySlot::default() })
    }

    /// The spool. Whatever a thread that panicked left half done in it, the files are whole.
    pub fn spool(&self) -> MutexGuard<'_, Spool> {
        self.spool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a report, and the machine as it is now.
    pub fn put(&self, host: HostIdentity, report: &Report) {
        *self.host.lock().unwrap_or_else(PoisonError::into_inner) = host;
        self.spool().append(report);
    }

    /// What was found to run on the machine and goes along with the next batch.
    pub const fn inventory(&self) -> &InventorySlot {
        &self.inventory
    }

    fn host(&self) -> HostIdentity {
        self.host.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Sends what is in an [`Outbox`].
#[derive(Debug)]
pub struct Sender<T, C> {
    outbox: Arc<Outbox>,
    token: TokenSource,
    transport: T,
    clock: C,
    /// Most reports in a batch. Shrinks when the server finds batches too large.
    most: usize,
    /// The last number of a range that holds a report for which the server refuses the whole batch.
    suspects: Option<u64>,
    /// Attempts in a row that did not get a report to the server.
    failures: u32,
    last_trouble: String,
    /// What the server said last of an inventory that it does not keep.
    last_refusal: String,
}

impl<T: Transport, C: Clock> Sender<T, C> {
    /// A sender that has not tried yet.
    #[must_use]
    pub fn new(outbox: Arc<Outbox>, token: TokenSource, transport: T, clock: C) -> Self {
        let (suspects, last_trouble, last_refusal) = (None, String::new(), String::new());
        Self { outbox, token, transport, clock, most: MAX_REPORTS, suspects, failures: 0, last_trouble, last_refusal }
    }

    /// One attempt.
    pub fn step(&mut self) -> Next {
        let batch = match self.next_batch() {
            Ok(batch) => batch,
            Err(cause) => return self.trouble(format!("cannot read the spool: {cause}"), LONGEST_WAIT),
        };
        let Some(last) = batch.last().map(|pending| pending.seq) else { return Next::WhenNew };
        let token = match self.token.read() {
            Ok(token) => token,
            Err(error) => return self.trouble(error.to_string(), LONGEST_WAIT),
        };
        let claimed = self.outbox.spool().claim(token.mark());
        match claimed {
            Ok(None) => {}
            Ok(Some(aside)) => return self.other_token(batch.len(), &aside),
            Err(cause) => return self.trouble(cannot_set_aside(&cause), LONGEST_WAIT),
        }
        let reports = batch.iter().map(|pending| pending.report.clone()).collect();
        let (verdict, inventory) = self.post(&token, reports, self.outbox.inventory().take(token.mark()));
        let had_inventory = inventory.is_some();
        match &verdict {
            Ok(Verdict::Kept(_)) => {}
            // It can be too much for the server, and a report is worth more.
            Ok(Verdict::TooLarge(why) | Verdict::Refused(why)) if batch.len() == 1 && had_inventory => {
                return self.without_inventory(why.clone());
            }
            _ => self.outbox.inventory().put_back(token.mark(), inventory),
        }
        let verdict = match verdict {
            Ok(verdict) => verdict,
            Err(error) => return self.later(error.to_string(), None),
        };
        match verdict {
            Verdict::Kept(ack) => self.kept(&batch, last, &ack),
            Verdict::OtherOrg(org) => self.other_org(org),
            Verdict::TooLarge(_) if batch.len() > 1 => {
                self.most = batch.len() / 2;
                tracing::info!(reports = self.most, "the server finds batches too large; sends smaller ones");
                Next::Again
            }
            Verdict::Refused(_) if batch.len() > 1 => {
                self.suspects = Some(last);
                Next::Again
            }
            Verdict::TooLarge(why) | Verdict::Refused(why) => self.refused_alone(&token, &batch, last, &why),
            Verdict::Later { why, after_s } => self.later(why, after_s),
            Verdict::Stuck { why, after_s } => {
                let wait = after_s.map_or(LONGEST_WAIT, |s| retry_after(s).max(LONGEST_WAIT));
                self.trouble(why, wait)
            }
        }
    }

    /// The oldest reports. Where one among them makes the server refuse the batch, the older half of those that it may
    /// be, so that it is alone after a few attempts while all others get through.
    fn next_batch(&mut self) -> std::io::Result<Vec<Pending>> {
        let mut batch = self.outbox.spool().oldest(self.most)?;
        if let Some(last) = self.suspects {
            let count = batch.iter().take_while(|pending| pending.seq <= last).count();
            if count == 0 {
                self.suspects = None;
            } else {
                batch.truncate((count / 2).max(1));
            }
        }
        Ok(batch)
    }

    /// Posts reports and what runs, which is handed back for the case that it did not arrive.
    fn post(
        &self,
        token: &Token,
        reports: Vec<Report>,
        inventory: Option<Inventory>,
    ) -> (Result<Verdict, TransportError>, Option<Inventory>) {
        let sent = reports.len();
        let batch = ReportBatch { sent_at: self.clock.now(), host: self.outbox.host(), reports, inventory };
        let org = self.outbox.spool().org();
        let verdict = self.transport.post(token, org, &batch).map(|answer| {
            let verdict = judge(&answer, sent);
            if let (Verdict::Kept(_), Some(org)) = (&verdict, answer.org) {
                self.outbox.spool().bind(org);
            }
            verdict
        });
        (verdict, batch.inventory)
    }

    /// What was found to run is left out of the next attempt, which has the same reports.
    fn without_inventory(&mut self, why: String) -> Next {
        self.inventory_refused(why);
        // That smaller batches were tried was because of it.
        self.most = MAX_REPORTS;
        self.suspects = None;
        Next::Again
    }

    fn inventory_refused(&mut self, why: String) {
        if why != self.last_refusal {
            tracing::warn!("the server does not keep what runs on this machine; reports are not touched by it: {why}");
            self.last_refusal = why;
        }
    }

    /// The token was replaced by one of another organization: what waits was measured for the former one.
    fn other_org(&mut self, org: OrgId) -> Next {
        let moved = {
            let mut spool = self.outbox.spool();
            let waiting = spool.len();
            spool.change_org(org).map(|aside| (waiting, aside))
        };
        match moved {
            Ok((waiting, aside)) => self.other_token(waiting, &aside.unwrap_or_default()),
            Err(cause) => self.trouble(cannot_set_aside(&cause), LONGEST_WAIT),
        }
    }

    fn other_token(&mut self, waiting: usize, aside: &Path) -> Next {
        tracing::warn!(
            waiting,
            "the token is another organization's now, or may be: what was measured with the former one is not sent with it and waits in {}. Put the former token back to send it",
            aside.display()
        );
        // What runs here was found for the former one as well, and what is gone now needs no place aside.
        self.outbox.inventory().forget();
        self.suspects = None;
        self.most = MAX_REPORTS;
        Next::Again
    }

    fn kept(&mut self, batch: &[Pending], last: u64, ack: &ReportAck) -> Next {
        for rejected in &ack.rejected {
            let taken_at = batch.get(rejected.index).map(|pending| pending.report.taken_at);
            tracing::warn!(
                taken_at,
                pointer = rejected.pointer,
                "dropped a report that the server will never keep: {}",
                rejected.message
            );
        }
        if let Some(error) = &ack.inventory_rejected {
            self.inventory_refused(format!("{}: {}", error.pointer, error.message));
        }
        self.done(last);
        let waiting = self.outbox.spool().len();
        if std::mem::take(&mut self.failures) > 0 {
            tracing::info!(sent = batch.len(), waiting, "reports reach the server again");
        }
        self.last_trouble.clear();
        if waiting > 0 { Next::Again } else { Next::WhenNew }
    }

    /// A report that was refused alone. The fault may still be elsewhere: in what the batch says of the machine, or in
    /// something between here and the server. Only when a batch without reports is taken is it the report's.
    fn refused_alone(&mut self, token: &Token, batch: &[Pending], last: u64, why: &str) -> Next {
        match self.post(token, Vec::new(), None).0 {
            Err(error) => self.later(error.to_string(), None),
            Ok(Verdict::Kept(_)) => {
                let taken_at = batch.first().map(|pending| pending.report.taken_at);
                tracing::warn!(taken_at, "dropped a report that the server refuses: {why}");
                self.done(last);
                self.most = MAX_REPORTS;
                Next::Again
            }
            Ok(Verdict::OtherOrg(org)) => self.other_org(org),
            Ok(Verdict::Later { why, after_s }) => self.later(why, after_s),
            Ok(_) => {
                let what = format!(
                    "the server refuses this machine, whatever it reports ({why}). Reports are kept; check --server, --name, and that server and agent are of versions that go together"
                );
                self.trouble(what, LONGEST_WAIT)
            }
        }
    }

    fn done(&mut self, last: u64) {
        if self.suspects == Some(last) {
            self.suspects = None;
        }
        self.outbox.spool().done_through(last);
    }

    /// Waits as long as the server asks for, else longer from time to time.
    fn later(&mut self, why: String, after_s: Option<u64>) -> Next {
        let wait = after_s.map_or_else(|| backoff(self.failures, random_share()), retry_after);
        self.trouble(why, wait)
    }

    /// Says what is wrong: at once when it is new, and ever more rarely while it stays the same.
    fn trouble(&mut self, why: String, wait: Duration) -> Next {
        self.failures = self.failures.saturating_add(1);
        if why != self.last_trouble || self.failures.is_power_of_two() {
            let waiting = self.outbox.spool().len();
            tracing::warn!(waiting, again_in_s = wait.as_secs_f32().ceil(), "{why}");
            self.last_trouble = why;
        }
        Next::After(wait)
    }
}

fn cannot_set_aside(cause: &std::io::Error) -> String {
    format!(
        "the token is of another organization than the reports that wait, and these cannot be set aside: {cause}. Nothing is sent"
    )
}

fn retry_after(seconds: u64) -> Duration {
    Duration::from_secs(seconds.clamp(1, LONGEST_RETRY_AFTER_S))
}

/// Wait after so many failures before this one: 1, 2, 4, … 60 seconds, of which a random half is taken off, so that the
/// machines that lost a server together do not come back together.
fn backoff(failures: u32, share: f64) -> Duration {
    let whole = Duration::from_secs(1 << failures.min(6)).min(LONGEST_WAIT);
    whole.mul_f64(0.5 + share / 2.0)
}

/// A random number from 0 to 1. Where the system has none to give, the middle: this is about spreading load alone.
pub(crate) fn random_share() -> f64 {
    getrandom::u32().map_or(0.5, |number| f64::from(number) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_minute_and_no_further() {
        let whole: Vec<_> = (0..9).map(|failures| backoff(failures, 1.0).as_secs()).collect();
        assert_eq!(whole, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(backoff(u32::MAX, 1.0), LONGEST_WAIT);
        assert_eq!(backoff(3, 0.0), Duration::from_secs(4));
    }

    #[test]
    fn a_wait_that_the_server_asks_for_has_bounds() {
        assert_eq!(retry_after(0), Duration::from_secs(1));
        assert_eq!(retry_after(7), Duration::from_secs(7));
        assert_eq!(retry_after(u64::MAX), Duration::from_secs(3_600));
    }
}
