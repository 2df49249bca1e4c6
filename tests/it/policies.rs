//! Certificate policies of minted paths: the situations of PKITS 4.8 to 4.12, and extensions that say nothing readable.

use std::collections::BTreeSet;

use rastau::clock::Time;
use rastau::der::Oid;
use rastau::trust::policy::{PolicyError, PolicyInputs};
use rastau::trust::{
    Anchor, AnchorPurpose, AnchorRule, Budget, PathError, Pool, Purposes, Resource, SearchOptions, find_paths,
};
use rastau::x509::{Certificate, CertificateError, oid};
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::der;
use rastau_mint::extension::{self, Extension};
use rastau_mint::key::Key;
use rastau_mint::name::Name;

const ANY: &str = "2.5.29.32.0";
const ONE: &str = "1.3.6.1.4.1.32473.1";
const TWO: &str = "1.3.6.1.4.1.32473.2";
const THREE: &str = "1.3.6.1.4.1.32473.3";

fn read(der: &[u8]) -> Certificate {
    Certificate::from_der(der).unwrap()
}

fn policies(policies: &[&str]) -> Extension {
    Extension::certificate_policies(policies, "")
}

/// A path: an anchor, authorities below it each with a name, and a leaf.
struct Chain {
    anchor: Authority,
    authorities: Vec<Authority>,
    leaf: Certificate,
}

impl Chain {
    /// `authorities` from the top, each a name and its extensions; the same name twice in a row is self-issued.
    fn new(anchor: &[Extension], authorities: &[(&str, Vec<Extension>)], leaf: Vec<Extension>) -> Self {
        let with = |builder: CertificateBuilder, extensions: &[Extension]| {
            extensions.iter().cloned().fold(builder, CertificateBuilder::with)
        };
        let key = Key::ed25519("anchor");
        let builder = CertificateBuilder::new(&Name::authority("anchor"), &key).authority(None);
        let anchor = Authority::self_signed(&with(builder, anchor), key);
        let mut made: Vec<Authority> = Vec::new();
        for (position, (name, extensions)) in authorities.iter().enumerate() {
            let key = Key::ed25519(&format!("{name} {position}"));
            let builder = with(CertificateBuilder::new(&Name::authority(name), &key).authority(None), extensions);
            made.push(made.last().unwrap_or(&anchor).subordinate_of(builder, key));
        }
        let builder = CertificateBuilder::new(&Name::authority("leaf"), &Key::ed25519("leaf"));
        let leaf = read(&made.last().unwrap_or(&anchor).issue(with(builder, &leaf)));
        Self { anchor, authorities: made, leaf }
    }

    fn judge(&self, inputs: &PolicyInputs, rule: AnchorRule) -> Result<BTreeSet<String>, PathError> {
        let anchor = Anchor::new(read(&self.anchor.certificate), Purposes::ALL, false);
        let extra: Vec<Certificate> = self.authorities.iter().map(|authority| read(&authority.certificate)).collect();
        let at: Time = "2026-08-20T00:00:00Z".parse().unwrap();
        let options = SearchOptions { anchors: rule, ..SearchOptions::new(at, AnchorPurpose::Sign.into()) };
        let paths = find_paths(&self.leaf, &extra, &Pool::builder().anchor(anchor).build(), options)?;
        let path = paths.first();
        let valid = path.policies_under(inputs).map_err(|reason| {
            let certificate = path.certificates()[reason.depth()].clone();
            PathError::Policy { offender: rastau::trust::Offender { certificate, depth: reason.depth() }, reason }
        })?;
        Ok(valid.user_constrained().iter().map(ToString::to_string).collect())
    }
}

/// What a situation comes to: the policies that hold, or the depth of the certificate that is refused.
#[derive(Debug, PartialEq)]
enum Outcome {
    Holds(&'static [&'static str]),
    Refused(usize),
}
use Outcome::{Holds, Refused};

