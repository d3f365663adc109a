//! Reports between their measurement and the server's acknowledgement, on the disk.
//!
//! Reports are numbered. A report is in a file (see `segments`) from before it is sent until the server has answered
//! that it is kept. The file `mark` holds the number up to which everything is done with; it is written before files
//! are deleted, so a crash at any point sends a report again at worst, and the server counts that once.
//!
//! A spool is of one organization, from the first acknowledgement on, which names it; until then it is of one token.
//! What was measured for one organization goes to no other: when the token is another one's, the spool is set aside and
//! comes back with its token.
//!
//! A spool has an end: past a size or an age the oldest reports are given up, with a line in the log that says how
//! many. A disk that cannot be written does not end the agent: reports then wait in memory, and go to the disk as soon
//! as that works.

mod record;
mod segments;

use crate::state;
use segments::{Place, Segments};
use shared::{Micros, OrgId, SECOND, report::Report};
use std::{
    collections::VecDeque,
    fs, io,
    path::{Path, PathBuf},
};

/// How much is kept for a server that is away.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// On the disk, in bytes.
    pub max_bytes: u64,
    /// In memory while the disk cannot be written, in bytes.
    pub max_memory_bytes: usize,
    /// Age of a report against the newest.
    pub max_age: Micros,
}

impl Default for Limits {
    /// 64 MiB (about two days at one report in five seconds of an ordinary machine), 8 MiB in memory, seven days.
    fn default() -> Self {
        Self { max_bytes: 64 << 20, max_memory_bytes: 8 << 20, max_age: 7 * 86_400 * SECOND }
    }
}

/// The files are so many parts of the whole, which is how finely the oldest are given up.
const SEGMENTS: u64 = 16;

/// A report that waits, with the number under which it is acknowledged.
#[derive(Debug, Clone, PartialEq)]
pub struct Pending {
    /// Its number.
    pub seq: u64,
    /// What was measured.
    pub report: Report,
}

#[derive(Debug)]
struct Entry {
    seq: u64,
    taken_at: Micros,
    body: Body,
}

#[derive(Debug)]
enum Body {
    Disk(Place),
    /// The whole line, which the disk did not take.
    Memory(Vec<u8>),
}

/// What was found when the spool was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Reports that wait to be sent.
    pub waiting: usize,
    /// Records whose writing a crash had cut short.
    pub torn: usize,
    /// Records that the disk gave back changed.
    pub damaged: usize,
}

/// The queue on the disk. One process at a time; see [`state::StateDir`].
#[derive(Debug)]
pub struct Spool {
    limits: Limits,
    segments: Segments,
    /// Oldest first. Those in memory are at the end: as long as there is one, nothing goes past it to the disk.
    entries: VecDeque<Entry>,
    next_seq: u64,
    memory_bytes: usize,
    disk_fails: bool,
    mark_fails: bool,
    recovered: Recovered,
    org: Option<OrgId>,
    /// Of which token it is, as long as its organization is not known.
    token: Option<u32>,
}

