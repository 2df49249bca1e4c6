use std::collections::HashMap;
use std::sync::Mutex;

use rastau_mint::authority::Authority;
use rastau_mint::der;
use rastau_mint::hash::Hash;
use rastau_mint::key::Key;
use rastau_mint::tsp::{self, TokenBuilder};

use super::*;
use crate::clock::FixedClock;
use crate::der::TlvReader;
use crate::fetch::{Asked, FetchError, Fetched, Get, Limits, Post};
use crate::signed::Covered;
use crate::tsp::{AuthorityFault, ImprintFault, PurposeFault, RequestFault, Token};

const NOW: &str = "2026-11-20T09:08:10Z";
const ONE: &str = "http://tsp.example/";
const TWO: &str = "http://tsp1.example/";

/// What an authority makes of a request.
type Answer = Box<dyn Fn(&Asking) -> Result<Vec<u8>, FetchError> + Send + Sync>;

/// A request as the authority reads it.
struct Asking {
    algorithm: Vec<u8>,
    digest: Vec<u8>,
    policy: Option<Vec<u8>>,
    nonce: Vec<u8>,
    certificate: bool,
}

impl Asking {
    fn read(body: &[u8]) -> Asking {
        let mut fields = TlvReader::new(TlvReader::new(body).expect(0x30).unwrap().value);
        assert_eq!(fields.expect(0x02).unwrap().value, [1]);
        let mut imprint = TlvReader::new(fields.expect(0x30).unwrap().value);
        let algorithm = imprint.expect(0x30).unwrap().raw.to_vec();
        let digest = imprint.expect(0x04).unwrap().value.to_vec();
        let policy = fields.optional(0x06).unwrap().map(|policy| policy.raw.to_vec());
        let nonce = fields.expect(0x02).unwrap().value.to_vec();
        let certificate = fields.optional(0x01).unwrap().is_some_and(|flag| flag.value == [0xff]);
        fields.finish().unwrap();
        Asking { algorithm, digest, policy, nonce, certificate }
    }

    /// A token that answers it.
    fn token(&self) -> TokenBuilder {
        let (key, certificate) = authority();
        let imprint = der::sequence(&[self.algorithm.clone(), der::octet_string(&self.digest)]);
        let token = TokenBuilder { imprint, ..TokenBuilder::new(&key, &certificate, b"", NOW) };
        let token = TokenBuilder { policy: self.policy.clone().unwrap_or(token.policy.clone()), ..token };
        token.with(der::integer_raw(&self.nonce))
    }
}

fn authority() -> (Key, Vec<u8>) {
    let (root, key) = (Authority::root("TSP ROOT", Key::p256("tsp root")), Key::p256("tsp"));
    let certificate = root.issue(root.timestamp_authority("TSA", &key));
    (key, certificate)
}

/// Authorities by address, and how often each was asked.
#[derive(Default)]
struct Authorities {
    answers: HashMap<&'static str, Answer>,
    asked: Mutex<Vec<String>>,
}

