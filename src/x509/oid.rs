//! Object identifiers by the names their standards give them.

use crate::der::Oid;

macro_rules! oids {
    ($($(#[$doc:meta])* $name:ident = $value:literal;)*) => {
        $($(#[$doc])* pub const $name: Oid = Oid::new_unwrap($value);)*
    };
}

oids! {
    /// Stands for an object identifier that is longer, or has larger numbers, than [`Oid`] holds (those made from a
    /// UUID are). It is the arc of UUIDs, which is nothing's own identifier, so it is never equal to one asked for.
    UNREADABLE = "2.25";

    /// commonName.
    COMMON_NAME = "2.5.4.3";
    /// surname.
    SURNAME = "2.5.4.4";
    /// serialNumber of a name: carries `IIN` and twelve digits in Kazakh certificates.
    SERIAL_NUMBER = "2.5.4.5";
    /// countryName.
    COUNTRY = "2.5.4.6";
    /// localityName.
    LOCALITY = "2.5.4.7";
    /// stateOrProvinceName.
    STATE = "2.5.4.8";
    /// organizationName.
    ORGANISATION = "2.5.4.10";
    /// organizationalUnitName: carries `BIN` and twelve digits in Kazakh certificates.
    ORGANISATIONAL_UNIT = "2.5.4.11";
    /// businessCategory.
    BUSINESS_CATEGORY = "2.5.4.15";
    /// givenName; Kazakh certificates keep the patronymic here.
    GIVEN_NAME = "2.5.4.42";
    /// domainComponent.
    DOMAIN_COMPONENT = "0.9.2342.19200300.100.1.25";
    /// userId; in certificates of digital systems the identifier of the system.
    UID = "0.9.2342.19200300.100.1.1";
    /// emailAddress of PKCS#9.
    EMAIL = "1.2.840.113549.1.9.1";

    /// subjectKeyIdentifier.
    SUBJECT_KEY_ID = "2.5.29.14";
    /// keyUsage.
    KEY_USAGE = "2.5.29.15";
    /// subjectAltName.
    SUBJECT_ALT_NAME = "2.5.29.17";
    /// issuerAltName.
    ISSUER_ALT_NAME = "2.5.29.18";
    /// basicConstraints.
    BASIC_CONSTRAINTS = "2.5.29.19";
    /// cRLNumber.
    CRL_NUMBER = "2.5.29.20";
    /// cRLReason of an entry.
    CRL_REASON = "2.5.29.21";
    /// invalidityDate of an entry.
    INVALIDITY_DATE = "2.5.29.24";
    /// deltaCRLIndicator.
    DELTA_CRL_INDICATOR = "2.5.29.27";
    /// issuingDistributionPoint.
    ISSUING_DISTRIBUTION_POINT = "2.5.29.28";
    /// certificateIssuer of an entry.
    CERTIFICATE_ISSUER = "2.5.29.29";
    /// nameConstraints.
    NAME_CONSTRAINTS = "2.5.29.30";
    /// cRLDistributionPoints.
    CRL_DISTRIBUTION_POINTS = "2.5.29.31";
    /// certificatePolicies.
    CERTIFICATE_POLICIES = "2.5.29.32";
    /// anyPolicy.
    ANY_POLICY = "2.5.29.32.0";
    /// policyMappings.
    POLICY_MAPPINGS = "2.5.29.33";
    /// authorityKeyIdentifier.
    AUTHORITY_KEY_ID = "2.5.29.35";
    /// policyConstraints.
    POLICY_CONSTRAINTS = "2.5.29.36";
    /// extKeyUsage.
    EXTENDED_KEY_USAGE = "2.5.29.37";
    /// freshestCRL.
    FRESHEST_CRL = "2.5.29.46";
    /// inhibitAnyPolicy.
    INHIBIT_ANY_POLICY = "2.5.29.54";
    /// authorityInfoAccess.
    AUTHORITY_INFO_ACCESS = "1.3.6.1.5.5.7.1.1";
    /// subjectInfoAccess.
    SUBJECT_INFO_ACCESS = "1.3.6.1.5.5.7.1.11";
    /// id-pkix-ocsp-nocheck.
    OCSP_NO_CHECK = "1.3.6.1.5.5.7.48.1.5";
    /// id-pkix-ocsp-nonce of a response.
    OCSP_NONCE = "1.3.6.1.5.5.7.48.1.2";
    /// id-pkix-ocsp-extended-revoke of a response.
    OCSP_EXTENDED_REVOKE = "1.3.6.1.5.5.7.48.1.9";
    /// id-ad-ocsp of authorityInfoAccess.
    AD_OCSP = "1.3.6.1.5.5.7.48.1";
    /// id-on-SmtpUTF8Mailbox, a type of otherName.
    ON_SMTP_UTF8_MAILBOX = "1.3.6.1.5.5.7.8.9";
    /// id-ad-caIssuers of authorityInfoAccess.
    AD_CA_ISSUERS = "1.3.6.1.5.5.7.48.2";

    /// anyExtendedKeyUsage.
    EKU_ANY = "2.5.29.37.0";
    /// id-kp-clientAuth: log-in.
    EKU_CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    /// id-kp-emailProtection: signing, in certificates of the National CA.
    EKU_EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.4";
    /// id-kp-timeStamping.
    EKU_TIME_STAMPING = "1.3.6.1.5.5.7.3.8";
    /// id-kp-OCSPSigning.
    EKU_OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";

    /// Where the key is stored, an extension of the National CA.
    KZ_KEY_STORAGE = "1.2.398.3.3.5";
    /// Role: an individual.
    KZ_ROLE_INDIVIDUAL = "1.2.398.3.3.4.1.1";
    /// Role: a digital system of an individual.
    KZ_ROLE_INDIVIDUAL_SYSTEM = "1.2.398.3.3.4.1.1.1";
    /// Role: an organisation.
    KZ_ROLE_ORGANISATION = "1.2.398.3.3.4.1.2";
    /// Role: the head of an organisation.
    KZ_ROLE_HEAD = "1.2.398.3.3.4.1.2.1";
    /// Role: has the right to sign.
    KZ_ROLE_RIGHT_TO_SIGN = "1.2.398.3.3.4.1.2.2";
    /// Role: has the right to sign financial documents.
    KZ_ROLE_FINANCIAL = "1.2.398.3.3.4.1.2.3";
    /// Role: human resources.
    KZ_ROLE_HUMAN_RESOURCES = "1.2.398.3.3.4.1.2.4";
    /// Role: an employee.
    KZ_ROLE_EMPLOYEE = "1.2.398.3.3.4.1.2.5";
    /// Role: a digital system of a legal entity.
    KZ_ROLE_SYSTEM = "1.2.398.3.3.4.1.2.6";
    /// Role: client of the Treasury.
    KZ_ROLE_TREASURY = "1.2.398.5.19.1.2.2.1";
    /// Role: staff of the certification authority, administrator.
    KZ_ROLE_CA_ADMINISTRATOR = "1.2.398.3.3.4.2.1";
    /// Role: staff of the certification authority, manager.
    KZ_ROLE_CA_MANAGER = "1.2.398.3.3.4.2.2";
    /// Role: staff of the certification authority, operator.
    KZ_ROLE_CA_OPERATOR = "1.2.398.3.3.4.2.3";
    /// Identification of the holder at a service centre.
    KZ_IDENTIFIED_AT_CENTRE = "1.2.398.3.3.4.3.1";
    /// Remote identification of the holder.
    KZ_IDENTIFIED_REMOTELY = "1.2.398.3.3.4.3.2";
}
