//! The heap, which counts what it gives out; and how deep the stack has been.

use core::alloc::{GlobalAlloc, Layout};
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicUsize, Ordering};

use embedded_alloc::LlffHeap;

/// Bytes of the heap.
pub const BYTES: usize = 48 << 10;

/// What cortex-m-rt paints the stack with before `main` (its feature `paint-stack`).
const PAINT: u32 = 0xcccc_cccc;

#[global_allocator]
static HEAP: Counted = Counted { heap: LlffHeap::empty(), held: AtomicUsize::new(0), peak: AtomicUsize::new(0) };

struct Counted {
    heap: LlffHeap,
    held: AtomicUsize,
    peak: AtomicUsize,
}

// SAFETY: allocates by the heap alone.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = self.held.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        self.peak.fetch_max(held, Ordering::Relaxed);
        // SAFETY: the caller's contract is the heap's.
        unsafe { self.heap.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        self.held.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: what was allocated above came from the heap.
        unsafe { self.heap.dealloc(pointer, layout) }
    }
}

/// Gives the heap its memory; once, before anything is allocated.
pub fn init() {
    static mut MEMORY: [MaybeUninit<u8>; BYTES] = [MaybeUninit::uninit(); BYTES];
    // SAFETY: nobody else names MEMORY, and this program calls init once.
    unsafe { HEAP.heap.init(&raw mut MEMORY as usize, BYTES) }
}

/// Bytes that are allocated now.
pub fn held() -> usize {
    HEAP.held.load(Ordering::Relaxed)
}

/// The most bytes that were allocated at once.
pub fn peak() -> usize {
    HEAP.peak.load(Ordering::Relaxed)
}

/// The most bytes that the stack has had.
pub fn stack_peak() -> usize {
    unsafe extern "C" {
        static _stack_end: u32;
        static _stack_start: u32;
    }
    let (end, start) = (&raw const _stack_end, &raw const _stack_start);
    let mut at = end;
    // SAFETY: the linker script puts the stack, and nothing else, between the two.
    while at < start && unsafe { at.read_volatile() } == PAINT {
        at = at.wrapping_add(1);
    }
    start as usize - at as usize
}

/// Bytes of flash that the program takes, and of RAM that it takes whatever it does: statics, the heap among them.
pub fn program() -> (usize, usize) {
    unsafe extern "C" {
        static __sdata: u8;
        static __edata: u8;
        static __sidata: u8;
        static __sheap: u8;
    }
    let (data, end, image) = (&raw const __sdata as usize, &raw const __edata as usize, &raw const __sidata as usize);
    // Flash begins at 0 with the vector table, and ends with the image of the statics.
    (image + (end - data), &raw const __sheap as usize - 0x2000_0000)
}
