//! Open files: every connection is one, and where there are none left neither a journal nor a list can be opened.

use crate::config::{Http, share_of};
use crate::http::MAX_PARTING;

/// Open files beside connections that have a place: those that have just lost it, journal, lists, documents on their way in,
/// asking and being asked by others.
const OTHERS: u64 = 256 + MAX_PARTING as u64;

/// Takes no more connections than can be served, and no more of one address than leaves some to others.
pub fn fit(http: &mut Http) {
    let connections = enough_for(http.connections);
    if connections < http.connections {
        http.connections = connections;
        http.connections_per_address = http.connections_per_address.min(share_of(connections));
    }
}

/// How many connections of those `wanted` can be served: as many as the process may open files, whose limit is raised as
/// far as it may be.
#[cfg(unix)]
fn enough_for(wanted: usize) -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let needed = (wanted as u64).saturating_add(OTHERS);
    let limit = getrlimit(Resource::Nofile);
    let mut allowed = limit.current.unwrap_or(u64::MAX);
    if allowed < needed {
        let raised = limit.maximum.map_or(needed, |maximum| maximum.min(needed));
        if raised > allowed && setrlimit(Resource::Nofile, Rlimit { current: Some(raised), ..limit }).is_ok() {
            allowed = raised;
        }
    }
    let connections = fitting(wanted, allowed);
    if connections < wanted {
        tracing::warn!(
            wanted,
            connections,
            open_files = allowed,
            "http.connections is more than the limit of open files leaves room for; raise it (LimitNOFILE, ulimit -n)"
        );
    }
    connections
}

#[cfg(not(unix))]
fn enough_for(wanted: usize) -> usize {
    wanted
}

/// The connections that fit beside the other files; half of all files where those alone are more.
#[cfg_attr(not(unix), expect(dead_code, reason = "elsewhere there is no such limit"))]
fn fitting(wanted: usize, allowed: u64) -> usize {
    let room = allowed.saturating_sub(OTHERS).max(allowed / 2).max(1);
    usize::try_from(room).map_or(wanted, |room| wanted.min(room))
}

#[cfg(test)]
mod tests {
    use super::fitting;

    #[test]
    fn files_that_are_no_connections_keep_their_room() {
        for (wanted, allowed, connections) in
            [(4096, 20_000, 4096), (4096, 4416, 4096), (4096, 1024, 704), (4096, 300, 150), (10, 1, 1), (1, 0, 1)]
        {
            assert_eq!(fitting(wanted, allowed), connections, "{wanted} of {allowed}");
        }
    }
}