/// Fails unless `chain` comes to `expected` when policies are asked for.
fn expect(situation: &str, chain: &Chain, asked: &[&str], change: fn(&mut PolicyInputs), expected: &Outcome) {
    let initial_policies = asked.iter().map(|policy| Oid::new(policy).unwrap()).collect();
    let mut inputs = PolicyInputs { initial_policies, ..PolicyInputs::default() };
    change(&mut inputs);
    match (chain.judge(&inputs, AnchorRule::NameAndKey), expected) {
        (Ok(found), Holds(expected)) => {
            let expected: BTreeSet<String> = expected.iter().map(|policy| (*policy).to_owned()).collect();
            assert_eq!(found, expected, "{situation}");
        }
        (Err(error @ PathError::Policy { .. }), Refused(depth)) => {
            assert_eq!(error.offender().unwrap().depth, *depth, "{situation}: {error}");
            assert!(error.to_string().contains(&format!("depth {depth}")), "{situation}: {error}");
        }
        (found, expected) => panic!("{situation}: {found:?}, expected {expected:?}"),
    }
}

fn unasked(_: &mut PolicyInputs) {}

fn explicit(inputs: &mut PolicyInputs) {
    inputs.require_explicit_policy = true;
}

#[test]
fn policies_hold_where_all_certificates_agree() {
    let same = Chain::new(&[], &[("ca", vec![policies(&[ONE])])], vec![policies(&[ONE])]);
    expect("4.8.1", &same, &[], unasked, &Holds(&[ONE]));
    expect("4.8.1, demanded", &same, &[], explicit, &Holds(&[ONE]));
    expect("4.8.1, this one demanded", &same, &[ONE, TWO], explicit, &Holds(&[ONE]));
    expect("4.8.1, another one demanded", &same, &[TWO], explicit, &Refused(0));
    expect("4.8.1, another one named, none demanded", &same, &[TWO], unasked, &Holds(&[]));
    let none = Chain::new(&[], &[("ca", vec![])], vec![]);
    expect("4.8.2", &none, &[], unasked, &Holds(&[]));
    expect("4.8.2, demanded", &none, &[], explicit, &Refused(1));
    let gap = Chain::new(&[], &[("ca", vec![policies(&[ONE])]), ("sub", vec![])], vec![policies(&[ONE])]);
    expect("4.8.3", &gap, &[], unasked, &Holds(&[]));
    expect("4.8.3, demanded", &gap, &[], explicit, &Refused(1));
    let differ =
        Chain::new(&[], &[("ca", vec![policies(&[ONE])]), ("sub", vec![policies(&[TWO])])], vec![policies(&[ONE])]);
    expect("4.8.4", &differ, &[], unasked, &Holds(&[]));
    expect("4.8.5, demanded", &differ, &[], explicit, &Refused(1));
}

#[test]
fn any_policy_agrees_with_everything() {
    let any = Chain::new(&[], &[("ca", vec![policies(&[ANY])])], vec![policies(&[ANY])]);
    expect("4.8.11", &any, &[], explicit, &Holds(&[ANY]));
    expect("4.8.11, one demanded", &any, &[ONE], explicit, &Holds(&[ONE]));
    let above = Chain::new(&[], &[("ca", vec![policies(&[ANY])])], vec![policies(&[ONE])]);
    expect("4.8.14, the right one", &above, &[ONE], explicit, &Holds(&[ONE]));
    expect("4.8.14, the wrong one", &above, &[TWO], explicit, &Refused(0));
    expect("anyPolicy among those asked for", &above, &[TWO, ANY], explicit, &Holds(&[ONE]));
    let of_the_leaf = Chain::new(&[], &[("ca", vec![policies(&[ONE, TWO])])], vec![policies(&[ANY])]);
    expect("4.8.18", &of_the_leaf, &[TWO], explicit, &Holds(&[TWO]));
    let inhibit: fn(&mut PolicyInputs) = |inputs| {
        (inputs.require_explicit_policy, inputs.inhibit_any_policy) = (true, true);
    };
    expect("4.12.3 by input", &above, &[ONE], inhibit, &Refused(1));
}

