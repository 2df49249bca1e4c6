//! Lists and responses together, in every order of evidence, against an oracle: a proof of revocation that stands refuses,
//! and nobody is accepted without a word that is believed.

use std::collections::HashMap;
use std::sync::Arc;

use rastau::clock::{FixedClock, Time};
use rastau::policy::algorithms::AlgorithmTable;
use rastau::policy::{Policy, Reading, RevocationOrder};
use rastau::revocation::ocsp::{MAX_VERIFIED, OcspRules, Responses};
use rastau::revocation::{RevocationList, Snapshot};
use rastau::service::{CheckRequest, Grounds, Lists, Parts, Service};
use rastau::trust::{Anchor, Pool, Purposes};
use rastau::verdict::Decision;
use rastau_mint::hash::Hash;
use rastau_mint::list::ListBuilder;
use rastau_mint::ocsp::{ResponseBuilder, Single, good, revoked, unknown};
use rastau_mint::pem;

use super::standing::{AT, NOW, issuer, key, leaf, strong, weak};
use super::{SERIAL, time};

const ORDERS: [RevocationOrder; 4] =
    [RevocationOrder::Crl, RevocationOrder::CrlThenOcsp, RevocationOrder::Ocsp, RevocationOrder::OcspThenCrl];

/// What is said about the certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Said {
    Good,
    Hold,
    Final,
    /// Superseded after the moment.
    Later,
}

/// A list or response: whether it is believed, and since which day of August it speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Word {
    said: Said,
    believed: bool,
    day: u64,
}

impl Word {
    /// Every word of that day, and of one after the moment, which is what the present is taken for.
    fn all(day: u64) -> Vec<Option<Self>> {
        let mut all = vec![None];
        for said in [Said::Good, Said::Hold, Said::Final, Said::Later] {
            all.extend(
                [(true, day), (false, day), (true, day + 18)].map(|(believed, day)| Some(Self { said, believed, day })),
            );
        }
        all
    }

    fn date(&self) -> String {
        format!("2026-08-{:02}T00:00:00Z", self.day)
    }

    fn counts(&self) -> bool {
        self.believed && self.day <= 20
    }

    fn entry(&self) -> Option<(&'static str, u8)> {
        match self.said {
            Said::Good => None,
            Said::Hold => Some(("2026-08-02T00:00:00Z", 6)),
            // It reaches back.
            Said::Final => Some(("2026-08-25T00:00:00Z", 1)),
            Said::Later => Some(("2026-08-26T00:00:00Z", 4)),
        }
    }

    fn list(&self) -> Arc<RevocationList> {
        let list: ListBuilder = issuer().list().number(14).updates(&self.date(), "2027-01-01T00:00:00Z");
        let list = self.entry().map_or(list.clone(), |(date, reason)| list.revoke(&SERIAL, date, Some(reason)));
        if self.believed { strong(&list) } else { weak(&list) }
    }

    fn response(&self) -> Vec<u8> {
        let status = self.entry().map_or_else(good, |(date, reason)| revoked(date, Some(reason)));
        let authority = &issuer().authority;
        let single = Single::new(authority.cert_id(&SERIAL), status, &self.date()).until("2027-01-01T00:00:00Z");
        let key = key(if self.believed { Hash::Sha384 } else { Hash::Sha256 });
        ResponseBuilder::new(&authority.name, &self.date()).answer(single).sign(&key)
    }
}

/// A service that knows the issuer, and the policy: SHA-256 is not accepted for certificates.
struct Judge {
    service: Service,
    pool: Arc<Pool>,
    table: Arc<AlgorithmTable>,
}

impl Judge {
    fn new() -> Self {
        let anchor = Anchor::new(issuer().certificate.clone(), Purposes::ALL, false);
        let pool = Arc::new(Pool::builder().anchor(anchor).build());
        let grounds = Grounds::new(Arc::clone(&pool), Lists::Fixed(Arc::default()));
        let service = Service::new(Parts::new(Arc::new(FixedClock(time(NOW))), grounds));
        let rows = "[[signature]]\nname = \"rsa-sha256\"\ncertificates_until = \"2020-01-01T00:00:00Z\"\n";
        Self { service, pool, table: Arc::new(AlgorithmTable::from_toml(rows).unwrap()) }
    }

