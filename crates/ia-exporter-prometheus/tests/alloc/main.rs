//! What allocates nothing. A binary of its own, as the allocator is everybody's.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;

use ia_exporter_prometheus::{
    CounterDesc, GaugeDesc, HistogramDesc, Page, PrometheusExporter, Registry,
};

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

struct Counting;

#[expect(unsafe_code, reason = "an allocator")]
// SAFETY: it is the system's, and counts.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: as the caller's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller's.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn a_page_that_is_written_again_allocates_nothing() {
    const PAGES: CounterDesc<2> = CounterDesc::new(
        "pages_parsed_by_the_workers_total",
        "Pages parsed.",
        ["format", "worker"],
    );
    const ACTIVE: GaugeDesc<0> = GaugeDesc::new("active", "", []);
    const PARSING: HistogramDesc<1, Duration> =
        HistogramDesc::seconds("parsing_seconds", "Time to parse.", ["format"]);

    let registry = Registry::new();
    let pages = registry.counter(&PAGES);
    for worker in 0..1_500 {
        pages.with(["pdf", &worker.to_string()]).add(worker);
    }
    registry.gauge(&ACTIVE).get().set(2);
    let parsing = registry.histogram(&PARSING).with(["pdf"]);
    let (exporter, mut page) = (PrometheusExporter::new(), Page::new());
    for _ in 0..3 {
        parsing.observe(Duration::from_millis(3));
        exporter.write_page(&registry, &mut page);
    }

    parsing.observe(Duration::from_millis(3));
    let before = ALLOCATIONS.get();
    exporter.write_page(&registry, &mut page);
    assert_eq!(ALLOCATIONS.get() - before, 0);
    let lines = page.split(|byte| *byte == b'\n').count() - 1;
    assert_eq!(lines, 1_500 + 2 + 1 + 1 + 2 + 12 + 2);
}
