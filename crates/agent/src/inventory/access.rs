//! What to do where the agent's account may not open a socket.

use std::{fs, os::unix::fs::MetadataExt, path::Path};

/// Which group to join, if joining one helps.
pub(super) fn help(path: &Path) -> String {
    let groups = fs::read_to_string("/etc/group").unwrap_or_default();
    let Ok(found) = fs::metadata(path) else {
        return "a folder on the way is closed to the account that runs the agent".to_owned();
    };
    group_to_join(found.gid(), found.mode(), &groups).map_or_else(
        || "only root may; run the agent as root, or let the service that makes the socket give it a group".to_owned(),
        |group| format!("add the account that runs the agent to the group {group} and start the agent again (who is in it can do what root can)"),
    )
}

/// The group of the socket, where that may read and write, and is not root's own.
fn group_to_join(gid: u32, mode: u32, groups: &str) -> Option<&str> {
    if gid == 0 || mode & 0o060 != 0o060 {
        return None;
    }
    groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(gid)).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_to_join_is_that_of_the_socket_if_it_opens_it() {
        let groups = "root:x:0:\ndocker:x:106:me\nbroken\nlibvirt:x:107:\n";
        assert_eq!(group_to_join(106, 0o140_660, groups), Some("docker"));
        assert_eq!(group_to_join(107, 0o140_770, groups), Some("libvirt"));
        for (gid, mode, why) in [(0, 0o140_660, "root's"), (106, 0o140_600, "closed to it"), (9, 0o140_660, "nameless")]
        {
            assert_eq!(group_to_join(gid, mode, groups), None, "{why}");
        }
    }
}
