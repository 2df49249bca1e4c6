//! Disks that are full, directories that cannot be written, processes that were killed while writing.

use std::fs;
use std::path::Path;
use std::process::Command;

use rastau::revocation::Offer;

use super::super::{issuer, noon};
use super::server::Answer;
use super::{World, answers, list, log, number_in_force, signed, store};

#[test]
fn a_directory_that_cannot_be_written_costs_the_copy_and_no_answer() {
    let world = World::settled(1);
    let folder = world.data.path().join("revocation");
    let aside = world.data.path().join("aside");
    // Permissions do not stop the administrator, whom these tests may run as; a file in the way stops everybody.
    fs::rename(&folder, &aside).unwrap();
    fs::write(&folder, b"in the way").unwrap();
    world.mirrors[0].say(Answer::Tagged(signed(6), "six"));
    assert_eq!(world.refresh(), Ok(Offer::Installed));
    assert_eq!((world.number(), world.answers()), (Some(6), ("revoked", "good")));
    let cause = world.fetching().storage_error.unwrap();
    assert!(log::has(&[&world.mirrors[0].url(), &cause]), "{cause}");
    assert_eq!(world.row().error, None, "the list itself is well");

    // As soon as it can be written, it is, though the list is the same.
    fs::remove_file(&folder).unwrap();
    fs::rename(&aside, &folder).unwrap();
    assert_eq!(number_in_force(&world.restarted(), &world.source), Some(5));
    assert_eq!(world.refresh(), Ok(Offer::Same));
    assert_eq!(world.fetching().storage_error, None);
    assert_eq!(number_in_force(&world.restarted(), &world.source), Some(6));
}

/// A file system of 64 KiB that goes away with the test; none where this user may not make one.
struct Tiny(tempfile::TempDir);

impl Tiny {
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        let mounted = mount.args(["-t", "tmpfs", "-o", "size=64k", "none"]).arg(folder.path()).output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self(folder))
    }
}

impl Drop for Tiny {
    fn drop(&mut self) {
        // It went away with the machine otherwise.
        let _ = Command::new("umount").arg(self.0.path()).output();
    }
}

#[test]
fn a_full_disk_costs_the_copy_and_no_answer() {
    let Some(tiny) = Tiny::new() else {
        println!("skipped: this user may not mount a small file system");
        return;
    };
    log::start();
    let source = rastau::revocation::Source::urls(&["http://crl.invalid/full-disk.crl"]).unwrap();
    let small = store(&source, tiny.0.path(), noon(), 1 << 20);
    assert_eq!(small.offer(&source, signed(5), noon()).unwrap(), Offer::Installed);
    let huge = issuer().authority.list().number(6).updates("2026-07-02T00:00:00Z", "2027-01-01T00:00:00Z");
    let huge = huge.generated(&issuer().authority.key, 1, 4000);
    assert_eq!(small.offer(&source, huge, noon()).unwrap(), Offer::Installed);
    assert_eq!(number_in_force(&small, &source), Some(6));
    let [row] = small.status(noon()).try_into().unwrap();
    assert!(row.fetch.unwrap().storage_error.is_some());
    assert!(log::has(&["full-disk.crl", "could not be stored"]));
    drop(small);
    let again = store(&source, tiny.0.path(), noon(), 1 << 20);
    assert_eq!(number_in_force(&again, &source), Some(5), "the copy before is whole");
    assert_eq!(answers(&again, noon()), ("revoked", "good"));
    let left = fs::read_dir(tiny.0.path().join("revocation")).unwrap().flatten();
    assert!(left.into_iter().all(|entry| entry.path().extension().is_none_or(|extension| extension != "tmp")));
}

#[test]
fn a_process_killed_at_any_byte_of_writing_leaves_the_copy_before() {
    let world = World::settled(1);
    let folder = world.data.path().join("revocation");
    let id = copy_in(&folder).file_name().unwrap().to_str().unwrap().split('.').next().unwrap().to_owned();
    let whole = signed(6);
    let half_written = folder.join(format!("{id}.0123456789abcdef.tmp"));
    for length in (0..=whole.len()).step_by(7) {
        fs::write(&half_written, &whole[..length]).unwrap();
        assert_eq!(number_in_force(&world.restarted(), &world.source), Some(5), "{length}");
    }
    // A copy that is damaged in place, as a failing disk does, is no list: unknown, never good.
    let copy = copy_in(&folder);
    let five = fs::read(&copy).unwrap();
    for length in (0..five.len()).step_by(7) {
        fs::write(&copy, &five[..length]).unwrap();
        let damaged = world.restarted();
        assert_eq!(answers(&damaged, noon()), ("unknown", "unknown"), "{length}");
        let [row] = damaged.status(noon()).try_into().unwrap();
        assert!(row.error.is_some(), "{length}");
    }
}

#[test]
fn a_copy_of_the_list_before_put_back_is_replaced_at_the_next_attempt() {
    let mut world = World::settled(1);
    let folder = world.data.path().join("revocation");
    let five = fs::read(copy_in(&folder)).unwrap();
    world.mirrors[0].say(Answer::body(issuer().sign(&list(6))));
    assert_eq!(world.refresh(), Ok(Offer::Installed));
    fs::write(copy_in(&folder), five).unwrap();
    world.store = std::sync::Arc::new(world.restarted());
    assert_eq!(world.number(), Some(5));
    assert_eq!(world.store.offer(&world.source, signed(6), noon()).unwrap(), Offer::Installed);
}

/// The stored copy of the one list there.
fn copy_in(folder: &Path) -> std::path::PathBuf {
    let mut entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.find(|path| path.extension().is_some_and(|extension| extension == "crl")).unwrap()
}
