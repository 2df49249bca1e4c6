//! Invented IINs and BINs that nobody can have, with a correct check digit.
//!
//! An IIN here belongs to the nineteenth century (seventh digit 1 or 2): no living person has one. A BIN here was
//! registered in the sixties (first digits 60 to 69): before the Republic, or after the demo certificates lapse.

/// An IIN: born on `yymmdd` of the 1800s, seventh digit 1 (male) or 2 (female). Where an ordinal has no check digit
/// (one in eleven of them), the next one that has is taken.
///
/// # Panics
/// If `yymmdd` is not six digits or the ordinals run out.
pub fn iin(yymmdd: &str, female: bool, ordinal: u16) -> String {
    let century_and_sex = if female { 2 } else { 1 };
    complete(ordinal, |ordinal| format!("{yymmdd}{century_and_sex}{ordinal:04}"))
}

/// A BIN of a resident legal entity (fifth digit 4), head office (sixth digit 0), registered in `yymm` of the sixties.
///
/// # Panics
/// If `yymm` is not four digits of the sixties or the ordinals run out.
pub fn bin(yymm: &str, ordinal: u16) -> String {
    assert!(yymm.starts_with('6'), "invented BINs are registered in the sixties");
    complete(ordinal, |ordinal| format!("{yymm}40{ordinal:05}"))
}

/// The check digit of the first eleven digits; `None` when both rounds of weights leave 10 and the number is unusable.
///
/// # Panics
/// If the text is not eleven digits.
pub fn check_digit(eleven: &str) -> Option<u32> {
    let digits: Vec<u32> = eleven.chars().map(|digit| digit.to_digit(10).expect("digits")).collect();
    assert_eq!(digits.len(), 11, "eleven digits");
    let round = |first_weight: u32| -> u32 {
        let weights = (0..11).map(|index| (first_weight - 1 + index) % 11 + 1);
        digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum::<u32>() % 11
    };
    [round(1), round(3)].into_iter().find(|&remainder| remainder != 10)
}

fn complete(ordinal: u16, eleven: impl Fn(u16) -> String) -> String {
    (ordinal..9999)
        .find_map(|ordinal| {
            let eleven = eleven(ordinal);
            check_digit(&eleven).map(|check| format!("{eleven}{check}"))
        })
        .expect("an ordinal with a check digit")
}
