//! One report as one line: checksum, number, JSON. A person can read it, and a reader that meets a broken line finds
//! the next one.

use shared::report::Report;

/// A report with its number in the spool.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record {
    pub(super) seq: u64,
    pub(super) report: Report,
}

/// The line, with its end.
pub(super) fn encode(seq: u64, report: &Report) -> Result<Vec<u8>, serde_json::Error> {
    let body = format!("{seq} {}", serde_json::to_string(report)?);
    Ok(format!("{:08x} {body}\n", crc32fast::hash(body.as_bytes())).into_bytes())
}

/// The record in a line, without its end; none where anything of it is not as it was written.
pub(super) fn decode(line: &[u8]) -> Option<Record> {
    let (checksum, body) = str::from_utf8(line).ok()?.split_once(' ')?;
    if checksum.len() != 8 || u32::from_str_radix(checksum, 16).ok()? != crc32fast::hash(body.as_bytes()) {
        return None;
    }
    let (seq, json) = body.split_once(' ')?;
    Some(Record { seq: seq.parse().ok()?, report: serde_json::from_str(json).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spool::tests::report;

    #[test]
    fn a_line_reads_back_as_what_was_written() {
        let line = encode(7, &report(42)).expect("serializes");
        let (end, line) = line.split_last().expect("not empty");
        assert_eq!(*end, b'\n');
        assert!(!line.contains(&b'\n'), "the end of a line is the end of a record");
        assert_eq!(decode(line), Some(Record { seq: 7, report: report(42) }));
    }

    #[test]
    fn a_line_with_any_bit_changed_or_any_byte_missing_is_no_record() {
        let line = encode(7, &report(42)).expect("serializes");
        let line = &line[..line.len() - 1];
        for end in 0..line.len() {
            assert_eq!(decode(&line[..end]), None, "cut at {end}");
        }
        for (at, bit) in (0..line.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
            let mut changed = line.to_vec();
            changed[at] ^= 1 << bit;
            // A checksum in capital letters is the same number; everything else must be seen.
            if changed.to_ascii_lowercase() != line {
                assert_eq!(decode(&changed), None, "bit {bit} of byte {at}");
            }
        }
    }
}
