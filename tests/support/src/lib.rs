//! Mints keys, certificates and revocation lists for tests, benches and the demo PKI: good ones of Kazakh shape, and
//! broken ones on purpose.
//!
//! Nothing here uses rastau: the DER writer, the curve arithmetic and the signatures are a second, slow and plain
//! implementation, so that a mistake in rastau does not cancel itself out in its own tests.
//!
//! **Every private key made here is public**: it follows from a label in the source. Never trust such a key.
//!
//! From the bottom up:
//! * [`der`] writes any TLV, right or wrong; [`pem`] armours it
//! * [`curve`] is affine and Jacobian arithmetic over big integers, [`curves`] the parameters
//! * [`gost`] and [`ecdsa`] sign and verify on those curves
//! * [`hash`] is the digests; [`key`] is one `Key` for all algorithms; [`rsa`](mod@rsa) makes RSA keys from a seed
//! * [`name`], [`extension`] and [`identity`] are the parts of a certificate
//! * [`certificate`] builds certificates, [`profile`] fills them with the Kazakh profiles
//! * [`list`] builds revocation lists, of a million entries if need be
//! * [`ocsp`] builds OCSP responses and the certificates of responders
//! * [`cms`] builds signed messages, [`tsp`] timestamp tokens and their authorities, [`archive`] what archive timestamps are over
//! * [`xml`] writes and signs XML
//! * [`pdf`] writes PDF files by revisions
//! * [`zip`] writes archives
//! * [`pkcs12`] writes key stores
//! * [`tls`] makes both ends of a TLS connection
//! * [`authority`] is a CA: a key, its certificate, and what it issues
//! * [`world`] is a root, two authorities and a certificate

pub mod archive;
pub mod authority;
pub mod certificate;
pub mod cms;
pub mod curve;
pub mod curves;
pub mod der;
pub mod ecdsa;
pub mod extension;
pub mod gost;
pub mod hash;
pub mod identity;
pub mod key;
pub mod list;
pub mod name;
pub mod ocsp;
pub mod pdf;
pub mod pem;
pub mod pkcs12;
pub mod profile;
pub mod rsa;
pub mod tls;
pub mod tsp;
pub mod world;
pub mod xml;
pub mod zip;
