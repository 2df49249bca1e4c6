//! Canonical XML against itself: a canonical form is its own canonical form.

use rastau::xmldsig::fuzzing::canonical_form;

/// Methods there are: three, each with and without comments.
const METHODS: u8 = 6;

/// The first octet says which element; the rest is the document.
pub fn canonical(data: &[u8]) {
    let Some((&element, document)) = data.split_first() else { return };
    for which in 0..METHODS {
        for element in [None, Some(usize::from(element))] {
            let Some(form) = canonical_form(document, element, which) else { continue };
            let again = canonical_form(&form, None, which);
            assert_eq!(again.as_deref(), Some(form.as_slice()), "the canonical form of a canonical form is itself");
        }
    }
}
