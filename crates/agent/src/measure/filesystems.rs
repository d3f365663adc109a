//! Filesystems that can fill up: each device once, and nothing that only looks like a filesystem.

use super::{MAX_ENTRIES, clean};
use shared::report::Filesystem;
use std::{collections::BTreeMap, path::Path};
use sysinfo::{Disk, DiskRefreshKind, Disks};

pub(super) fn read(disks: &mut Disks) -> Vec<Filesystem> {
    let what = if cfg!(unix) { DiskRefreshKind::nothing() } else { DiskRefreshKind::nothing().with_storage() };
    disks.refresh_specifics(true, what);
    let mounted = disks
        .iter()
        // A container has single files of the host's disk mounted, such as /etc/hosts; those are no place to fill up.
        .filter(|disk| disk.mount_point().is_dir())
        .filter_map(|disk| {
            let (total, used) = size(disk);
            Some(Filesystem {
                mount: clean::text(&disk.mount_point().to_string_lossy()),
                device: clean::text(&disk.name().to_string_lossy()),
                kind: clean::text(&disk.file_system().to_string_lossy()),
                total_bytes: clean::count(total)?,
                used_bytes: clean::count(used)?,
            })
        })
        .collect();
    each_device_once(mounted)
}

/// Size and use in bytes, as `df` counts them: what the filesystem reserves for root is neither in use nor there to be
/// used, so a filesystem is full when programs find it full.
#[cfg(unix)]
fn size(disk: &Disk) -> (u64, u64) {
    rustix::fs::statvfs(disk.mount_point())
        .map_or((0, 0), |found| usable(found.f_frsize, found.f_blocks, found.f_bfree, found.f_bavail))
}

#[cfg(not(unix))]
fn size(disk: &Disk) -> (u64, u64) {
    (disk.total_space(), disk.total_space().saturating_sub(disk.available_space()))
}

#[cfg(unix)]
fn usable(block_bytes: u64, blocks: u64, free: u64, available: u64) -> (u64, u64) {
    let used = blocks.saturating_sub(free);
    let bytes = |count: u64| count.saturating_mul(block_bytes);
    (bytes(used.saturating_add(available.min(free))), bytes(used))
}

/// Keeps what is real, and of each device the shortest mount point: bind mounts, snapshots and subvolumes show the
/// same free space again, and a sum over them would count one disk many times.
fn each_device_once(mounted: Vec<Filesystem>) -> Vec<Filesystem> {
    let mut by_device: BTreeMap<String, Filesystem> = BTreeMap::new();
    for filesystem in mounted.into_iter().filter(is_real) {
        let order = |f: &Filesystem| (f.mount.len(), f.mount.clone());
        match by_device.get(&filesystem.device) {
            Some(kept) if order(kept) <= order(&filesystem) => {}
            _ => {
                by_device.insert(filesystem.device.clone(), filesystem);
            }
        }
    }
    let mut kept: Vec<_> = by_device.into_values().collect();
    kept.sort_by(|a, b| a.mount.cmp(&b.mount));
    kept.truncate(MAX_ENTRIES);
    kept
}

/// A filesystem that keeps data on a device of its own. Memory (tmpfs), views of other filesystems (overlay), windows
/// into the kernel (proc, cgroup, efivarfs) and images that are full by nature (squashfs, iso9660) are none.
fn is_real(filesystem: &Filesystem) -> bool {
    if filesystem.total_bytes == 0 || matches!(filesystem.kind.as_str(), "squashfs" | "iso9660" | "udf" | "erofs") {
        return false;
    }
    // ZFS and bcachefs name a dataset or a list of devices where others name one device.
    let pooled = matches!(filesystem.kind.as_str(), "zfs" | "bcachefs" | "virtiofs");
    pooled || Path::new(&filesystem.device).starts_with("/dev") && filesystem.kind != "devtmpfs" || cfg!(windows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filesystem(device: &str, mount: &str, kind: &str) -> Filesystem {
        let (device, mount, kind) = (device.to_owned(), mount.to_owned(), kind.to_owned());
        Filesystem { mount, device, kind, total_bytes: 100, used_bytes: 10 }
    }

    fn mounts(mounted: Vec<Filesystem>) -> Vec<String> {
        each_device_once(mounted).into_iter().map(|f| f.mount).collect()
    }

    #[test]
    fn a_device_that_is_mounted_many_times_is_told_once_by_its_shortest_mount() {
        let kept = mounts(vec![
            filesystem("/dev/sda1", "/var/lib/docker", "ext4"),
            filesystem("/dev/sda1", "/", "ext4"),
            filesystem("/dev/sda1", "/etc", "ext4"),
            filesystem("/dev/sdb1", "/srv", "btrfs"),
        ]);
        assert_eq!(kept, ["/", "/srv"]);
    }

    #[test]
    fn what_only_looks_like_a_filesystem_is_left_out() {
        let mut empty = filesystem("/dev/sr0", "/media", "ext4");
        empty.total_bytes = 0;
        let kept = mounts(vec![
            empty,
            filesystem("tmpfs", "/run", "tmpfs"),
            filesystem("overlay", "/merged", "overlay"),
            filesystem("proc", "/proc", "proc"),
            filesystem("efivarfs", "/sys/firmware/efi/efivars", "efivarfs"),
            filesystem("/dev/loop3", "/snap/core/1", "squashfs"),
            filesystem("/dev/sr1", "/cd", "iso9660"),
            filesystem("devtmpfs", "/dev", "devtmpfs"),
        ]);
        assert_eq!(kept, [""; 0]);
    }

    #[test]
    fn datasets_of_a_pool_are_real_without_a_device_path() {
        let kept = mounts(vec![
            filesystem("rpool/data/subvol-100-disk-0", "/", "zfs"),
            filesystem("rpool/data/subvol-100-disk-1", "/srv", "zfs"),
        ]);
        assert_eq!(kept, ["/", "/srv"]);
    }

    #[test]
    #[cfg(unix)]
    fn what_is_reserved_for_root_is_neither_used_nor_there_to_be_used() {
        assert_eq!(usable(10, 100, 60, 20), (600, 400));
        assert_eq!(usable(10, 100, 60, 60), (1_000, 400));
        assert_eq!(usable(10, 100, 60, u64::MAX), (1_000, 400), "a broken answer claims no more than there is");
        assert_eq!(usable(u64::MAX, 100, 200, 0), (0, 0));
    }
}
