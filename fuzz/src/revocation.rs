//! Evidence about one certificate in every combination: what the answer may be follows from which pieces are at hand, and not
//! from their order.

use std::sync::{Arc, OnceLock};

use rastau::clock::{FixedClock, Time};
use rastau::policy::{Policy, Profile, Purpose, RevocationOrder, RevocationRule};
use rastau::revocation::ocsp::{OcspRules, Responses};
use rastau::revocation::{ListError, ParsedList, RevocationList, Snapshot, Source};
use rastau::service::{CheckRequest, Grounds, Lists, Parts, Service};
use rastau::trust::{Anchor, Pool, Purposes};
use rastau::verdict::Decision;
use rastau::x509::{Certificate, Name};
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::extension::Extension;
use rastau_mint::hash::Hash;
use rastau_mint::key::Key;
use rastau_mint::ocsp::{ResponseBuilder, Single, cert_id, good, revoked, unknown};

const NOW: &str = "2026-08-20T00:00:00Z";
const FRESH: [&str; 2] = ["2026-08-19T00:00:00Z", "2026-08-25T00:00:00Z"];
const LAPSED: [&str; 2] = ["2026-08-01T00:00:00Z", "2026-08-05T00:00:00Z"];
const FUTURE: [&str; 2] = ["2026-08-23T00:00:00Z", "2026-08-29T00:00:00Z"];
const REVOKED_ON: &str = "2026-06-01T00:00:00Z";

/// Lists, by the bit that chooses them.
mod list {
    pub const EMPTY: usize = 0;
    pub const NAMES_IT: usize = 1;
    pub const LAPSED_NAMES_IT: usize = 2;
    pub const LAPSED_EMPTY: usize = 3;
    pub const ON_HOLD: usize = 4;
    pub const DELTA_LIFTS: usize = 5;
    pub const DELTA_REVOKES: usize = 6;
    pub const OF_STRANGER: usize = 7;
    pub const UNUSABLE: usize = 8;
    pub const SOME_REASONS: usize = 9;
    pub const AHEAD: usize = 10;
    pub const COUNT: usize = 11;
}

/// Responses, likewise.
mod response {
    pub const GOOD: usize = 0;
    pub const REVOKED: usize = 1;
    pub const UNKNOWN: usize = 2;
    pub const LAPSED_GOOD: usize = 3;
    pub const STRANGER_GOOD: usize = 4;
    pub const STRANGER_REVOKED: usize = 5;
    pub const OTHER_SERIAL: usize = 6;
    pub const COUNT: usize = 7;
}

enum Minted {
    List(Arc<RevocationList>),
    Rejected(Name, Arc<ListError>),
}

struct World {
    service: Service,
    pool: Arc<Pool>,
    leaf: String,
    lists: Vec<Minted>,
    responses: Vec<Vec<u8>>,
}

fn time(text: &str) -> Time {
    text.parse().expect("a moment")
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let key = Key::p256("evidence");
        let authority = Authority::root("EVIDENCE", key.clone());
        let stranger = authority.with_key(Key::p256("stranger"));
        let leaf = authority.issue(CertificateBuilder::individual("650615100015").key(&Key::p256("holder")));
        let root = Certificate::from_der(&authority.certificate).expect("a certificate");
        let serial = Certificate::from_der(&leaf).expect("a certificate").serial_number().as_bytes().to_vec();
        let lists = lists(&authority, &stranger, &serial).into_iter().map(|bytes| {
            let parsed = ParsedList::read(bytes, Source::request(0)).expect("a list");
            let issuer = parsed.issuer().clone();
            match parsed.verify_with_any(std::slice::from_ref(&root)) {
                Ok((list, _)) => Minted::List(Arc::new(list)),
                Err(failed) => Minted::Rejected(issuer, Arc::new(failed.1.clone())),
            }
        });
        let lists = lists.collect();
        let responses = responses(&authority, &stranger, &serial);
        let pool = Arc::new(Pool::builder().anchor(Anchor::new(root, Purposes::ALL, false)).build());
        let nothing = Lists::Fixed(Arc::new(Snapshot::assemble([], time(NOW))));
        let grounds = Grounds::new(Arc::clone(&pool), nothing);
        let service = Service::new(Parts::new(Arc::new(FixedClock(time(NOW))), grounds));
        let leaf = rastau_mint::pem::encode("CERTIFICATE", &leaf);
        World { service, pool, leaf, lists, responses }
    })
}

/// Those of [`list`], in their order.
fn lists(authority: &Authority, stranger: &Authority, serial: &[u8]) -> [Vec<u8>; list::COUNT] {
    let list = |number: u64, [this, next]: [&str; 2]| authority.list().updates(this, next).number(number);
    let sign = |list| authority.sign_list(&list);
    [
        sign(list(5, FRESH)),
        sign(list(6, FRESH).revoke(serial, REVOKED_ON, Some(1))),
        sign(list(3, LAPSED).revoke(serial, REVOKED_ON, Some(1))),
        sign(list(2, LAPSED)),
        sign(list(7, FRESH).revoke(serial, REVOKED_ON, Some(6))),
        sign(list(8, FRESH).delta_to(7).revoke(serial, REVOKED_ON, Some(8))),
        sign(list(9, FRESH).delta_to(5).revoke(serial, REVOKED_ON, Some(1))),
        stranger.sign_list(&list(50, FRESH).revoke(serial, REVOKED_ON, Some(1))),
        sign(list(60, FRESH).with(Extension::unknown().critical())),
        sign(list(5, FRESH).some_reasons(&[1])),
        sign(list(70, FUTURE)),
    ]
}

