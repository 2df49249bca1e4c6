//! Streebog (GOST R 34.11-2012, RFC 6986), 256 and 512 bits.
//!
//! Where the processor has AVX-512 with VBMI and GFNI, asked once at run time, blocks are hashed in its registers
//! (`avx512`, tables of the standard in `tables`); everywhere else by `RustCrypto`'s crate. Lists of half a million
//! entries are why: hashing is nearly all of what verifying one costs. Both give the same digest; a test compares them
//! on many messages. The text hashed is public, so nothing here hides time or erases memory.

use streebog::digest::{Digest, Output};

#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod registers;
#[cfg(target_arch = "x86_64")]
mod tables;
#[cfg(test)]
mod tests;

/// Streebog with 512 bits.
#[derive(Clone)]
pub(crate) struct Streebog512(Engine<streebog::Streebog512>);

impl Streebog512 {
    /// Starts a hash.
    pub(crate) fn new() -> Self {
        Self(Engine::new(0))
    }

    /// Takes in the next part of the message.
    pub(crate) fn update(&mut self, part: &[u8]) {
        self.0.update(part);
    }

    /// Ends the message and gives its digest, in the order of memory.
    pub(crate) fn finish(self) -> [u8; 64] {
        self.0.finish()
    }
}

/// Streebog with 256 bits.
#[derive(Clone)]
pub(crate) struct Streebog256(Engine<streebog::Streebog256>);

impl Streebog256 {
    /// Starts a hash.
    pub(crate) fn new() -> Self {
        Self(Engine::new(1))
    }

    /// Takes in the next part of the message.
    pub(crate) fn update(&mut self, part: &[u8]) {
        self.0.update(part);
    }

    /// Ends the message and gives its digest, in the order of memory: the upper half of the 512 bits.
    pub(crate) fn finish(self) -> [u8; 32] {
        self.0.finish()
    }
}

/// Who hashes: our code for this processor, or the crate.
#[derive(Clone)]
#[cfg_attr(
    target_arch = "x86_64",
    expect(clippy::large_enum_variant, reason = "both are about as large, and a hash is short-lived")
)]
enum Engine<Portable> {
    Portable(Portable),
    #[cfg(target_arch = "x86_64")]
    Registers(registers::Hasher),
}

impl<Portable: Digest> Engine<Portable> {
    /// `initial` fills the initial value of the hash.
    #[cfg_attr(not(target_arch = "x86_64"), expect(unused_variables, reason = "the crate knows it"))]
    fn new(initial: u8) -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(cpu) = avx512::Cpu::detect() {
            return Self::Registers(registers::Hasher::new(cpu, initial));
        }
        Self::Portable(Portable::new())
    }

    fn update(&mut self, part: &[u8]) {
        match self {
            Self::Portable(hasher) => hasher.update(part),
            #[cfg(target_arch = "x86_64")]
            Self::Registers(hasher) => hasher.update(part),
        }
    }

    fn finish<const OCTETS: usize>(self) -> [u8; OCTETS]
    where
        Output<Portable>: Into<[u8; OCTETS]>,
    {
        match self {
            Self::Portable(hasher) => hasher.finalize().into(),
            #[cfg(target_arch = "x86_64")]
            Self::Registers(hasher) => hasher.finish(),
        }
    }
}
