#![no_main]
//! The targets of the group «documents»: see `rastau_fuzz::documents`.

use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_target!(init: rastau_fuzz::choose(rastau_fuzz::documents::TARGETS), |data: &[u8]| rastau_fuzz::run(data));
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    rastau_fuzz::mutate::mutate(data, size, max_size, seed)
});