/// Those of [`response`], in their order.
fn responses(authority: &Authority, stranger: &Authority, serial: &[u8]) -> Vec<Vec<u8>> {
    let id = |serial: &[u8]| cert_id(Hash::Sha256, &authority.name, &authority.key.public_bits(), serial);
    let signed = |by: &Authority, id: Vec<u8>, status: Vec<u8>, [this, next]: [&str; 2]| {
        let single = Single::new(id, status, this).until(next);
        ResponseBuilder::new(&by.name, this).answer(single).sign(&by.key)
    };
    let is_revoked = || revoked(REVOKED_ON, Some(1));
    vec![
        signed(authority, id(serial), good(), FRESH),
        signed(authority, id(serial), is_revoked(), FRESH),
        signed(authority, id(serial), unknown(), FRESH),
        signed(authority, id(serial), good(), LAPSED),
        signed(stranger, id(serial), good(), FRESH),
        signed(stranger, id(serial), is_revoked(), FRESH),
        signed(authority, id(&[9]), good(), FRESH),
    ]
}

/// Two octets choose lists, one responses, one the rules.
pub fn revocation(data: &[u8]) {
    let Some(&[high, low, responses, rules]) = data.first_chunk() else { return };
    let lists = u16::from_be_bytes([high, low]);
    let rule = [RevocationRule::Required, RevocationRule::IfAvailable, RevocationRule::Off][usize::from(rules % 3)];
    let order = RevocationOrder::ALL[usize::from(rules / 3 % 4)];
    let decision = ask(lists, responses, rule, order, false);
    assert_eq!(decision, ask(lists, responses, rule, order, true), "the order of evidence says nothing");
    expect(decision, lists, responses, rule, order);
}

fn ask(lists: u16, responses: u8, rule: RevocationRule, order: RevocationOrder, reversed: bool) -> Decision {
    let world = world();
    let mut chosen: Vec<&Minted> =
        world.lists.iter().enumerate().filter(|(bit, _)| lists >> bit & 1 == 1).map(|(_, list)| list).collect();
    let mut answers: Vec<&Vec<u8>> =
        world.responses.iter().enumerate().filter(|(bit, _)| responses >> bit & 1 == 1).map(|(_, one)| one).collect();
    if reversed {
        chosen.reverse();
        answers.reverse();
    }
    let verified =
        chosen.iter().filter_map(|one| if let Minted::List(list) = one { Some(Arc::clone(list)) } else { None });
    let rejected = chosen.iter().filter_map(|one| match one {
        Minted::Rejected(name, error) => Some((name.clone(), Arc::clone(error))),
        Minted::List(_) => None,
    });
    let snapshot = Snapshot::assemble(verified, time(NOW)).with_rejected(rejected.collect());
    let (answers, unread) = Responses::read(answers, OcspRules::default());
    assert!(unread.is_empty());
    let grounds =
        Grounds { responses: answers, ..Grounds::new(Arc::clone(&world.pool), Lists::Fixed(Arc::new(snapshot))) };
    let mut policy = Policy::of(Profile::Rfc5280, Purpose::Any);
    (policy.revocation, policy.order) = (rule, order);
    let request = CheckRequest { certificate: world.leaf.clone(), ..CheckRequest::default() };
    let request = CheckRequest { purpose: Some(Purpose::Any), ..request };
    let prepared = world.service.prepare_under(request, policy, &grounds).expect("a request");
    world.service.check_on(prepared, &grounds).decision()
}

/// What docs/REVOCATION.md promises.
fn expect(decision: Decision, lists: u16, responses: u8, rule: RevocationRule, order: RevocationOrder) {
    // The order says who is asked; what is at hand and bad counts whoever says it.
    let list = |bit: usize| lists >> bit & 1 == 1;
    let response = |bit: usize| responses >> bit & 1 == 1;
    if rule == RevocationRule::Off {
        assert_eq!(decision, Decision::Accepted, "nobody asked");
        return;
    }
    let lifted = list(list::ON_HOLD) && list(list::DELTA_LIFTS);
    // What the newest usable list says counts; a hold that is lifted displaces what came before it.
    // A delta revokes whatever full list is there, or none.
    let listed = list(list::DELTA_REVOKES)
        || (list(list::NAMES_IT) && !lifted)
        || (list(list::ON_HOLD) && !list(list::DELTA_LIFTS));
    let revoked = listed || response(response::REVOKED);
    if revoked {
        assert_eq!(decision, Decision::Refused, "what somebody entitled revoked is revoked");
    }
    let good =
        (order.asks_lists() && (list(list::EMPTY) || lifted)) || (order.asks_responders() && response(response::GOOD));
    if rule == RevocationRule::Required && decision == Decision::Accepted {
        assert!(good, "good needs somebody to say so");
    }
    if decision == Decision::Refused {
        let lapsed = list(list::LAPSED_NAMES_IT);
        assert!(revoked || lapsed || response(response::UNKNOWN), "revoked needs somebody to say so");
    }
    let says_nothing = [list::LAPSED_EMPTY, list::OF_STRANGER, list::UNUSABLE, list::SOME_REASONS, list::AHEAD];
    let is_silent = (0..list::COUNT).all(|bit| !list(bit) || says_nothing.contains(&bit));
    let is_mute = [response::LAPSED_GOOD, response::STRANGER_GOOD, response::STRANGER_REVOKED, response::OTHER_SERIAL];
    let is_mute = (0..response::COUNT).all(|bit| !response(bit) || is_mute.contains(&bit));
    if is_silent && is_mute && rule == RevocationRule::Required {
        assert_eq!(decision, Decision::Undetermined, "silence is neither");
    }
}