#[test]
fn a_policy_is_demanded_by_certificates_after_so_many() {
    let demanding = |after: u64, below: Vec<Extension>| {
        let top = vec![policies(&[ONE]), Extension::policy_constraints(Some(after), None)];
        Chain::new(&[], &[("a", top), ("b", vec![policies(&[ONE])]), ("c", vec![policies(&[ONE])])], below)
    };
    expect("4.9.1: after more than there are", &demanding(10, vec![]), &[], unasked, &Holds(&[]));
    expect("4.9.2: after the whole path", &demanding(4, vec![]), &[], unasked, &Holds(&[]));
    expect("at the end of the path, which the leaf is", &demanding(3, vec![]), &[], unasked, &Refused(0));
    expect("4.9.3: at the leaf", &demanding(2, vec![]), &[], unasked, &Refused(0));
    expect("4.9.4: at the leaf, which has it", &demanding(2, vec![policies(&[ONE])]), &[], unasked, &Holds(&[ONE]));
    expect("4.9.5: at once", &demanding(0, vec![]), &[], unasked, &Refused(0));
    let rolled = |after: u64, authorities: Vec<(&'static str, Vec<Extension>)>, leaf: Vec<Extension>| {
        let top = ("a", vec![policies(&[ONE]), Extension::policy_constraints(Some(after), None)]);
        Chain::new(&[], &[vec![top], authorities].concat(), leaf)
    };
    let same = || vec![("a", vec![policies(&[ONE])])];
    expect("4.9.6: a self-issued one does not count", &rolled(2, same(), vec![]), &[], unasked, &Holds(&[]));
    let two = [same(), vec![("sub", vec![policies(&[ONE])])]].concat();
    expect("4.9.7: another one does", &rolled(2, two.clone(), vec![]), &[], unasked, &Refused(0));
    expect("4.9.7, which has it", &rolled(2, two, vec![policies(&[ONE])]), &[], unasked, &Holds(&[ONE]));
    let sooner = vec![("b", vec![Extension::policy_constraints(Some(9), None)])];
    expect("nobody below can make it later", &rolled(1, sooner, vec![]), &[], unasked, &Refused(0));
}

#[test]
fn mappings_are_followed_unless_forbidden() {
    let mapped = |leaf: &[&str]| {
        let top = vec![policies(&[ONE]), Extension::policy_mappings(&[(ONE, TWO)])];
        Chain::new(&[], &[("a", top)], vec![policies(leaf)])
    };
    expect("4.10.1", &mapped(&[TWO]), &[ONE], explicit, &Holds(&[ONE]));
    expect("4.10.1, by the name below", &mapped(&[TWO]), &[TWO], explicit, &Refused(0));
    expect("4.10.2: the policy that was mapped away", &mapped(&[ONE]), &[], explicit, &Refused(0));
    let inhibit: fn(&mut PolicyInputs) = |inputs| {
        (inputs.require_explicit_policy, inputs.inhibit_policy_mapping) = (true, true);
    };
    expect("4.10.1, inhibited by input", &mapped(&[TWO]), &[ONE], inhibit, &Refused(0));
    let twice = |asked: &str| {
        let first = vec![policies(&[ONE, THREE]), Extension::policy_mappings(&[(ONE, TWO)])];
        let second = vec![policies(&[TWO]), Extension::policy_mappings(&[(TWO, THREE)])];
        (Chain::new(&[], &[("a", first), ("b", second)], vec![policies(&[THREE])]), asked.to_owned())
    };
    let (chain, asked) = twice(ONE);
    expect("4.10.3", &chain, &[&asked], explicit, &Holds(&[ONE]));
    let (chain, asked) = twice(THREE);
    expect("4.10.4: not the same THREE", &chain, &[&asked], explicit, &Refused(0));
    let of_any = Chain::new(
        &[],
        &[("a", vec![policies(&[ANY]), Extension::policy_mappings(&[(ONE, TWO)])])],
        vec![policies(&[TWO])],
    );
    expect("4.10.13: mapped where only anyPolicy is asserted", &of_any, &[ONE], explicit, &Holds(&[ONE]));
}

