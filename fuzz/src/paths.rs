//! The search for paths against the plainest thing that does the same: every order of at most six certificates, judged by what
//! the mint knows of them.

use rastau::clock::Time;
use rastau::trust::{Anchor, Path, PathError, Pool, Purposes, SearchOptions, find_paths};
use rastau::x509::Certificate;

use crate::mesh::{Facts, Oddity};

/// Most certificates beside the leaf: 6! orders are soon tried.
const MAX_CERTIFICATES: usize = 6;

/// Part that a certificate plays.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Anchor,
    /// Configured as an intermediate.
    Known,
    /// Sent along.
    Sent,
}

/// An octet for the leaf, then two for each certificate: paths found hold by the facts, and where there is one it is found.
pub fn path(data: &[u8]) {
    let Some((&leaf, rest)) = data.split_first() else { return };
    let leaf = Facts::of_leaf(leaf);
    let mut world: Vec<(Facts, Part)> = Vec::new();
    for &[first, rest] in rest.as_chunks::<2>().0.iter().take(MAX_CERTIFICATES) {
        let part = [Part::Anchor, Part::Known, Part::Known, Part::Sent][usize::from(first / 6) % 4];
        let facts = Facts::of_authority(first, rest);
        // How much of an anchor's own certificate counts is for other tests.
        let facts = if part == Part::Anchor { facts.plain() } else { facts };
        if !world.iter().any(|(known, _)| *known == facts) {
            world.push((facts, part));
        }
    }
    let mut pool = Pool::builder();
    let mut sent = Vec::new();
    for (facts, part) in &world {
        let certificate = facts.certificate();
        match part {
            Part::Anchor => pool = pool.anchor(Anchor::new(certificate, Purposes::ALL, false)),
            Part::Known => pool = pool.intermediate(certificate),
            Part::Sent => sent.push(certificate),
        }
    }
    let options = SearchOptions::new(Time::from_unix(1_700_000_000), Purposes::ALL);
    let found = find_paths(&leaf.certificate(), &sent, &pool.build(), options);
    let expected = exists(&mut vec![leaf], &world);
    match &found {
        Ok(paths) => paths.iter().for_each(|path| check(path, leaf, &world)),
        Err(error) => assert!(!matches!(error, PathError::BudgetExceeded(_)), "six certificates are no burden"),
    }
    assert_eq!(
        found.is_ok(),
        expected,
        "{leaf:?} under {:?}",
        world.iter().map(|(facts, _)| facts).collect::<Vec<_>>()
    );
}

/// Every certificate of a path is one of the world, and their order holds.
fn check(path: &Path, leaf: Facts, world: &[(Facts, Part)]) {
    let facts_of = |certificate: &Certificate| {
        let facts =
            world.iter().map(|(facts, _)| *facts).chain([leaf]).find(|facts| facts.certificate() == *certificate);
        facts.expect("nothing is found that was not given")
    };
    let mut chain: Vec<Facts> = path.certificates().iter().map(facts_of).collect();
    assert_eq!(chain.first(), Some(&leaf));
    let anchor = facts_of(path.anchor().certificate());
    assert!(world.iter().any(|(facts, part)| *facts == anchor && *part == Part::Anchor), "it ends at an anchor");
    chain.push(anchor);
    assert!(holds(&chain), "{chain:?}");
}

/// Whether the chain can be continued to an anchor.
fn exists(chain: &mut Vec<Facts>, world: &[(Facts, Part)]) -> bool {
    for (facts, part) in world {
        if chain.contains(facts) {
            continue;
        }
        chain.push(*facts);
        let good = match part {
            Part::Anchor => holds(chain),
            Part::Known | Part::Sent => exists(chain, world),
        };
        chain.pop();
        if good {
            return true;
        }
    }
    false
}

/// RFC 5280 section 6.1 for a chain of facts, from the leaf to the anchor.
fn holds(chain: &[Facts]) -> bool {
    chain.windows(2).enumerate().all(|(depth, pair)| {
        let [subject, issuer] = pair else { return false };
        let below = &chain[..=depth];
        // Those between the issuer and the leaf that are not self-issued.
        let intermediates = below.iter().skip(1).filter(|facts| !facts.is_self_issued()).count();
        let names = || below.iter().filter_map(|facts| facts.dns);
        let is_in = |name: &str, domain: &str| name == domain || name.ends_with(&format!(".{domain}"));
        issuer.subject == Some(subject.issuer)
            && subject.oddity != Oddity::Forged
            && match issuer.oddity {
                Oddity::Nothing | Oddity::Forged => true,
                Oddity::PathLength(limit) => intermediates <= usize::from(limit),
                Oddity::NotAuthority | Oddity::NoKeyCertSign => false,
                Oddity::Permits(domain) => names().all(|name| is_in(name, domain)),
                Oddity::Excludes(domain) => !names().any(|name| is_in(name, domain)),
            }
    })
}
