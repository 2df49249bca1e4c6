//! A disk without room and one that is read-only: real ones, of a few hundred kilobytes, in a namespace of the child.

use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command};

use super::child;

/// A child with a file system of its own.
struct Obedient {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Obedient {
    /// On a file system of that size in `folder`; nothing and a word about it where that is not allowed.
    fn start(folder: &Path, kilobytes: u32) -> Option<Self> {
        let mount = format!("mount -t tmpfs -o size={kilobytes}k tmpfs '{}'", folder.display());
        let namespace = ["--user", "--map-root-user", "--mount", "sh", "-c"];
        let tried = Command::new("unshare").args(namespace).arg(&mount).output();
        if !tried.is_ok_and(|tried| tried.status.success()) {
            println!("skipped: no file system can be mounted here");
            return None;
        }
        let script = format!("{mount} && exec \"$0\" \"$@\"");
        let wrap: Vec<&str> =
            std::iter::once("unshare").chain(namespace).chain(std::iter::once(script.as_str())).collect();
        let mut child = child::command(folder, "obey", &wrap).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Some(Self { child, lines })
    }

    fn tell(&mut self, line: &str) -> String {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
        loop {
            let line = self.lines.next().expect("the child ended").unwrap();
            if let Some(said) = line.strip_prefix("> ") {
                return said.to_owned();
            }
        }
    }

    fn sequence(&mut self, line: &str) -> u64 {
        let said = self.tell(line);
        let sequence = said.split_once(':').and_then(|(sequence, _)| sequence.parse().ok());
        sequence.unwrap_or_else(|| panic!("{line}: {said}"))
    }
}

impl Drop for Obedient {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn on_a_full_disk_nothing_is_lost_and_it_goes_on_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut child) = Obedient::start(folder.path(), 2000) else { return };
    assert_eq!(child.tell("open"), "open");
    let first = child.sequence("append 1");
    assert_eq!(child.tell("fill"), "full");
    // The log for writing ahead may have some room of its own.
    let mut number = 2;
    let refused = loop {
        let said = child.tell(&format!("append {number}"));
        if said.contains("cannot be written") {
            break said;
        }
        number += 1;
        assert!(number < 2000, "{said}");
    };
    assert!(refused.contains("the disk is full; free some space"), "{refused}");
    let again = child.tell(&format!("append {number}"));
    assert!(again.contains("the disk is full"), "{again}");
    child.tell(&format!("run rm {}", folder.path().join("filler").display()));
    // The same request, as a client would send it again: it was not done.
    assert_eq!(child.sequence(&format!("append {number}")), first + number - 1);
    assert!(child.tell(&format!("append {number}")).contains("kept already"));
    assert_eq!(child.tell("close"), "closed");
    assert_eq!(child.tell("open"), "open");
    assert_eq!(child.sequence("append 100000"), first + number + 1, "behind the checkpoint of the end");
}

#[test]
fn on_a_disk_that_became_read_only_it_says_so_and_goes_on_when_it_is_writable() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut child) = Obedient::start(folder.path(), 4000) else { return };
    assert_eq!(child.tell("open"), "open");
    child.sequence("append 1");
    assert_eq!(child.tell("close"), "closed");
    let mount = |how: &str| format!("run mount -o remount,{how} {}", folder.path().display());
    assert!(child.tell(&mount("ro")).contains('0'));
    let refused = child.tell("open");
    assert!(refused.contains("journal.lock") && refused.contains("Read-only"), "{refused}");
    assert!(child.tell(&mount("rw")).contains('0'));
    assert_eq!(child.tell("open"), "open");
    assert_eq!(child.sequence("append 2"), 3);
}