#[test]
fn any_policy_is_never_mapped() {
    for (situation, mapping) in [("4.10.7", (ANY, ONE)), ("4.10.8", (ONE, ANY)), ("both", (ANY, ANY))] {
        for asserted in [ONE, ANY] {
            let top = vec![policies(&[asserted]), Extension::policy_mappings(&[(TWO, THREE), mapping])];
            let chain = Chain::new(&[], &[("a", top)], vec![policies(&[ONE])]);
            expect(situation, &chain, &[], unasked, &Refused(1));
        }
    }
}

#[test]
fn mappings_are_inhibited_by_certificates_after_so_many() {
    let inhibiting = |after: u64, below: Vec<(&'static str, Vec<Extension>)>, leaf: &str| {
        let top = ("a", vec![policies(&[ONE, TWO]), Extension::policy_constraints(Some(0), Some(after))]);
        Chain::new(&[], &[vec![top], below].concat(), vec![policies(&[leaf])])
    };
    let mapping = |name: &'static str| (name, vec![policies(&[ONE]), Extension::policy_mappings(&[(ONE, THREE)])]);
    expect("4.11.1: at once", &inhibiting(0, vec![mapping("b")], THREE), &[], unasked, &Refused(0));
    expect("4.11.2: after one", &inhibiting(1, vec![mapping("b")], THREE), &[], unasked, &Holds(&[ONE]));
    let later = vec![("b", vec![policies(&[ONE])]), mapping("c")];
    expect("4.11.3: after one, by the second", &inhibiting(1, later, THREE), &[], unasked, &Refused(0));
    let rolled = vec![("a", vec![policies(&[ONE])]), mapping("b")];
    expect("4.11.7: a self-issued one does not count", &inhibiting(1, rolled, THREE), &[], unasked, &Holds(&[ONE]));
    let itself = inhibiting(0, vec![mapping("a")], THREE);
    expect("4.11.9: a self-issued one may not map either", &itself, &[], unasked, &Refused(0));
}

#[test]
fn any_policy_is_inhibited_by_certificates_after_so_many() {
    let inhibiting = |after: u64, below: Vec<(&'static str, Vec<Extension>)>, leaf: &[&str]| {
        let limits = [Extension::policy_constraints(Some(0), None), Extension::inhibit_any_policy(after)];
        let top = ("a", [vec![policies(&[ONE])], limits.to_vec()].concat());
        Chain::new(&[], &[vec![top], below].concat(), vec![policies(leaf)])
    };
    expect("4.12.1: at once", &inhibiting(0, vec![], &[ANY]), &[], unasked, &Refused(0));
    expect("4.12.2: with another one", &inhibiting(0, vec![], &[ANY, ONE]), &[], unasked, &Holds(&[ONE]));
    let any = |name: &'static str| (name, vec![policies(&[ANY])]);
    expect("4.12.3: after one", &inhibiting(1, vec![any("b")], &[ONE]), &[], unasked, &Holds(&[ONE]));
    expect("4.12.4: after one, twice", &inhibiting(1, vec![any("b"), any("c")], &[ONE]), &[], unasked, &Refused(1));
    let rolled = vec![("a", vec![policies(&[ANY])])];
    expect("4.12.7: self-issued", &inhibiting(0, rolled, &[ONE]), &[], unasked, &Holds(&[ONE]));
    let rolled = vec![("a", vec![policies(&[ANY])])];
    expect("4.12.8: self-issued, then the leaf", &inhibiting(0, rolled, &[ANY]), &[], unasked, &Refused(0));
}

