//! The numbers of every curve: GOST R 34.10-2012 (RFC 7836 appendix A), `CryptoPro` (RFC 4357 section 11.4), and the
//! NIST curves, which need no more here than their equation.

use std::sync::LazyLock;

use super::curve::{Curve, Parameters};
use super::field::{Montgomery, PseudoMersenne};
use super::limbs::hex;

/// p = 2^512 - 569 (parameter sets A and C).
pub(super) type Field512 = PseudoMersenne<8, 569>;
/// p = 2^256 - 617 (`CryptoPro` A and the tc26 256-bit set A).
pub(super) type Field256 = PseudoMersenne<4, 617>;

/// id-tc26-gost-3410-12-512-paramSetA
pub(super) static TC26_512_A: LazyLock<Curve<Field512, 8>> =
    LazyLock::new(|| Curve::new(PseudoMersenne::new(), &TC26_512_A_NUMBERS));

/// The numbers of the set that every Kazakh certificate since 2022 uses.
pub(super) const TC26_512_A_NUMBERS: Parameters<8> = Parameters {
    a: hex(concat!(
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFDC4"
    )),
    b: hex(concat!(
        "E8C2505DEDFC86DDC1BD0B2B6667F1DA34B82574761CB0E879BD081CFD0B6265",
        "EE3CB090F30D27614CB4574010DA90DD862EF9D4EBEE4761503190785A71C760"
    )),
    q: hex(concat!(
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
        "27E69532F48D89116FF22B8D4E0560609B4B38ABFAD2B85DCACDB1411F10B275"
    )),
    x: hex("3"),
    y: hex(concat!(
        "7503CFE87A836AE3A61B8816E25450E6CE5E1C93ACF1ABC1778064FDCBEFA921",
        "DF1626BE4FD036E93D75E6A50E3A41E98028FE5FC235F5B889A589CB5215F2A4"
    )),
    cofactor: 1,
};

/// id-tc26-gost-3410-12-512-paramSetB
pub(super) static TC26_512_B: LazyLock<Curve<Montgomery<8>, 8>> = LazyLock::new(|| {
    Curve::new(
        Montgomery::new(&hex(concat!(
            "8000000000000000000000000000000000000000000000000000000000000000",
            "000000000000000000000000000000000000000000000000000000000000006F"
        ))),
        &Parameters {
            a: hex(concat!(
                "8000000000000000000000000000000000000000000000000000000000000000",
                "000000000000000000000000000000000000000000000000000000000000006C"
            )),
            b: hex(concat!(
                "687D1B459DC841457E3E06CF6F5E2517B97C7D614AF138BCBF85DC806C4B289F",
                "3E965D2DB1416D217F8B276FAD1AB69C50F78BEE1FA3106EFB8CCBC7C5140116"
            )),
            q: hex(concat!(
                "8000000000000000000000000000000000000000000000000000000000000001",
                "49A1EC142565A545ACFDB77BD9D40CFA8B996712101BEA0EC6346C54374F25BD"
            )),
            x: hex("2"),
            y: hex(concat!(
                "1A8F7EDA389B094C2C071E3647A8940F3C123B697578C213BE6DD9E6C8EC7335",
                "DCB228FD1EDF4A39152CBCAAF8C0398828041055F94CEEEC7E21340780FE41BD"
            )),
            cofactor: 1,
        },
    )
});

