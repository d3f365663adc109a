//! The files of the spool. Each is only ever appended to, by the process that made it, and deleted as a whole once none
//! of its records is waiting: no file is rewritten, so a crash can only leave an unfinished end.

use crate::state;
use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// Where a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Number of the first record of the file, which is also its name.
    pub(super) segment: u64,
    pub(super) offset: u64,
    /// Without the end of the line.
    pub(super) len: usize,
}

#[derive(Debug, Default)]
struct Segment {
    bytes: u64,
    waiting: usize,
}

#[derive(Debug)]
struct Current {
    id: u64,
    file: File,
}

#[derive(Debug)]
pub(super) struct Segments {
    dir: PathBuf,
    /// A file that has grown so large is followed by a new one.
    full_bytes: u64,
    known: BTreeMap<u64, Segment>,
    /// The file that is appended to; none after a start or a failure, so that a broken end is never appended to.
    current: Option<Current>,
}

impl Segments {
    pub(super) fn new(dir: PathBuf, full_bytes: u64) -> Self {
        Self { dir, full_bytes, known: BTreeMap::new(), current: None }
    }

    /// The files that an earlier process left, oldest first.
    pub(super) fn left_behind(&self) -> io::Result<Vec<u64>> {
        let mut ids = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            let name = entry?.file_name();
            let id: Option<u64> =
                name.to_str().and_then(|name| name.strip_suffix(".log")).and_then(|stem| stem.parse().ok());
            // Numbers are counted from 1 in steps of 1; what is near the end of the type is no file of ours.
            ids.extend(id.filter(|id| *id < u64::MAX / 2));
        }
        ids.sort_unstable();
        Ok(ids)
    }

    pub(super) fn read_whole(&self, id: u64) -> io::Result<Vec<u8>> {
        fs::read(self.path(id))
    }

    /// Takes a file of an earlier process into account.
    pub(super) fn adopt(&mut self, id: u64, bytes: u64, waiting: usize) {
        self.known.insert(id, Segment { bytes, waiting });
    }

    /// Cuts off an unfinished end.
    pub(super) fn truncate(&self, id: u64, bytes: u64) -> io::Result<()> {
        let file = OpenOptions::new().write(true).open(self.path(id))?;
        file.set_len(bytes)?;
        file.sync_all()
    }

    /// Appends lines, numbered from `first_seq`, and makes them durable. Either all of them count, or none.
    pub(super) fn append(&mut self, first_seq: u64, lines: &[&[u8]]) -> io::Result<Vec<Place>> {
        let id = self.writable(first_seq)?;
        let written = self.try_append(id, lines);
        if written.is_err() {
            self.abandon();
        }
        written
    }

    fn try_append(&mut self, id: u64, lines: &[&[u8]]) -> io::Result<Vec<Place>> {
        let (Some(current), Some(segment)) = (self.current.as_mut(), self.known.get_mut(&id)) else {
            return Err(io::Error::other("no file is open"));
        };
        let mut offset = segment.bytes;
        let mut places = Vec::with_capacity(lines.len());
        for line in lines {
            current.file.write_all(line)?;
            places.push(Place { segment: id, offset, len: line.len().saturating_sub(1) });
            offset += line.len() as u64;
        }
        current.file.sync_data()?;
        segment.bytes = offset;
        segment.waiting += lines.len();
        Ok(places)
    }

    /// The file to append to, a new one where there is none or it is full.
    fn writable(&mut self, first_seq: u64) -> io::Result<u64> {
        if let Some(current) = &self.current
            && self.known.get(&current.id).is_some_and(|segment| segment.bytes < self.full_bytes)
        {
            return Ok(current.id);
        }
        self.close_current();
        // No record of this number is kept anywhere, so what stands under this name can only be a broken beginning.
        let file = OpenOptions::new().create(true).write(true).truncate(true).open(self.path(first_seq))?;
        state::sync_folder(&self.dir)?;
        self.known.insert(first_seq, Segment::default());
        self.current = Some(Current { id: first_seq, file });
        Ok(first_seq)
    }

    /// Takes back what was half written and appends to another file from now on.
    fn abandon(&mut self) {
        if let Some(Current { id, file }) = self.current.take() {
            let bytes = self.known.get(&id).map_or(0, |segment| segment.bytes);
            if let Err(cause) = file.set_len(bytes) {
                tracing::debug!(%cause, "the unfinished end of {} stays; its checksum will tell", self.path(id).display());
            }
            self.delete_if_done(id);
        }
    }

    fn close_current(&mut self) {
        if let Some(Current { id, .. }) = self.current.take() {
            self.delete_if_done(id);
        }
    }

    /// Opens a file for [`read_line`].
    pub(super) fn open(&self, id: u64) -> io::Result<File> {
        File::open(self.path(id))
    }

    /// One record of a file needs it no longer.
    pub(super) fn release(&mut self, id: u64) {
        if let Some(segment) = self.known.get_mut(&id) {
            segment.waiting = segment.waiting.saturating_sub(1);
        }
    }

    /// Deletes the files that nothing waits in, except the one that is appended to.
    pub(super) fn sweep(&mut self) {
        let current = self.current.as_ref().map(|current| current.id);
        let done: Vec<_> = self
            .known
            .iter()
            .filter(|(id, segment)| segment.waiting == 0 && Some(**id) != current)
            .map(|(id, _)| *id)
            .collect();
        for id in done {
            self.delete_if_done(id);
        }
    }

    fn delete_if_done(&mut self, id: u64) {
        if self.known.get(&id).is_some_and(|segment| segment.waiting == 0) {
            self.known.remove(&id);
            let path = self.path(id);
            match fs::remove_file(&path) {
                Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                    tracing::warn!(%cause, "cannot delete {}; the next start tries again", path.display());
                }
                _ => {}
            }
        }
    }

    /// The oldest file, where there is another to append to.
    pub(super) fn oldest_but_current(&self) -> Option<u64> {
        let current = self.current.as_ref().map(|current| current.id);
        self.known.keys().copied().find(|id| Some(*id) != current)
    }

    /// Bytes of all files.
    pub(super) fn bytes(&self) -> u64 {
        self.known.values().map(|segment| segment.bytes).sum()
    }

    fn path(&self, id: u64) -> PathBuf {
        self.dir.join(format!("{id:020}.log"))
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }
}

/// The line at a place.
pub(super) fn read_line(file: &mut File, place: Place) -> io::Result<Vec<u8>> {
    let mut line = vec![0; place.len];
    file.seek(SeekFrom::Start(place.offset))?;
    file.read_exact(&mut line)?;
    Ok(line)
}