#[test]
fn what_the_anchor_demands_counts_when_anchors_are_checked() {
    let demanding = Chain::new(&[Extension::policy_constraints(Some(0), None)], &[("a", vec![])], vec![]);
    let inputs = PolicyInputs::default();
    assert!(demanding.judge(&inputs, AnchorRule::NameAndKey).is_ok());
    let error = demanding.judge(&inputs, AnchorRule::Checked).unwrap_err();
    assert!(matches!(&error, PathError::Policy { offender, .. } if offender.depth == 1), "{error}");
    let limits = [Extension::policy_constraints(Some(0), Some(0)), Extension::inhibit_any_policy(0)];
    let any = Chain::new(&limits, &[("a", vec![policies(&[ANY])])], vec![policies(&[ONE])]);
    assert!(any.judge(&inputs, AnchorRule::NameAndKey).is_ok());
    assert!(any.judge(&inputs, AnchorRule::Checked).is_err());
    let named = Chain::new(&[policies(&[TWO])], &[("a", vec![policies(&[ONE])])], vec![policies(&[ONE])]);
    let mut inputs = PolicyInputs::default();
    explicit(&mut inputs);
    assert!(named.judge(&inputs, AnchorRule::Checked).is_ok(), "the policies of an anchor narrow nothing");
}

#[test]
fn an_anchor_that_is_asked_about_speaks_for_itself() {
    let anchor = |extensions: &[Extension]| {
        let Chain { anchor, .. } = Chain::new(extensions, &[], vec![]);
        let leaf = read(&anchor.certificate);
        Chain { anchor, authorities: Vec::new(), leaf }
    };
    let inputs = |policy: &str| PolicyInputs {
        initial_policies: [Oid::new(policy).unwrap()].into(),
        require_explicit_policy: true,
        ..PolicyInputs::default()
    };
    let bare = anchor(&[]);
    assert!(bare.judge(&PolicyInputs::default(), AnchorRule::Checked).unwrap().is_empty());
    let one = anchor(&[policies(&[ONE])]);
    assert_eq!(one.judge(&inputs(ONE), AnchorRule::Checked).unwrap().len(), 1);
    let pool = Pool::builder().anchor(Anchor::new(one.leaf.clone(), Purposes::ALL, false)).build();
    let at = SearchOptions::new("2026-08-20T00:00:00Z".parse().unwrap(), AnchorPurpose::Sign.into());
    let paths = find_paths(&one.leaf, &[], &pool, at).unwrap();
    assert_eq!(paths.first().policies_under(&inputs(TWO)), Err(PolicyError::NotAcceptable));
}