    fn decide(&self, lists: Snapshot, responses: Responses, order: RevocationOrder, reading: Reading) -> Decision {
        let lists = Lists::Fixed(Arc::new(lists));
        let grounds = Grounds { responses, ..Grounds::new(Arc::clone(&self.pool), lists) };
        let policy = Policy { order, reading, algorithms: Arc::clone(&self.table), ..Policy::rfc5280() };
        let certificate = pem::certificate(leaf().as_der());
        let request = CheckRequest { certificate, at: Some(AT.to_owned()), ..CheckRequest::default() };
        self.service.check_on(self.service.prepare_under(request, policy, &grounds).unwrap(), &grounds).decision()
    }
}

/// Whether a proof of revocation stands. A list's hold is lifted by responses where these come first and their newest
/// word, which must be newer than the list, is good; one response's by another that is newer and good.
fn is_revoked(list: Option<Word>, responses: &[Word], order: RevocationOrder) -> bool {
    let lifts = |held: &Word, good: &Word| good.said == Said::Good && good.counts() && good.day > held.day;
    let stands = |word: &&Word| match word.said {
        Said::Good | Said::Later => false,
        Said::Final => true,
        Said::Hold => !responses.iter().any(|other| lifts(word, other)),
    };
    let by_response = responses.iter().any(|word| stands(&word));
    let responders_first = matches!(order, RevocationOrder::Ocsp | RevocationOrder::OcspThenCrl);
    by_response
        || list.is_some_and(|list| match list.said {
            Said::Hold => {
                let newest = responses.iter().filter(|word| word.believed).max_by_key(|word| word.day);
                let all_good = responses.iter().all(|word| word.said != Said::Later || !word.believed);
                !(responders_first && all_good && newest.is_some_and(|newest| lifts(&list, newest)))
            }
            _ => stands(&&list),
        })
}

fn may_be_accepted(list: Option<Word>, responses: &[Word], order: RevocationOrder) -> bool {
    let asks_lists = order != RevocationOrder::Ocsp;
    let asks_responders = order != RevocationOrder::Crl;
    let clears = |word: &Word| word.counts() && matches!(word.said, Said::Good | Said::Later);
    (asks_lists && list.as_ref().is_some_and(clears)) || (asks_responders && responses.iter().any(clears))
}

#[test]
fn no_response_takes_away_what_a_list_or_another_response_proves() {
    let judge = Judge::new();
    let now: Time = time(NOW);
    let mut lists: HashMap<Word, Arc<RevocationList>> = HashMap::new();
    let mut signed: HashMap<Word, Vec<u8>> = HashMap::new();
    let mut asked = 0;
    for list in Word::all(7) {
        // What the earlier response would say after the moment, the later one says too.
        let early = |word: &Option<Word>| word.is_none_or(|word| word.day <= 20);
        for first in Word::all(5).into_iter().filter(early) {
            for second in Word::all(9) {
                let words: Vec<Word> = [first, second].into_iter().flatten().collect();
                let bytes: Vec<Vec<u8>> =
                    words.iter().map(|word| signed.entry(*word).or_insert_with(|| word.response()).clone()).collect();
                let responses = Responses::read(bytes, OcspRules::default()).0;
                for order in ORDERS {
                    let list_of = |word: Word| Arc::clone(lists.entry(word).or_insert_with(|| word.list()));
                    let snapshot = Snapshot::assemble_for(list.map(list_of), time(AT), now);
                    let decision = judge.decide(snapshot, responses.clone(), order, Reading::default());
                    let what = format!("{list:?}, {words:?}, {order:?}");
                    assert_eq!(decision == Decision::Refused, is_revoked(list, &words, order), "{what}");
                    if decision == Decision::Accepted {
                        assert!(may_be_accepted(list, &words, order), "{what}");
                    }
                    asked += 1;
                }
            }
        }
    }
    assert_eq!(asked, 13 * 9 * 13 * 4);
}

#[test]
fn a_response_that_may_not_clear_does_not_clear_by_saying_revoked_later() {
    let judge = Judge::new();
    let decide = |word: Word, reading| {
        let responses = Responses::read([word.response()], OcspRules::default()).0;
        judge.decide(Snapshot::default(), responses, RevocationOrder::Ocsp, reading)
    };
    for said in [Said::Good, Said::Later] {
        let word = Word { said, believed: true, day: 9 };
        assert_eq!(decide(word, Reading::default()), Decision::Accepted, "{said:?}");
        assert_eq!(decide(word, Reading::StrictLetter), Decision::Undetermined, "{said:?} by the authority itself");
        assert_eq!(decide(Word { believed: false, ..word }, Reading::default()), Decision::Undetermined, "{said:?}");
        assert_eq!(decide(Word { day: 27, ..word }, Reading::default()), Decision::Undetermined, "{said:?}");
    }
}

