//! Streebog in 512-bit registers: AVX-512F, BW, VBMI and GFNI.
//!
//! A block is one register. The round transformation LPS (RFC 6986 section 7) is
//!
//! * S: two `vpermi2b` look π′ up for indices below and above 128, a blend takes the one that bit 7 asks for;
//! * P: changes rows and columns; S acts on octets, so the two change places freely;
//! * L: multiplies each row by A. Cut into 8×8 parts, octet `r` of the value is the sum over `turn` of part
//!   (`r + turn`, `r`) times octet `r + turn` of the argument. `gf2p8affineqb` multiplies the eight octets of one word by
//!   one part, so the words must hold columns: word `r` gives octet `r` of all eight rows at once, eight times for
//!   the eight turns.
//!
//! The value of L so has rows and columns changed. Nothing changes them back: every block (hash, key, message, counter)
//! is kept *transposed*, and P is part of the eight `vpermb` that bring the columns of each turn into place.
//!
//! The key schedule and the rounds of the data depend on each other only once a round; they stand side by side so that
//! the processor runs both at once. One round is then a chain of about 17 cycles: xor, lookup, blend, gather, multiply,
//! sum. The message's sum Σ is a chain of additions in ordinary registers beside it.

use std::arch::x86_64::{
    __m512i, _mm_cvtsi128_si64, _mm_extract_epi64, _mm512_castsi512_si128, _mm512_extracti32x4_epi32,
    _mm512_gf2p8affine_epi64_epi8, _mm512_mask_blend_epi8, _mm512_movepi8_mask, _mm512_permutex2var_epi8,
    _mm512_permutexvar_epi8, _mm512_set_epi64, _mm512_setzero_si512, _mm512_ternarylogic_epi64, _mm512_xor_si512,
};

use super::tables::{GATHER, ITERATION_TRANSPOSED, MULTIPLY, SUBSTITUTION_WORDS, TRANSPOSITION};

/// Octets of a block.
pub(super) const BLOCK: usize = 64;

/// Proof that this processor has the instructions used here: [`Cpu::detect`] is its only maker.
#[derive(Clone, Copy)]
pub(super) struct Cpu(());

impl Cpu {
    /// Asks the processor; `None` where an instruction set is missing or the operating system does not save the
    /// registers. The standard library remembers the answer.
    pub(super) fn detect() -> Option<Self> {
        let all = std::is_x86_feature_detected!("avx512f")
            && std::is_x86_feature_detected!("avx512bw")
            && std::is_x86_feature_detected!("avx512vbmi")
            && std::is_x86_feature_detected!("gfni");
        all.then_some(Self(()))
    }
}

/// A hash between two blocks.
#[derive(Clone)]
pub(super) struct State {
    cpu: Cpu,
    /// h in transposed form.
    hash: [u64; 8],
    /// N: the bits taken in. The standard counts modulo 2^512; no message reaches 2^128.
    bits: u128,
    /// Σ: the sum of the blocks modulo 2^512, least significant word first.
    sum: [u64; 8],
}

impl State {
    /// The state before the first block; `octet` fills the initial value: 0 for 512 bits, 1 for 256.
    pub(super) fn new(cpu: Cpu, octet: u8) -> Self {
        // Rows and columns of a uniform block are the same.
        Self { cpu, hash: [u64::from_le_bytes([octet; 8]); 8], bits: 0, sum: [0; 8] }
    }

    /// Takes in whole blocks of the message.
    pub(super) fn absorb(&mut self, blocks: &[[u8; BLOCK]]) {
        let Cpu(()) = self.cpu;
        #[expect(unsafe_code, reason = "a function of an instruction set is called from one without")]
        // SAFETY: the function asks for nothing but its target features; the `Cpu` in `self` proves them.
        unsafe {
            self.absorb_blocks(blocks);
        }
    }

