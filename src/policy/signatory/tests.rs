//! Situations at the portal and at a counter. The certificates are minted with the keys of the tests.

use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::identity;
use rastau_mint::key::Key;

use super::*;
use crate::verdict::RefusalCode;
use crate::x509::Certificate;

fn subject(builder: &CertificateBuilder) -> Subject {
    let der = builder.self_sign(&Key::p256("signatory"));
    Subject::of(&Certificate::from_der(&der).unwrap())
}

fn iin() -> String {
    identity::iin("650615", false, 1)
}

fn other_iin() -> String {
    identity::iin("720301", true, 7)
}

fn bin() -> String {
    identity::bin("6004", 1)
}

fn other_bin() -> String {
    identity::bin("6709", 5)
}

fn person(iin: &str) -> Applicant {
    Applicant::Person(Iin::parse(iin).unwrap())
}

fn organisation(bin: &str) -> Applicant {
    Applicant::Organisation(Bin::parse(bin).unwrap())
}

fn offices() -> Offices {
    let office = |bin: &str, roles: &[Role]| Office { bins: vec![Bin::parse(bin).unwrap()], roles: roles.to_vec() };
    Offices {
        centres: vec![office(&bin(), &Office::USUAL_ROLES)],
        providers: vec![office(&other_bin(), &[Role::Head])],
    }
}

fn asked(
    channel: Channel,
    applicant: Applicant,
    representative: Option<&str>,
    signer: &CertificateBuilder,
) -> Result<(), SignatoryProblem> {
    let offices = offices();
    let representative = representative.map(|iin| Iin::parse(iin).unwrap());
    Signatory::of(channel, applicant, representative, &offices).check(&subject(signer))
}

#[test]
fn on_the_portal_the_applicant_signs() {
    let individual = CertificateBuilder::individual(&iin());
    let head = CertificateBuilder::legal_head(&other_iin(), &bin());
    let portal = |applicant, signer| asked(Channel::Portal, applicant, None, signer);
    assert_eq!(portal(person(&iin()), &individual), Ok(()));
    assert_eq!(portal(organisation(&bin()), &head), Ok(()));
    assert_eq!(portal(person(&other_iin()), &individual), Err(SignatoryProblem::Another(ApplicantKind::Iin)));
    assert_eq!(portal(organisation(&other_bin()), &head), Err(SignatoryProblem::Another(ApplicantKind::Bin)));
    assert_eq!(portal(organisation(&bin()), &individual), Err(SignatoryProblem::Missing(ApplicantKind::Bin)));
    let system = CertificateBuilder::digital_system(&bin());
    assert_eq!(portal(person(&iin()), &system), Err(SignatoryProblem::Missing(ApplicantKind::Iin)));
}

#[test]
fn a_representative_signs_instead_of_the_applicant_and_nobody_else_does() {
    let representative = other_iin();
    let signs = CertificateBuilder::individual(&representative);
    for applicant in [person(&iin()), organisation(&bin())] {
        assert_eq!(asked(Channel::Portal, applicant, Some(&representative), &signs), Ok(()));
    }
    let applicant = CertificateBuilder::individual(&iin());
    let problem = Err(SignatoryProblem::Another(ApplicantKind::Iin));
    assert_eq!(asked(Channel::Portal, person(&iin()), Some(&representative), &applicant), problem);
}

#[test]
fn at_a_counter_an_operator_signs_with_a_number_and_a_role_of_that_office() {
    let employee = CertificateBuilder::legal_employee(&other_iin(), &bin());
    let centre = |signer: &CertificateBuilder| asked(Channel::Centre, person(&iin()), None, signer);
    let provider = |signer: &CertificateBuilder| asked(Channel::Provider, person(&iin()), None, signer);
    assert_eq!(centre(&employee), Ok(()));
    assert_eq!(centre(&CertificateBuilder::right_to_sign(&other_iin(), &bin())), Ok(()));
    assert_eq!(provider(&CertificateBuilder::legal_head(&iin(), &other_bin())), Ok(()));
    // Of another office, of the other channel, of a role that was not named, of no organisation.
    let stranger = CertificateBuilder::legal_employee(&other_iin(), &other_bin());
    assert_eq!(centre(&stranger), Err(SignatoryProblem::NoOffice(Channel::Centre)));
    assert_eq!(provider(&employee), Err(SignatoryProblem::NoOffice(Channel::Provider)));
    assert_eq!(provider(&stranger), Err(SignatoryProblem::WrongRole(Channel::Provider)));
    let system = CertificateBuilder::digital_system(&bin());
    assert_eq!(centre(&system), Err(SignatoryProblem::WrongRole(Channel::Centre)));
    let applicant = CertificateBuilder::individual(&iin());
    assert_eq!(centre(&applicant), Err(SignatoryProblem::Missing(ApplicantKind::Bin)));
}

#[test]
fn an_office_that_nobody_configured_has_no_operators() {
    let employee = subject(&CertificateBuilder::legal_employee(&other_iin(), &bin()));
    for channel in [Channel::Centre, Channel::Provider] {
        let offices = Offices::default();
        let signatory = Signatory::of(channel, person(&iin()), None, &offices);
        assert_eq!(signatory.check(&employee), Err(SignatoryProblem::NoOffice(channel)));
    }
}

#[test]
fn a_subject_that_cannot_be_relied_on_is_nobody() {
    use rastau_mint::{der, name, profile};
    let look_alike =
        profile::person(&iin()).replace(name::SERIAL_NUMBER, der::utf8(&format!("\u{406}\u{406}N{}", iin())));
    let odd = CertificateBuilder::individual(&iin()).subject(&look_alike);
    let missing = Err(SignatoryProblem::Missing(ApplicantKind::Iin));
    assert_eq!(asked(Channel::Portal, person(&iin()), None, &odd), missing);
}

#[test]
fn every_problem_has_its_refusal() {
    for (problem, code) in [
        (SignatoryProblem::Another(ApplicantKind::Iin), RefusalCode::IdentityMismatch),
        (SignatoryProblem::Missing(ApplicantKind::Bin), RefusalCode::IdentityMissing),
        (SignatoryProblem::NoOffice(Channel::Centre), RefusalCode::AuthorityMissing),
        (SignatoryProblem::WrongRole(Channel::Provider), RefusalCode::AuthorityMissing),
    ] {
        assert_eq!(problem.reason().code(), code);
        assert!(!problem.to_string().contains(char::is_numeric), "{problem}");
    }
}