#[test]
fn too_many_policies_end_the_search() {
    let many: Vec<String> = (0..200).map(|number| format!("1.3.6.1.4.1.32473.{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let chain = Chain::new(&[], &[("a", vec![policies(&many)])], vec![policies(&many)]);
    let pool = Pool::builder().anchor(Anchor::new(read(&chain.anchor.certificate), Purposes::ALL, false)).build();
    let extra = [read(&chain.authorities[0].certificate)];
    let search = |policy_nodes: u32| {
        let budget = Budget { policy_nodes, ..Budget::DEFAULT };
        let at = SearchOptions::new("2026-08-20T00:00:00Z".parse().unwrap(), AnchorPurpose::Sign.into());
        find_paths(&chain.leaf, &extra, &pool, SearchOptions { budget, ..at })
    };
    assert!(search(600).is_ok());
    assert_eq!(search(599).unwrap_err(), PathError::BudgetExceeded(Resource::PolicyNodes));
}

#[test]
fn malformed_extensions_are_not_read() {
    let integer = |contents: &[u8]| der::integer_raw(contents);
    let limits = |fields: &[Vec<u8>]| der::sequence(fields);
    let pair = |fields: &[Vec<u8>]| der::sequence(&[der::sequence(fields)]);
    let (one, two) = (der::oid(ONE), der::oid(TWO));
    let table: Vec<(&str, &str, Vec<u8>)> = vec![
        ("no policies", extension::CERTIFICATE_POLICIES, der::sequence::<Vec<u8>>(&[])),
        ("a policy twice", extension::CERTIFICATE_POLICIES, {
            der::sequence(&[der::sequence(std::slice::from_ref(&one)), der::sequence(std::slice::from_ref(&one))])
        }),
        ("a policy that is none", extension::CERTIFICATE_POLICIES, pair(&[der::integer(1)])),
        ("a policy without its sequence", extension::CERTIFICATE_POLICIES, der::sequence(std::slice::from_ref(&one))),
        ("no qualifiers in their list", extension::CERTIFICATE_POLICIES, {
            pair(&[one.clone(), der::sequence::<Vec<u8>>(&[])])
        }),
        ("more than a policy and its qualifiers", extension::CERTIFICATE_POLICIES, pair(&[one.clone(), der::null()])),
        (
            "policies and more",
            extension::CERTIFICATE_POLICIES,
            [pair(std::slice::from_ref(&one)), der::null()].concat(),
        ),
        ("no mappings", extension::POLICY_MAPPINGS, der::sequence::<Vec<u8>>(&[])),
        ("half a mapping", extension::POLICY_MAPPINGS, pair(std::slice::from_ref(&one))),
        ("three policies in a mapping", extension::POLICY_MAPPINGS, pair(&[one.clone(), two.clone(), one.clone()])),
        ("a mapping to a number", extension::POLICY_MAPPINGS, pair(&[one.clone(), der::integer(1)])),
        ("mappings and more", extension::POLICY_MAPPINGS, [pair(&[one, two]), der::null()].concat()),
        ("no constraint", extension::POLICY_CONSTRAINTS, limits(&[])),
        ("a negative number", extension::POLICY_CONSTRAINTS, limits(&[der::implicit(0, &[0xff])])),
        ("an empty number", extension::POLICY_CONSTRAINTS, limits(&[der::implicit(0, &[])])),
        ("a padded number", extension::POLICY_CONSTRAINTS, limits(&[der::implicit(1, &[0, 1])])),
        ("the wrong way round", extension::POLICY_CONSTRAINTS, {
            limits(&[der::implicit(1, &[0]), der::implicit(0, &[0])])
        }),
        ("a third field", extension::POLICY_CONSTRAINTS, limits(&[der::implicit(0, &[0]), der::implicit(2, &[0])])),
        ("not a number", extension::INHIBIT_ANY_POLICY, der::null()),
        ("a negative number", extension::INHIBIT_ANY_POLICY, integer(&[0x80])),
        ("a number and more", extension::INHIBIT_ANY_POLICY, [integer(&[0]), der::null()].concat()),
        ("nothing", extension::INHIBIT_ANY_POLICY, Vec::new()),
    ];
    let root = Authority::root("root", Key::ed25519("root"));
    for (situation, id, value) in table {
        for critical in [true, false] {
            let extension = Extension::new(id, value.clone());
            let extension = if critical { extension.critical() } else { extension };
            let builder = CertificateBuilder::new(&Name::authority("leaf"), &Key::ed25519("leaf")).with(extension);
            let error = Certificate::from_der(&root.issue(builder)).err();
            let named = matches!(&error, Some(CertificateError::Extension { oid, .. }) if oid.to_string() == id);
            assert!(named, "{situation} in {id}: {error:?}");
        }
    }
}

#[test]
fn numbers_larger_than_any_path_are_read() {
    let root = Authority::root("root", Key::ed25519("root"));
    let issue = |extension: Extension| {
        let builder = CertificateBuilder::new(&Name::authority("leaf"), &Key::ed25519("leaf")).with(extension);
        read(&root.issue(builder))
    };
    let huge = der::implicit(0, &[0x7f; 20]);
    let read = issue(Extension::new(extension::POLICY_CONSTRAINTS, der::sequence(&[huge])));
    let limits = read.extensions().policy_constraints.unwrap();
    assert_eq!((limits.require_explicit_policy, limits.inhibit_policy_mapping), (Some(u32::MAX), None));
    let read = issue(Extension::inhibit_any_policy(u64::MAX));
    assert_eq!(read.extensions().inhibit_any_policy, Some(u32::MAX));
    assert!(read.extensions().unhandled_critical.is_empty());
    assert!(read.extensions().all.contains(&(oid::INHIBIT_ANY_POLICY, true)));
}