#[test]
fn of_two_answers_in_one_response_the_one_with_effect_counts() {
    let judge = Judge::new();
    let authority = &issuer().authority;
    let single = |status| Single::new(authority.cert_id(&SERIAL), status, AT).until("2027-01-01T00:00:00Z");
    let (held, later) = (revoked("2026-08-02T00:00:00Z", Some(6)), revoked("2026-08-26T00:00:00Z", Some(4)));
    for answers in [[held.clone(), later.clone()], [later, held]] {
        let builder = ResponseBuilder::new(&authority.name, AT);
        let response = answers.into_iter().map(single).fold(builder, ResponseBuilder::answer).sign(&authority.key);
        let responses = Responses::read([response], OcspRules::default()).0;
        let decision = judge.decide(Snapshot::default(), responses, RevocationOrder::Ocsp, Reading::default());
        assert_eq!(decision, Decision::Refused);
    }
}

#[test]
fn a_response_that_may_not_clear_lifts_no_hold_of_another() {
    let judge = Judge::new();
    let words = [(Said::Hold, 5), (Said::Good, 9)].map(|(said, day)| Word { said, believed: true, day });
    let decide = |reading| {
        let responses = Responses::read(words.map(|word| word.response()), OcspRules::default()).0;
        judge.decide(Snapshot::default(), responses, RevocationOrder::Ocsp, reading)
    };
    assert_eq!(decide(Reading::default()), Decision::Accepted);
    assert_eq!(decide(Reading::StrictLetter), Decision::Refused, "by the authority itself");
}

#[test]
fn a_word_that_it_was_good_then_is_not_the_last_one() {
    let judge = Judge::new();
    let later = |day| Word { said: Said::Later, believed: true, day }.response();
    let decide = |responses: Vec<Vec<u8>>| {
        let responses = Responses::read(responses, OcspRules::default()).0;
        judge.decide(Snapshot::default(), responses, RevocationOrder::Ocsp, Reading::default())
    };
    let authority = &issuer().authority;
    let day = "2026-08-09T00:00:00Z";
    let single = Single::new(authority.cert_id(&SERIAL), unknown(), day).until("2027-01-01T00:00:00Z");
    let disowning = ResponseBuilder::new(&authority.name, day).answer(single).sign(&key(Hash::Sha384));
    assert_eq!(decide(vec![later(5), disowning.clone()]), Decision::Undetermined, "disowned since");
    assert_eq!(decide(vec![later(10), disowning]), Decision::Accepted, "known again");
    assert_eq!(decide(vec![later(5); MAX_VERIFIED]), Decision::Accepted);
    assert_eq!(decide(vec![later(5); MAX_VERIFIED + 1]), Decision::Undetermined, "one is not read");
}

#[test]
fn beside_responses_that_are_not_read_a_silent_list_clears_nobody() {
    let judge = Judge::new();
    let silent = Word { said: Said::Good, believed: true, day: 9 };
    let lists = || Snapshot::assemble([silent.list()], time(NOW));
    let revoking = Word { said: Said::Final, believed: true, day: 2 }.response();
    let forged = Word { said: Said::Final, believed: true, day: 3 };
    let authority = &issuer().authority;
    let date = forged.date();
    let single = Single::new(authority.cert_id(&SERIAL), revoked("2026-08-02T00:00:00Z", Some(1)), &date);
    let stranger = rastau_mint::key::Key::p256("a stranger");
    let forged = ResponseBuilder::new(&authority.name, &date).answer(single).sign(&stranger);
    for order in [RevocationOrder::CrlThenOcsp, RevocationOrder::Ocsp, RevocationOrder::OcspThenCrl] {
        let decide = |responses: Vec<Vec<u8>>| {
            let responses = Responses::read(responses, OcspRules::default()).0;
            judge.decide(lists(), responses, order, Reading::default())
        };
        let mut all = vec![silent.response(); MAX_VERIFIED];
        all.push(revoking.clone());
        assert_eq!(decide(all.clone()), Decision::Refused, "{order:?}");
        // Behind as many forged ones as are verified it is not found, and nobody is cleared for that.
        all.splice(.., vec![forged.clone(); MAX_VERIFIED]);
        all.push(revoking.clone());
        assert_eq!(decide(all), Decision::Undetermined, "{order:?}");
    }
}