impl Authorities {
    fn at(
        mut self,
        address: &'static str,
        answer: impl Fn(&Asking) -> Result<Vec<u8>, FetchError> + Send + Sync + 'static,
    ) -> Self {
        self.answers.insert(address, Box::new(answer));
        self
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

impl Fetch for Authorities {
    fn ask<'a>(&'a self, _: Get<'a>) -> Asked<'a> {
        unreachable!("timestamps are posted for")
    }

    fn post<'a>(&'a self, url: &'a str, post: Post, limits: Limits) -> Fetched<'a> {
        assert_eq!((post.content_type, post.accept), ("application/timestamp-query", "application/timestamp-reply"));
        assert!(limits.total <= Duration::from_secs(4) && limits.body <= 128 * 1024);
        self.asked.lock().unwrap().push(url.to_owned());
        let answer = self.answers.get(url).map(|answer| answer(&Asking::read(&post.body)));
        match answer {
            Some(answer) => Box::pin(std::future::ready(answer)),
            // An address that swallows everything.
            None => Box::pin(std::future::pending()),
        }
    }
}

fn granted(token: &TokenBuilder) -> Result<Vec<u8>, FetchError> {
    Ok(tsp::response(0, Some(&token.encode())))
}

fn good(asking: &Asking) -> Result<Vec<u8>, FetchError> {
    assert!(asking.certificate);
    granted(&asking.token())
}

fn down(_: &Asking) -> Result<Vec<u8>, FetchError> {
    Err(FetchError::Connection("refused".to_owned()))
}

fn client(authorities: &Arc<Authorities>, addresses: &[&str]) -> TimestampClient {
    let addresses = addresses.iter().map(|&address| Arc::from(address)).collect();
    with(authorities, TimestampSettings { addresses, ..TimestampSettings::default() })
}

fn with(authorities: &Arc<Authorities>, settings: TimestampSettings) -> TimestampClient {
    let clock = Arc::new(FixedClock(NOW.parse().unwrap()));
    TimestampClient::new(Arc::<Authorities>::clone(authorities), clock, settings)
}

/// What one authority's answer comes to, and how often it was asked.
async fn alone(
    answer: impl Fn(&Asking) -> Result<Vec<u8>, FetchError> + Send + Sync + 'static,
) -> (Result<Timestamp, StampFailure>, usize) {
    let authorities = Arc::new(Authorities::default().at(ONE, answer));
    let outcome = client(&authorities, &[ONE]).stamp(b"value", SignatureAlgorithm::EcdsaSha256).await;
    (outcome.map_err(|error| error.failure), authorities.asked().len())
}

#[tokio::test]
async fn the_imprint_is_by_the_hash_of_the_kind_of_key() {
    for (algorithm, hash) in [
        (SignatureAlgorithm::Gost2015_512, HashAlgorithm::Streebog512),
        (SignatureAlgorithm::Gost2015_256, HashAlgorithm::Streebog512),
        (SignatureAlgorithm::RsaPkcs1Sha256, HashAlgorithm::Sha256),
        (SignatureAlgorithm::EcdsaSha384, HashAlgorithm::Sha256),
    ] {
        let authorities = Arc::new(Authorities::default().at(ONE, good));
        let stamp = client(&authorities, &[ONE]).stamp(b"value", algorithm).await.unwrap();
        let token = Token::read(&stamp.token).unwrap();
        assert_eq!(token.check_imprint(&Covered::Bytes(b"value".to_vec())), Ok(()));
        assert_eq!(token.imprint.unwrap().algorithm(), hash);
        assert_eq!((stamp.gen_time.to_string().as_str(), &*stamp.address), (NOW, ONE));
        assert_eq!(stamp.authority.as_der(), authority().1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_mirror_takes_over_and_a_silent_one_costs_its_share_only() {
    let authorities = Arc::new(Authorities::default().at(TWO, good));
    let begin = tokio::time::Instant::now();
    let stamp = client(&authorities, &[ONE, TWO]).stamp(b"value", SignatureAlgorithm::EcdsaSha256).await.unwrap();
    assert_eq!(&*stamp.address, TWO);
    assert_eq!(begin.elapsed(), Duration::from_secs(4));
}

#[tokio::test(start_paused = true)]
async fn what_fails_for_a_moment_is_asked_again_and_what_fails_for_good_is_not() {
    let falls = Mutex::new(2);
    let (outcome, asked) = alone(move |asking| {
        let mut left = falls.lock().unwrap();
        *left -= 1;
        if *left >= 0 { Err(FetchError::Status(403)) } else { good(asking) }
    })
    .await;
    assert!(outcome.is_ok());
    assert_eq!(asked, 3);
    let refused = |bits: [u8; 3]| {
        let status = der::sequence(&[der::integer(2), der::sequence(&[der::utf8("no")]), der::bit_string(&bits)]);
        move |_: &Asking| Ok(der::sequence(std::slice::from_ref(&status)))
    };
    let (outcome, asked) = alone(refused([0, 1, 0])).await;
    assert_eq!(outcome.unwrap_err().to_string(), "the authority answers rejection, unacceptedPolicy: no");
    assert_eq!(asked, 1);
    let (outcome, asked) = alone(refused([0, 2, 0])).await;
    assert_eq!(outcome.unwrap_err().to_string(), "the authority answers rejection, timeNotAvailable: no");
    assert_eq!(asked, 3);
    let (outcome, asked) = alone(|_| Err(FetchError::NoRoots)).await;
    assert!(matches!(outcome, Err(StampFailure::Fetch(FetchError::NoRoots))));
    assert_eq!(asked, 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_does_not_answer_the_request_is_none() {
    let nonce = |asking: &Asking, change: fn(&mut TokenBuilder)| {
        let mut token = asking.token();
        change(&mut token);
        granted(&token)
    };
    let (outcome, _) = alone(move |asking| nonce(asking, |token| token.rest = vec![der::integer(7)])).await;
    assert_eq!(outcome.unwrap_err(), RequestFault::Nonce.into());
    let (outcome, _) = alone(move |asking| nonce(asking, |token| token.rest.clear())).await;
    assert_eq!(outcome.unwrap_err(), RequestFault::Nonce.into());
    let (outcome, _) =
        alone(|asking| granted(&asking.token().imprint(Hash::Sha256, &Hash::Sha256.digest(b"another value")))).await;
    assert_eq!(outcome.unwrap_err(), RequestFault::Imprint(ImprintFault::Differs).into());
    // The right octets by another hash than was asked for.
    let (outcome, _) =
        alone(|asking| granted(&asking.token().imprint(Hash::Streebog512, &Hash::Streebog512.digest(b"value")))).await;
    assert_eq!(outcome.unwrap_err(), RequestFault::Imprint(ImprintFault::Differs).into());
    let (outcome, _) = alone(|asking| {
        let mut token = asking.token();
        token.message.certificates.clear();
        granted(&token)
    })
    .await;
    assert_eq!(outcome.unwrap_err(), RequestFault::NoCertificate.into());
    for body in [&b"<html>portal</html>"[..], b"", &[0x30, 3, 2, 1, 0]] {
        let (outcome, asked) = alone(move |_| Ok(body.to_vec())).await;
        assert!(matches!(outcome, Err(StampFailure::Malformed(_))));
        assert_eq!(asked, 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_was_asked_for_must_be_the_one_given() {
    let policy = Oid::new_unwrap("1.2.398.3.3.2.6.2");
    let settings = |address: &str| TimestampSettings {
        addresses: vec![Arc::from(address)],
        policy: Some(policy),
        ..TimestampSettings::default()
    };
    let other = |asking: &Asking| granted(&TokenBuilder { policy: der::oid(tsp::POLICY), ..asking.token() });
    let authorities = Arc::new(Authorities::default().at(ONE, good).at(TWO, other));
    let ask = async |address| with(&authorities, settings(address)).stamp(b"value", SignatureAlgorithm::Ed25519).await;
    let stamp = ask(ONE).await.unwrap();
    assert_eq!(Token::read(&stamp.token).unwrap().policy, Some(policy));
    assert_eq!(ask(TWO).await.unwrap_err().failure, RequestFault::Policy(tsp::POLICY.to_owned()).into());
}

#[tokio::test(start_paused = true)]
async fn a_token_whose_signature_or_certificate_is_not_right_is_none() {
    let (outcome, asked) = alone(|asking| {
        let mut token = asking.token();
        token.signer.value = Some(token.signer.key.sign(b"something else"));
        granted(&token)
    })
    .await;
    assert!(matches!(outcome, Err(StampFailure::Authority(AuthorityFault::Signature(_)))));
    assert_eq!(asked, 1);
    // A person's certificate.
    let (outcome, _) = alone(|asking| {
        let (root, key) = (Authority::root("TSP ROOT", Key::p256("tsp root")), Key::p256("tsp"));
        let iin = rastau_mint::identity::iin("650615", false, 1);
        let person = root.issue(rastau_mint::certificate::CertificateBuilder::individual(&iin).key(&key));
        let token = TokenBuilder::new(&key, &person, b"value", NOW);
        granted(&token.with(der::integer_raw(&asking.nonce)))
    })
    .await;
    assert_eq!(outcome.unwrap_err(), AuthorityFault::Purpose(PurposeFault::ExtendedKeyUsage).into());
    let (outcome, _) = alone(|asking| {
        let (root, key) = (Authority::root("TSP ROOT", Key::p256("tsp root")), Key::p256("tsp"));
        let lapsed = root.timestamp_authority("TSA", &key).valid("2020-01-01T00:00:00Z", "2026-11-20T09:08:09Z");
        let token = TokenBuilder::new(&key, &root.issue(lapsed), b"value", NOW);
        granted(&token.with(der::integer_raw(&asking.nonce)))
    })
    .await;
    assert_eq!(outcome.unwrap_err(), AuthorityFault::NotValid.into());
    // Another certificate than the signer's beside it.
    let (outcome, _) = alone(|asking| {
        let root = Authority::root("TSP ROOT", Key::p256("tsp root"));
        let mut token = asking.token();
        token.message.certificates = vec![root.certificate];
        granted(&token)
    })
    .await;
    assert_eq!(outcome.unwrap_err(), AuthorityFault::NoCertificate.into());
}

#[tokio::test(start_paused = true)]
async fn a_moment_far_from_the_clock_is_refused() {
    for (stated, fine) in [
        ("2026-11-20T09:13:10Z", true),
        ("2026-11-20T09:03:10Z", true),
        ("2026-11-20T09:13:11Z", false),
        ("2026-11-20T09:03:09Z", false),
        ("2021-11-20T09:08:10Z", false),
    ] {
        let gen_time = rastau_mint::ocsp::generalized(stated);
        let (outcome, _) = alone(move |asking| {
            let mut token = asking.token();
            token.gen_time.clone_from(&gen_time);
            // Valid at all these moments.
            let (root, key) = (Authority::root("TSP ROOT", Key::p256("tsp root")), Key::p256("tsp"));
            let certificate =
                root.timestamp_authority("TSA", &key).valid("2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z");
            let signed = TokenBuilder::new(&key, &root.issue(certificate), b"value", NOW);
            granted(&TokenBuilder { signer: signed.signer, message: signed.message, ..token })
        })
        .await;
        match outcome {
            Ok(_) => assert!(fine, "{stated}"),
            Err(failure) => assert!(!fine && matches!(failure, StampFailure::Clock { .. }), "{stated}: {failure}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_budget_ends_it_and_an_address_that_keeps_failing_is_left_alone() {
    let authorities = Arc::new(Authorities::default());
    let begin = tokio::time::Instant::now();
    let error = client(&authorities, &[ONE, TWO]).stamp(b"value", SignatureAlgorithm::Ed25519).await.unwrap_err();
    assert_eq!(error.failure, StampFailure::OutOfTime);
    assert!(begin.elapsed() <= Duration::from_secs(10), "{:?}", begin.elapsed());

    let authorities = Arc::new(Authorities::default().at(ONE, down));
    let client = client(&authorities, &[ONE]);
    for _ in 0..4 {
        client.stamp(b"value", SignatureAlgorithm::Ed25519).await.unwrap_err();
    }
    assert_eq!(authorities.asked().len(), 5);
    assert_eq!(client.open_breakers(), 1);
    let error = client.stamp(b"value", SignatureAlgorithm::Ed25519).await.unwrap_err();
    assert_eq!(error.to_string(), "http://tsp.example/: not asked, because it has failed too often of late");
}

#[test]
fn a_token_comes_while_every_thread_for_what_blocks_is_taken() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(1).build().unwrap();
    let (release, held) = std::sync::mpsc::channel::<()>();
    let holder = runtime.spawn_blocking(move || held.recv());
    let authorities = Arc::new(Authorities::default().at(ONE, good));
    let client = client(&authorities, &[ONE]);
    let stamp = runtime.block_on(client.stamp(b"value", SignatureAlgorithm::EcdsaSha256));
    assert_eq!(&*stamp.unwrap().address, ONE);
    drop(release);
    runtime.block_on(holder).unwrap().unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn what_was_learned_before_the_budget_ended_is_told() {
    let authorities = Arc::new(Authorities::default().at(ONE, |_| Ok(b"<html>portal</html>".to_vec())));
    let settings = TimestampSettings {
        addresses: vec![Arc::from(ONE), Arc::from(TWO)],
        budget: Duration::from_secs(3),
        ..TimestampSettings::default()
    };
    let begin = tokio::time::Instant::now();
    let error = with(&authorities, settings).stamp(b"value", SignatureAlgorithm::Ed25519).await.unwrap_err();
    assert!(matches!(error.failure, StampFailure::Malformed(_)), "{error}");
    assert!(begin.elapsed() <= Duration::from_secs(3), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn without_an_address_it_says_so() {
    let authorities = Arc::new(Authorities::default());
    let error = client(&authorities, &[]).stamp(b"value", SignatureAlgorithm::Ed25519).await.unwrap_err();
    assert_eq!(error.to_string(), "no address of a timestamp authority is configured");
}