/// id-tc26-gost-3410-2012-512-paramSetC, in Weierstrass form (a twisted Edwards curve)
pub(super) static TC26_512_C: LazyLock<Curve<Field512, 8>> = LazyLock::new(|| {
    Curve::new(
        PseudoMersenne::new(),
        &Parameters {
            a: hex(concat!(
                "DC9203E514A721875485A529D2C722FB187BC8980EB866644DE41C68E1430645",
                "46E861C0E2C9EDD92ADE71F46FCF50FF2AD97F951FDA9F2A2EB6546F39689BD3"
            )),
            b: hex(concat!(
                "B4C4EE28CEBC6C2C8AC12952CF37F16AC7EFB6A9F69F4B57FFDA2E4F0DE5ADE0",
                "38CBC2FFF719D2C18DE0284B8BFEF3B52B8CC7A5F5BF0A3C8D2319A5312557E1"
            )),
            q: hex(concat!(
                "3FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
                "C98CDBA46506AB004C33A9FF5147502CC8EDA9E7A769A12694623CEF47F023ED"
            )),
            x: hex(concat!(
                "E2E31EDFC23DE7BDEBE241CE593EF5DE2295B7A9CBAEF021D385F7074CEA043A",
                "A27272A7AE602BF2A7B9033DB9ED3610C6FB85487EAE97AAC5BC7928C1950148"
            )),
            y: hex(concat!(
                "F5CE40D95B5EB899ABBCCFF5911CB8577939804D6527378B8C108C3D2090FF9B",
                "E18E2D33E3021ED2EF32D85822423B6304F726AA854BAE07D0396E9A9ADDC40F"
            )),
            cofactor: 4,
        },
    )
});

/// id-tc26-gost-3410-2012-256-paramSetA, in Weierstrass form (a twisted Edwards curve)
pub(super) static TC26_256_A: LazyLock<Curve<Field256, 4>> = LazyLock::new(|| {
    Curve::new(
        PseudoMersenne::new(),
        &Parameters {
            a: hex("C2173F1513981673AF4892C23035A27CE25E2013BF95AA33B22C656F277E7335"),
            b: hex("295F9BAE7428ED9CCC20E7C359A9D41A22FCCD9108E17BF7BA9337A6F8AE9513"),
            q: hex("400000000000000000000000000000000FD8CDDFC87B6635C115AF556C360C67"),
            x: hex("91E38443A5E82C0D880923425712B2BB658B9196932E02C78B2582FE742DAA28"),
            y: hex("32879423AB1A0375895786C4BB46E9565FDE0B5344766740AF268ADB32322E5C"),
            cofactor: 4,
        },
    )
});

/// id-GostR3410-2001-CryptoPro-A-ParamSet
pub(super) static CRYPTO_PRO_A: LazyLock<Curve<Field256, 4>> = LazyLock::new(|| {
    Curve::new(
        PseudoMersenne::new(),
        &Parameters {
            a: hex("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFD94"),
            b: hex("A6"),
            q: hex("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF6C611070995AD10045841B09B761B893"),
            x: hex("1"),
            y: hex("8D91E471E0989CDA27DF505A453F2B7635294F2DDF23E3B122ACC99C9E9F1E14"),
            cofactor: 1,
        },
    )
});

/// id-GostR3410-2001-CryptoPro-B-ParamSet
pub(super) static CRYPTO_PRO_B: LazyLock<Curve<Montgomery<4>, 4>> = LazyLock::new(|| {
    Curve::new(
        Montgomery::new(&hex("8000000000000000000000000000000000000000000000000000000000000C99")),
        &Parameters {
            a: hex("8000000000000000000000000000000000000000000000000000000000000C96"),
            b: hex("3E1AF419A269A5F866A7D3C25C3DF80AE979259373FF2B182F49D4CE7E1BBC8B"),
            q: hex("800000000000000000000000000000015F700CFFF1A624E5E497161BCC8A198F"),
            x: hex("1"),
            y: hex("3FA8124359F96680B83D1C3EB2C070E5C545C9858D03ECFB744BF8D717717EFC"),
            cofactor: 1,
        },
    )
});

/// id-GostR3410-2001-CryptoPro-C-ParamSet
pub(super) static CRYPTO_PRO_C: LazyLock<Curve<Montgomery<4>, 4>> = LazyLock::new(|| {
    Curve::new(
        Montgomery::new(&hex("9B9F605F5A858107AB1EC85E6B41C8AACF846E86789051D37998F7B9022D759B")),
        &Parameters {
            a: hex("9B9F605F5A858107AB1EC85E6B41C8AACF846E86789051D37998F7B9022D7598"),
            b: hex("805A"),
            q: hex("9B9F605F5A858107AB1EC85E6B41C8AA582CA3511EDDFB74F02F3A6598980BB9"),
            x: hex("0"),
            y: hex("41ECE55743711A8C3CBF3783CD08C0EE4D4DC440D4641A8F366E550DFDB3BB67"),
            cofactor: 1,
        },
    )
});