impl Spool {
    /// Opens the spool in a folder, which is created where needed, with all that an earlier process left in it.
    ///
    /// # Errors
    /// When the folder cannot be made or read. Broken records are no error: they are dropped, and said.
    pub fn open(dir: &Path, limits: Limits) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        let done = read_mark(dir);
        let segments = Segments::new(dir.to_owned(), (limits.max_bytes / SEGMENTS).max(1));
        let mut spool = Self {
            limits,
            segments,
            entries: VecDeque::new(),
            next_seq: done + 1,
            memory_bytes: 0,
            disk_fails: false,
            mark_fails: false,
            recovered: Recovered::default(),
            org: read_org(dir)?,
            token: fs::read_to_string(dir.join("token"))
                .ok()
                .and_then(|text| u32::from_str_radix(text.trim(), 16).ok()),
        };
        for id in spool.segments.left_behind()? {
            spool.load(id, done)?;
        }
        spool.segments.sweep();
        spool.recovered.waiting = spool.entries.len();
        spool.say_what_was_found();
        spool.keep_within_bytes();
        Ok(spool)
    }

    fn load(&mut self, id: u64, done: u64) -> io::Result<()> {
        let content = self.segments.read_whole(id)?;
        let mut offset = 0;
        let mut waiting = 0;
        // The name counts too: a number must not be given out again as long as a file could be mistaken for another.
        self.next_seq = self.next_seq.max(id);
        for piece in content.split_inclusive(|byte| *byte == b'\n') {
            let (line, is_whole) = piece.strip_suffix(b"\n").map_or((piece, false), |line| (line, true));
            let place = Place { segment: id, offset, len: line.len() };
            match record::decode(line) {
                // A number at or below the last is a second copy from a write that was thought to have failed.
                Some(record) if record.seq > done && self.entries.back().is_none_or(|last| last.seq < record.seq) => {
                    let taken_at = record.report.taken_at;
                    self.entries.push_back(Entry { seq: record.seq, taken_at, body: Body::Disk(place) });
                    self.next_seq = self.next_seq.max(record.seq + 1);
                    waiting += 1;
                }
                Some(record) => self.next_seq = self.next_seq.max(record.seq + 1),
                None if is_whole => self.recovered.damaged += 1,
                None => {
                    self.recovered.torn += 1;
                    if let Err(cause) = self.segments.truncate(id, offset) {
                        tracing::warn!(%cause, "cannot cut off the unfinished end of a spool file");
                    }
                    break;
                }
            }
            offset += piece.len() as u64;
        }
        self.segments.adopt(id, offset, waiting);
        Ok(())
    }

    fn say_what_was_found(&self) {
        let Recovered { waiting, torn, damaged } = self.recovered;
        if waiting > 0 {
            tracing::info!(waiting, "reports of an earlier run wait to be sent");
        }
        if torn > 0 {
            tracing::warn!(torn, "dropped a report whose writing was cut short when the agent or the machine stopped");
        }
        if damaged > 0 {
            tracing::error!(damaged, "dropped reports that the disk gave back changed; check the disk");
        }
    }

    /// What was found when it was opened.
    #[must_use]
    pub fn recovered(&self) -> Recovered {
        self.recovered
    }

    /// The organization that the reports are for; none before the first acknowledgement.
    #[must_use]
    pub const fn org(&self) -> Option<OrgId> {
        self.org
    }

    /// Notes the organization that has acknowledged reports, where none is noted.
    pub fn bind(&mut self, org: OrgId) {
        if self.org.is_some() {
            return;
        }
        self.org = Some(org);
        if let Err(cause) = write_org(self.segments.dir(), org) {
            tracing::warn!(%cause, "cannot note the organization of the spool; after a restart the next answer tells it");
        }
    }

    /// Goes on with the reports of another organization: those that wait are set aside, and what was set aside for the
    /// other one comes back. Returns the folder with what waits, if something does.
    ///
    /// # Errors
    /// When the folders cannot be moved or the reports are in memory alone. Nothing is dropped then.
    pub fn change_org(&mut self, to: OrgId) -> io::Result<Option<PathBuf>> {
        let aside = self.swap(self.org.map(|org| format!("spool-of-{org}")), &format!("spool-of-{to}"))?;
        write_org(self.segments.dir(), to)?;
        self.org = Some(to);
        Ok(aside)
    }

    /// Says with which token the reports are about to be sent. As long as nobody has said of which organization it is,
    /// another token than before may be another one's: what waits is set aside then, as in [`Self::change_org`].
    ///
    /// # Errors
    /// As there.
    pub fn claim(&mut self, token: u32) -> io::Result<Option<PathBuf>> {
        if self.org.is_some() || self.token == Some(token) {
            return Ok(None);
        }
        let place_of = |token: u32| format!("spool-of-token-{token:08x}");
        let aside = match self.token {
            Some(before) => self.swap(Some(place_of(before)), &place_of(token))?,
            None => None,
        };
        state::write_atomically(&self.segments.dir().join("token"), format!("{token:08x}\n").as_bytes())?;
        self.token = Some(token);
        Ok(aside)
    }

    /// Puts the folder aside under another name, if something waits in it, and goes on with the one that was put aside
    /// before, if there is one.
    fn swap(&mut self, aside: Option<String>, back: &str) -> io::Result<Option<PathBuf>> {
        self.settle();
        if self.only_in_memory() > 0 {
            return Err(io::Error::other("the disk of the spool cannot be written"));
        }
        let dir = self.segments.dir().to_owned();
        let aside = aside.filter(|_| !self.is_empty()).map(|name| dir.with_file_name(name));
        match &aside {
            Some(aside) => fs::rename(&dir, aside)?,
            None => fs::remove_dir_all(&dir)?,
        }
        match fs::rename(dir.with_file_name(back), &dir) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => fs::create_dir_all(&dir)?,
            moved => moved?,
        }
        *self = Self::open(&dir, self.limits)?;
        Ok(aside)
    }

    /// Reports that wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Reports that are in memory alone, because the disk cannot be written.
    #[must_use]
    pub fn only_in_memory(&self) -> usize {
        self.entries.iter().rev().take_while(|entry| matches!(entry.body, Body::Memory(_))).count()
    }

    /// Adds a report. When this returns it is on the disk, or, where the disk cannot be written, counted in
    /// [`Self::only_in_memory`].
    pub fn append(&mut self, report: &Report) {
        let seq = self.next_seq;
        let line = match record::encode(seq, report) {
            Ok(line) => line,
            Err(cause) => {
                tracing::error!(%cause, "dropped a report that cannot be written down");
                return;
            }
        };
        self.next_seq += 1;
        self.memory_bytes += line.len();
        self.entries.push_back(Entry { seq, taken_at: report.taken_at, body: Body::Memory(line) });
        self.settle();
        self.keep_within_memory();
        self.keep_within_bytes();
        self.keep_within_age(report.taken_at);
    }

    /// Writes to the disk what is in memory.
    pub fn settle(&mut self) {
        let count = self.only_in_memory();
        let from = self.entries.len() - count;
        let Some(first) = self.entries.get(from) else { return };
        let lines: Vec<&[u8]> = self
            .entries
            .range(from..)
            .filter_map(|entry| match &entry.body {
                Body::Memory(line) => Some(line.as_slice()),
                Body::Disk(_) => None,
            })
            .collect();
        match self.segments.append(first.seq, &lines) {
            Ok(places) => {
                for (entry, place) in self.entries.range_mut(from..).zip(places) {
                    entry.body = Body::Disk(place);
                }
                self.memory_bytes = 0;
                if std::mem::replace(&mut self.disk_fails, false) {
                    tracing::info!(written = count, "the spool can be written again");
                }
            }
            Err(cause) if !std::mem::replace(&mut self.disk_fails, true) => tracing::error!(
                %cause,
                "cannot write to {}: measuring and sending go on from memory, but a stop of the agent would lose what is unsent. Free some space or make the folder writable",
                self.segments.dir().display()
            ),
            Err(_) => {}
        }
    }

    /// The oldest reports, at most so many. They stay until they are acknowledged.
    ///
    /// # Errors
    /// When the disk cannot be read; nothing is dropped then.
    pub fn oldest(&mut self, most: usize) -> io::Result<Vec<Pending>> {
        let mut found = Vec::new();
        let mut gone = Vec::new();
        let mut open = None;
        for entry in self.entries.iter().take(most) {
            let record = match &entry.body {
                Body::Memory(line) => record::decode(line.trim_ascii_end()),
                Body::Disk(place) => read_at(&self.segments, &mut open, *place)?,
            };
            match record {
                Some(record) if record.seq == entry.seq => {
                    found.push(Pending { seq: record.seq, report: record.report });
                }
                _ => gone.push(entry.seq),
            }
        }
        if !gone.is_empty() {
            tracing::error!(
                damaged = gone.len(),
                "dropped reports that can no longer be read from the spool; check the disk"
            );
            self.forget(|entry| gone.binary_search(&entry.seq).is_ok());
        }
        Ok(found)
    }

    /// Takes off every report up to a number: the server keeps them, or has said that it never will.
    pub fn done_through(&mut self, seq: u64) {
        let count = self.entries.iter().take_while(|entry| entry.seq <= seq).count();
        self.give_up_front(count);
        self.write_mark();
        self.segments.sweep();
    }

    fn keep_within_bytes(&mut self) {
        while self.segments.bytes() > self.limits.max_bytes
            && let Some(id) = self.segments.oldest_but_current()
        {
            let in_it = |entry: &&Entry| matches!(entry.body, Body::Disk(place) if place.segment <= id);
            let count = self.entries.iter().take_while(in_it).count();
            if count > 0 {
                let max_bytes = self.limits.max_bytes;
                tracing::warn!(dropped = count, max_bytes, "the spool is full: dropped its oldest reports unsent");
            }
            self.give_up_front(count);
            self.write_mark();
            self.segments.sweep();
        }
    }

    fn keep_within_age(&mut self, now: Micros) {
        let oldest = now.saturating_sub(self.limits.max_age);
        let count = self.entries.iter().take_while(|entry| entry.taken_at < oldest).count();
        if count > 0 {
            let days = self.limits.max_age / (86_400 * SECOND);
            tracing::warn!(dropped = count, days, "dropped reports unsent that are older than the spool keeps");
            self.give_up_front(count);
            self.write_mark();
            self.segments.sweep();
        }
    }

    fn keep_within_memory(&mut self) {
        let first = self.entries.len() - self.only_in_memory();
        let mut dropped = 0;
        while self.memory_bytes > self.limits.max_memory_bytes
            && let Some(entry) = self.entries.remove(first)
        {
            self.let_go(&entry);
            dropped += 1;
        }
        if dropped > 0 {
            tracing::warn!(dropped, "the disk cannot be written and the memory for reports is full: dropped unsent");
        }
    }

    fn give_up_front(&mut self, count: usize) {
        for _ in 0..count {
            if let Some(entry) = self.entries.pop_front() {
                self.let_go(&entry);
            }
        }
    }

    fn forget(&mut self, is_gone: impl Fn(&Entry) -> bool) {
        let (gone, kept): (VecDeque<_>, VecDeque<_>) =
            std::mem::take(&mut self.entries).into_iter().partition(|entry| is_gone(entry));
        self.entries = kept;
        for entry in &gone {
            self.let_go(entry);
        }
        self.segments.sweep();
    }

    fn let_go(&mut self, entry: &Entry) {
        match &entry.body {
            Body::Disk(place) => self.segments.release(place.segment),
            Body::Memory(line) => self.memory_bytes = self.memory_bytes.saturating_sub(line.len()),
        }
    }

    /// Notes up to where everything is done with. Without the note a restart would send again what the server has,
    /// which it counts once; so a failure is said and nothing else happens.
    fn write_mark(&mut self) {
        let done = self.entries.front().map_or(self.next_seq, |entry| entry.seq) - 1;
        let written = state::write_atomically(&self.segments.dir().join("mark"), format!("{done}\n").as_bytes());
        if let Err(cause) = &written
            && !self.mark_fails
        {
            tracing::warn!(%cause, "cannot note what was sent; after a restart some reports are sent again");
        }
        self.mark_fails = written.is_err();
    }
}

