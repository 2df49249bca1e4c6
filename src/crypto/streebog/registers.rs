//! Messages in parts over [`avx512`](super::avx512), which knows whole blocks only.

use super::avx512::{BLOCK, Cpu, State};

/// A hash being computed.
#[derive(Clone)]
pub(super) struct Hasher {
    state: State,
    /// The start of a block not yet complete; what stands beyond `filled` is of no meaning.
    block: [u8; BLOCK],
    /// Less than [`BLOCK`].
    filled: usize,
}

impl Hasher {
    /// Starts a hash; `initial` fills the initial value.
    pub(super) fn new(cpu: Cpu, initial: u8) -> Self {
        Self { state: State::new(cpu, initial), block: [0; BLOCK], filled: 0 }
    }

    /// Takes in the next part of the message.
    pub(super) fn update(&mut self, part: &[u8]) {
        let mut part = part;
        if self.filled > 0 {
            part = self.fill(part);
            if self.filled < BLOCK {
                return;
            }
            self.state.absorb(&[self.block]);
            self.filled = 0;
        }
        let (blocks, rest) = part.as_chunks();
        if !blocks.is_empty() {
            self.state.absorb(blocks);
        }
        self.fill(rest);
    }

    /// Copies what still has room into the block; gives what does not.
    fn fill<'part>(&mut self, part: &'part [u8]) -> &'part [u8] {
        let room = &mut self.block[self.filled..];
        let (taken, rest) = part.split_at(part.len().min(room.len()));
        room[..taken.len()].copy_from_slice(taken);
        self.filled += taken.len();
        rest
    }

    /// Ends the message and gives its digest, the upper end of the 512 bits.
    pub(super) fn finish<const OCTETS: usize>(self) -> [u8; OCTETS] {
        const { assert!(OCTETS <= BLOCK, "no more than the hash has") }
        let hash = self.state.finish(&self.block[..self.filled]);
        let mut digest = [0; OCTETS];
        digest.copy_from_slice(&hash[BLOCK - OCTETS..]);
        digest
    }
}
