//! What P-256 and P-384 (FIPS 186-4 appendix D.1.2) borrow of our arithmetic: whether a point lies on them, which ring checks only
//! together with a signature while a certificate's key is to be refused before; and the public key of a private key, without
//! which ring takes none.

use std::sync::LazyLock;

use super::curve::{Curve, Parameters};
use super::field::{Field, Montgomery};
use super::limbs::{from_le_bytes, hex, less};
use super::point::Affine;

pub(super) static P256: LazyLock<Curve<Montgomery<4>, 4>> = LazyLock::new(|| {
    Curve::new(
        Montgomery::new(&hex("FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF")),
        &Parameters {
            a: hex("FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFC"),
            b: hex("5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B"),
            q: hex("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"),
            x: hex("6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"),
            y: hex("4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5"),
            cofactor: 1,
        },
    )
});

pub(super) static P384: LazyLock<Curve<Montgomery<6>, 6>> = LazyLock::new(|| {
    Curve::new(
        Montgomery::new(&hex(concat!(
            "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
            "FFFFFFFFFFFFFFFEFFFFFFFF0000000000000000FFFFFFFF"
        ))),
        &Parameters {
            a: hex(concat!(
                "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
                "FFFFFFFFFFFFFFFEFFFFFFFF0000000000000000FFFFFFFC"
            )),
            b: hex(concat!(
                "B3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE814112",
                "0314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF"
            )),
            q: hex(concat!(
                "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
                "C7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973"
            )),
            x: hex(concat!(
                "AA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B98",
                "59F741E082542A385502F25DBF55296C3A545E3872760AB7"
            )),
            y: hex(concat!(
                "3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147C",
                "E9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F"
            )),
            cofactor: 1,
        },
    )
});

/// Whether x || y, big-endian, is a point of P-256.
pub(in crate::crypto) fn is_on_p256(coordinates: &[u8]) -> bool {
    is_on(&P256, coordinates)
}

/// Whether x || y, big-endian, is a point of P-384.
pub(in crate::crypto) fn is_on_p384(coordinates: &[u8]) -> bool {
    is_on(&P384, coordinates)
}

fn is_on<const N: usize>(curve: &Curve<Montgomery<N>, N>, coordinates: &[u8]) -> bool {
    affine(curve, coordinates).is_some()
}

/// The point x || y, big-endian, if it is one of the curve.
pub(super) fn affine<const N: usize>(curve: &Curve<Montgomery<N>, N>, coordinates: &[u8]) -> Option<Affine<N>> {
    if coordinates.len() != 16 * N {
        return None;
    }
    // Both numbers reversed at once: y comes first then.
    let reversed: Vec<u8> = coordinates.iter().rev().copied().collect();
    let (y, x) = reversed.split_at(8 * N);
    let (x, y) = (from_le_bytes(x)?, from_le_bytes(y)?);
    let group = &curve.group;
    let field = &group.field;
    if !less(&x, field.prime()) || !less(&y, field.prime()) {
        return None;
    }
    let point = Affine { x: field.encode(&x), y: field.encode(&y) };
    group.contains(&point).then_some(point)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).expect("hex")).collect()
    }

    const P256_BASE: &str = concat!(
        "6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296",
        "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5"
    );
    const P384_BASE: &str = concat!(
        "AA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7",
        "3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F"
    );

    #[test]
    fn the_base_points_are_on_their_curves_and_their_neighbours_are_not() {
        for (base, is_on) in [(P256_BASE, is_on_p256 as fn(&[u8]) -> bool), (P384_BASE, is_on_p384)] {
            let mut bytes = point(base);
            assert!(is_on(&bytes));
            assert!(!is_on(&bytes[1..]));
            let half = bytes.len() / 2;
            assert!(!is_on(&[&bytes[half..], &bytes[..half]].concat()), "swapped");
            assert!(!is_on(&vec![0; bytes.len()]), "zeros");
            assert!(!is_on(&vec![0xFF; bytes.len()]), "beyond p");
            if let Some(last) = bytes.last_mut() {
                *last ^= 1;
            }
            assert!(!is_on(&bytes));
        }
    }
}
