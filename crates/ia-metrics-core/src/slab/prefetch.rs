//! Telling the processor what will be read.

/// Bytes of a cache line.
const LINE: usize = 64;

/// Fetches the memory of a slice that will be read soon. Memory that other threads have written is far away, and a processor
/// does not fetch across pages by itself.
#[inline]
pub(crate) fn prefetch<T>(soon: &[T]) {
    let start = soon.as_ptr().cast::<u8>();
    for at in (0..size_of_val(soon)).step_by(LINE) {
        line(start.wrapping_add(at));
    }
}

#[cfg(all(target_arch = "x86_64", not(miri)))]
#[inline]
#[expect(unsafe_code, reason = "an instruction")]
pub(crate) fn line(address: *const u8) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: a prefetch is a hint: it changes nothing and never faults, whatever the address.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(address.cast()) };
}

#[cfg(any(not(target_arch = "x86_64"), miri))]
#[inline]
pub(crate) fn line(_: *const u8) {}
