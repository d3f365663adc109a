//! Counters of whole disks.
//!
//! Read from `/proc/diskstats` and not from `sysinfo`, which tells counters for what is mounted: a disk with three
//! partitions would be three, a disk without a filesystem none. Left out are
//! - partitions, because their disk already counts them;
//! - `dm-*` and `md*` (LVM, encryption, RAID), because each of their bytes is read or written by a disk below and would
//!   be counted twice in a sum;
//! - what is no hardware: `loop`, `ram`, `zram`, network block devices, volumes of ZFS;
//! - optical and floppy drives, and the boot areas of eMMC storage, which nobody watches.

use super::{MAX_ENTRIES, clean};
use shared::report::DiskCounters;
use std::{fs, path::Path};

/// The kernel's unit in this file, whatever the disk's own sectors are.
const SECTOR_BYTES: u64 = 512;

const NOT_A_DISK: [&str; 12] =
    ["loop", "ram", "zram", "dm-", "md", "nbd", "zd", "sr", "fd", "drbd", "bcache", "mtdblock"];

/// Counters of this machine's disks; empty where the system has no such file.
pub(super) fn read() -> Vec<DiskCounters> {
    let stats = fs::read_to_string("/proc/diskstats").unwrap_or_default();
    // Whole disks have a folder of their own here; partitions lie in the folder of their disk.
    parse(&stats, |name| Path::new("/sys/block").join(name.replace('/', "!")).exists())
}

fn parse(stats: &str, is_whole: impl Fn(&str) -> bool) -> Vec<DiskCounters> {
    let mut disks: Vec<_> = stats.lines().filter_map(|line| parse_line(line, &is_whole)).collect();
    disks.sort_by(|a, b| a.name.cmp(&b.name));
    disks.truncate(MAX_ENTRIES);
    disks
}

/// Fields: major, minor, name, reads, merged, **sectors read**, ms, writes, merged, **sectors written**, …
fn parse_line(line: &str, is_whole: impl Fn(&str) -> bool) -> Option<DiskCounters> {
    let fields: Vec<_> = line.split_whitespace().collect();
    let name = *fields.get(2)?;
    if NOT_A_DISK.iter().any(|prefix| is_numbered(name, prefix)) || name.contains("boot") || name.contains("rpmb") {
        return None;
    }
    let bytes = |index: usize| clean::count(fields.get(index)?.parse::<u64>().ok()?.checked_mul(SECTOR_BYTES)?);
    let counters = DiskCounters { name: clean::text(name), read_bytes: bytes(5)?, written_bytes: bytes(9)? };
    is_whole(name).then_some(counters)
}

/// Whether a name is the prefix and then a number, so that a disk `sram…` of a strange driver is not taken for `ram`.
fn is_numbered(name: &str, prefix: &str) -> bool {
    name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit() || c == '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATS: &str = "\
   7       0 loop0 11 0 28 1 0 0 0 0 0 4 1 0 0 0 0
   1       0 ram0 0 0 0 0 0 0 0 0 0 0 0
 253       0 zram0 5 0 40 0 5 0 40 0 0 0 0
   8       0 sda 100 5 2000 9 50 2 3000 7 0 8 16
   8       1 sda1 99 5 1990 9 50 2 3000 7 0 8 16
 259       0 nvme0n1 1 0 8 0 1 0 16 0 0 0 0
 259       1 nvme0n1p1 1 0 8 0 1 0 16 0 0 0 0
 254       0 dm-0 100 0 2000 9 50 0 3000 7 0 8 16
   9     127 md127 100 0 2000 9 50 0 3000 7 0 8 16
  11       0 sr0 0 0 0 0 0 0 0 0 0 0 0
 179       8 mmcblk0boot0 1 0 8 0 0 0 0 0 0 0 0
 104       0 cciss/c0d0 1 0 2 0 1 0 4 0 0 0 0
";

    #[test]
    fn whole_disks_alone_are_counted_in_bytes() {
        let disks = parse(STATS, |name| !matches!(name, "sda1" | "nvme0n1p1"));
        let told: Vec<_> = disks.iter().map(|d| (d.name.as_str(), d.read_bytes, d.written_bytes)).collect();
        assert_eq!(told, [("cciss/c0d0", 1_024, 2_048), ("nvme0n1", 4_096, 8_192), ("sda", 1_024_000, 1_536_000)]);
    }

    #[test]
    fn lines_that_cannot_be_read_are_left_out() {
        let stats = "\n8 0\n8 0 sdb x y z\n8 0 sdc 1 1 18446744073709551615 1 1 1 1 1\n8 0 sdd 1 1 -5 1 1 1 1 1\n";
        assert_eq!(parse(stats, |_| true), []);
    }
}