/// The record at a place; none when it is damaged or its file is gone.
fn read_at(
    segments: &Segments,
    open: &mut Option<(u64, fs::File)>,
    place: Place,
) -> io::Result<Option<record::Record>> {
    let line = match open {
        Some((id, file)) if *id == place.segment => segments::read_line(file, place),
        _ => segments.open(place.segment).and_then(|file| {
            let (_, file) = open.insert((place.segment, file));
            segments::read_line(file, place)
        }),
    };
    match line {
        Ok(line) => Ok(record::decode(&line)),
        Err(cause) if matches!(cause.kind(), io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof) => Ok(None),
        Err(cause) => Err(cause),
    }
}

/// The organization of a spool; none where it is not noted.
fn read_org(dir: &Path) -> io::Result<Option<OrgId>> {
    match fs::read_to_string(dir.join("org")) {
        Ok(text) => text.trim().parse().map(Some).map_err(|_| {
            let path = dir.join("org");
            io::Error::new(io::ErrorKind::InvalidData, format!("{} names no organization", path.display()))
        }),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(cause),
    }
}

fn write_org(dir: &Path, org: OrgId) -> io::Result<()> {
    state::write_atomically(&dir.join("org"), format!("{org}\n").as_bytes())
}

/// The number up to which everything is done with; 0 when nothing is noted, or the note cannot be read.
fn read_mark(dir: &Path) -> u64 {
    match fs::read_to_string(dir.join("mark")) {
        Ok(text) => text.trim().parse().ok().filter(|mark| *mark < u64::MAX / 2).unwrap_or_else(|| {
            tracing::warn!("the note of what was sent is damaged; some reports may be sent again");
            0
        }),
        Err(_) => 0,
    }
}

#[cfg(test)]
mod tests;