    /// Ends the message with its last `rest`, shorter than a block, and gives h, least significant octet first.
    pub(super) fn finish(self, rest: &[u8]) -> [u8; BLOCK] {
        let Cpu(()) = self.cpu;
        #[expect(unsafe_code, reason = "a function of an instruction set is called from one without")]
        // SAFETY: the function asks for nothing but its target features; the `Cpu` in `self` proves them.
        unsafe {
            self.finish_with(rest)
        }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,gfni")]
    fn absorb_blocks(&mut self, blocks: &[[u8; BLOCK]]) {
        let mut hash = register(&self.hash);
        for block in blocks {
            let words = words(block);
            hash = compress(hash, self.counter(), transpose(register(&words)));
            self.bits = self.bits.wrapping_add(512);
            add(&mut self.sum, &words);
        }
        self.hash = memory(hash);
    }

    /// RFC 6986 section 9.1, stage 3.
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,gfni")]
    fn finish_with(mut self, rest: &[u8]) -> [u8; BLOCK] {
        let mut padded = [0; BLOCK];
        let mut bits = 0;
        for (to, from) in padded.iter_mut().zip(rest.iter().chain(&[1])) {
            *to = *from;
            bits += 8;
        }
        let words = words(&padded);
        let mut hash = compress(register(&self.hash), self.counter(), transpose(register(&words)));
        // The octet 1 after the message was counted too.
        self.bits = self.bits.wrapping_add(bits - 8);
        add(&mut self.sum, &words);
        let none = _mm512_setzero_si512();
        hash = compress(hash, none, self.counter());
        hash = compress(hash, none, transpose(register(&self.sum)));
        let mut octets = [0; BLOCK];
        for (to, from) in octets.chunks_exact_mut(8).zip(memory(transpose(hash))) {
            to.copy_from_slice(&from.to_le_bytes());
        }
        octets
    }

    /// N, transposed.
    #[target_feature(enable = "avx512f,avx512vbmi")]
    fn counter(&self) -> __m512i {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = self.bits.to_le_bytes();
        let (low, high) = (u64::from_le_bytes([a, b, c, d, e, f, g, h]), u64::from_le_bytes([i, j, k, l, m, n, o, p]));
        transpose(register(&[low, high, 0, 0, 0, 0, 0, 0]))
    }
}

/// g of RFC 6986 section 8: h becomes E(LPS(h xor N), m) xor h xor m; all in transposed form.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,gfni")]
fn compress(hash: __m512i, counter: __m512i, message: __m512i) -> __m512i {
    let none = _mm512_setzero_si512();
    let mut key = lps(_mm512_xor_si512(hash, counter), none);
    let mut data = _mm512_xor_si512(message, key);
    for constant in &ITERATION_TRANSPOSED {
        key = lps(_mm512_xor_si512(key, register(constant)), none);
        data = lps(data, key);
    }
    xor3(data, hash, message)
}

/// LPS of a block, added to `plus`; the module's documentation tells how.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi,gfni")]
fn lps(block: __m512i, plus: __m512i) -> __m512i {
    let [first, second, third, fourth] = SUBSTITUTION_WORDS.each_ref().map(|words| register(words));
    // Both lookups read bits 0 to 6 of an octet as index.
    let below = _mm512_permutex2var_epi8(first, block, second);
    let above = _mm512_permutex2var_epi8(third, block, fourth);
    let block = _mm512_mask_blend_epi8(_mm512_movepi8_mask(block), below, above);
    let term = |turn: usize| {
        let columns = _mm512_permutexvar_epi8(register(&GATHER[turn]), block);
        _mm512_gf2p8affine_epi64_epi8::<0>(columns, register(&MULTIPLY[turn]))
    };
    let one = xor3(term(0), term(1), term(2));
    let two = xor3(term(3), term(4), term(5));
    let three = xor3(term(6), term(7), plus);
    xor3(one, two, three)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn xor3(a: __m512i, b: __m512i, c: __m512i) -> __m512i {
    /// The truth table of a xor b xor c.
    const ODD: i32 = 0b1001_0110;
    _mm512_ternarylogic_epi64::<ODD>(a, b, c)
}

/// Changes rows and columns.
#[inline]
#[target_feature(enable = "avx512f,avx512vbmi")]
fn transpose(block: __m512i) -> __m512i {
    _mm512_permutexvar_epi8(register(&TRANSPOSITION), block)
}

/// A block as 8 little-endian words.
#[inline]
fn words(block: &[u8; BLOCK]) -> [u64; 8] {
    let (words, _) = block.as_chunks();
    let mut all = [0; 8];
    for (to, from) in all.iter_mut().zip(words) {
        *to = u64::from_le_bytes(*from);
    }
    all
}

/// Words to a register; the compiler makes one load of it.
#[inline]
#[target_feature(enable = "avx512f")]
fn register(words: &[u64; 8]) -> __m512i {
    let [a, b, c, d, e, f, g, h] = words.map(u64::cast_signed);
    _mm512_set_epi64(h, g, f, e, d, c, b, a)
}

/// A register to words.
#[target_feature(enable = "avx512f")]
fn memory(register: __m512i) -> [u64; 8] {
    let pairs = [
        _mm512_castsi512_si128(register),
        _mm512_extracti32x4_epi32::<1>(register),
        _mm512_extracti32x4_epi32::<2>(register),
        _mm512_extracti32x4_epi32::<3>(register),
    ];
    let mut words = [0; 8];
    for (to, pair) in words.chunks_exact_mut(2).zip(pairs) {
        to.copy_from_slice(&[_mm_cvtsi128_si64(pair).cast_unsigned(), _mm_extract_epi64::<1>(pair).cast_unsigned()]);
    }
    words
}

/// Adds modulo 2^512.
#[inline]
fn add(sum: &mut [u64; 8], words: &[u64; 8]) {
    let mut carry = false;
    for (sum, word) in sum.iter_mut().zip(words) {
        (*sum, carry) = sum.carrying_add(*word, carry);
    }
}
