//! Octets of a list or of its index: on the heap, in pages of their own, or in a mapped file.

use std::ops::Deref;
use std::sync::Arc;

use memmap2::{Mmap, MmapMut};

/// From here on a buffer has pages of its own: they go back to the system the moment it is dropped, however
/// fragmented the heap is, and huge pages save most of the page faults that filling 50 MB costs.
const OWN_PAGES: usize = 1 << 20;

/// A run of octets.
pub(super) struct Bytes {
    place: Place,
    /// The part of the place that counts.
    start: usize,
    length: usize,
}

enum Place {
    Heap(Vec<u8>),
    Pages(MmapMut),
    File(Arc<Mmap>),
}

impl Bytes {
    /// That many zeros, to be written over.
    pub fn zeroed(length: usize) -> Self {
        let place = match (length >= OWN_PAGES).then(|| MmapMut::map_anon(length)) {
            Some(Ok(pages)) => {
                // Without huge pages it is slower, not wrong.
                #[cfg(target_os = "linux")]
                let _ = pages.advise(memmap2::Advice::HugePage);
                Place::Pages(pages)
            }
            _ => Place::Heap(vec![0; length]),
        };
        Self { place, start: 0, length }
    }

    /// A part of a mapped file; `None` when the file has no such part.
    pub fn mapped(file: &Arc<Mmap>, start: usize, length: usize) -> Option<Self> {
        file.get(start..start.checked_add(length)?)?;
        Some(Self { place: Place::File(Arc::clone(file)), start, length })
    }

    /// To write into; `None` in a mapped file, which nobody writes.
    pub fn as_mut(&mut self) -> Option<&mut [u8]> {
        let whole = match &mut self.place {
            Place::Heap(octets) => octets.as_mut_slice(),
            Place::Pages(pages) => &mut pages[..],
            Place::File(_) => return None,
        };
        whole.get_mut(self.start..self.start + self.length)
    }

    /// Keeps the first octets only.
    pub fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length);
    }

    /// Whether they lie in a mapped file, which takes no memory of the process that the system could not use better.
    pub fn is_mapped(&self) -> bool {
        matches!(self.place, Place::File(_))
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        let whole = match &self.place {
            Place::Heap(octets) => octets,
            Place::Pages(pages) => &pages[..],
            Place::File(map) => &map[..],
        };
        whole.get(self.start..self.start + self.length).unwrap_or_default()
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(octets: Vec<u8>) -> Self {
        Self { start: 0, length: octets.len(), place: Place::Heap(octets) }
    }
}

impl std::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bytes({})", self.length)
    }
}
