//! The allocator: memory that is there already, in front of the system's.
//!
//! What most functions need is in a room of its own: making the memory of the sandbox grow takes longer than many a
//! function. The last block of the room can grow and be given back; others stay until the sandbox is gone, which is
//! soon. A function that brings an allocator turns the feature `room` off.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, UnsafeCell};

const SIZE: usize = 32 * 1024;

#[repr(align(16))]
struct Room {
    bytes: UnsafeCell<[u8; SIZE]>,
    used: Cell<usize>,
}

// Modules for WASI preview 1 have one thread.
unsafe impl Sync for Room {}

#[global_allocator]
static ROOM: Room = Room { bytes: UnsafeCell::new([0; SIZE]), used: Cell::new(0) };

impl Room {
    fn start(&self) -> *mut u8 {
        self.bytes.get().cast()
    }

    /// Where a block is in the room, if it is.
    fn offset(&self, block: *mut u8) -> Option<usize> {
        let offset = (block as usize).wrapping_sub(self.start() as usize);
        (offset < SIZE).then_some(offset)
    }

    /// Takes from the room; None when there is too little.
    fn take(&self, layout: Layout) -> Option<*mut u8> {
        let base = self.start() as usize;
        let at = (base + self.used.get()).checked_add(layout.align() - 1)? & !(layout.align() - 1);
        let end = at.checked_add(layout.size())? - base;
        // A block without bytes at the very end would not be known as the room's.
        if end >= SIZE {
            return None;
        }
        self.used.set(end);
        Some(at as *mut u8)
    }
}

unsafe impl GlobalAlloc for Room {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match self.take(layout) {
            Some(block) => block,
            None => System.alloc(layout),
        }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        match self.offset(block) {
            None => System.dealloc(block, layout),
            Some(offset) if offset + layout.size() == self.used.get() => self.used.set(offset),
            Some(_) => {}
        }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let offset = match self.offset(block) {
            None => return System.realloc(block, layout, size),
            Some(offset) => offset,
        };
        let fits = offset.checked_add(size).map_or(false, |end| end < SIZE);
        if fits && offset + layout.size() == self.used.get() {
            self.used.set(offset + size);
            return block;
        }
        let moved = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
        if !moved.is_null() {
            moved.copy_from_nonoverlapping(block, layout.size().min(size));
        }
        moved
    }
}
