//! Linux: `/proc/self`, read into a buffer on the stack.

use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::time::Duration;

use rustix::fs::{Mode, OFlags, RawDir, open, stat};
use rustix::io::read;
use rustix::param::{clock_ticks_per_second, page_size};
use rustix::time::{ClockId, clock_gettime};

use super::sample::Sample;
use super::unix;

const STAT: &CStr = c"/proc/self/stat";
const FDS: &CStr = c"/proc/self/fd";

/// Where the figures come from.
#[derive(Debug)]
pub(super) struct Source {
    /// It does not change, and taking it again would let it follow corrections of the clock.
    start_time: Option<f64>,
}

impl Source {
    pub(super) fn new() -> Self {
        Self { start_time: read_stat().and_then(|stat| start_time(stat.start_ticks)) }
    }

    pub(super) fn sample(&self) -> Sample {
        let stat = read_stat();
        Sample {
            cpu: unix::cpu(),
            open_fds: open_fds(),
            max_fds: Some(unix::max_fds()),
            virtual_memory: stat.map(|stat| stat.virtual_bytes),
            virtual_memory_max: Some(unix::virtual_memory_max()),
            resident_memory: stat.map(|stat| stat.resident_pages * page_size() as u64),
            start_time: self.start_time,
            threads: stat.map(|stat| stat.threads),
        }
    }
}

/// What of `/proc/self/stat` is of interest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stat {
    threads: u64,
    /// When the process started, in clock ticks since the machine did.
    start_ticks: u64,
    virtual_bytes: u64,
    resident_pages: u64,
}

impl Stat {
    /// Source: `proc_pid_stat(5)`, whose numbers of fields these are.
    fn parse(text: &[u8]) -> Option<Self> {
        // The second field is the program's name in parentheses, and may hold spaces and parentheses itself.
        let end_of_name = text.iter().rposition(|byte| *byte == b')')?;
        let mut fields = text.get(end_of_name + 1..)?.split(u8::is_ascii_whitespace).skip(1);
        let mut at = 3;
        let mut field = |number: usize| {
            let field = fields.nth(number - at)?;
            at = number + 1;
            std::str::from_utf8(field).ok()?.parse().ok()
        };
        Some(Self {
            threads: field(20)?,
            start_ticks: field(22)?,
            virtual_bytes: field(23)?,
            resident_pages: field(24)?,
        })
    }
}

fn read_stat() -> Option<Stat> {
    // 52 fields of at most 20 digits, and a name of at most 64 bytes.
    let mut buffer = [0; 1_280];
    let file = open(STAT, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).ok()?;
    let length = read(&file, &mut buffer).ok()?;
    Stat::parse(buffer.get(..length)?)
}

/// The moment that lies so many ticks after the start of the machine, in seconds since the Unix epoch.
fn start_time(ticks: u64) -> Option<f64> {
    let since_boot = Duration::from_secs_f64(ticks as f64 / clock_ticks_per_second() as f64);
    let uptime = unix::duration(clock_gettime(ClockId::Boottime))?;
    let now = unix::duration(clock_gettime(ClockId::Realtime))?;
    Some((now + since_boot).checked_sub(uptime)?.as_secs_f64())
}

fn open_fds() -> Option<u64> {
    // Since Linux 6.2 the size of the directory is the number of its entries; before, it is 0. That takes no descriptor,
    // so it also works when there are none left.
    let size = stat(FDS).ok().and_then(|stat| u64::try_from(stat.st_size).ok());
    size.filter(|size| *size > 0).or_else(count_fds)
}

/// Counts the entries, without the one of the directory that is read, `.` and `..`.
fn count_fds() -> Option<u64> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let mut buffer = [MaybeUninit::uninit(); 4_096];
    let mut entries = RawDir::new(open(FDS, flags, Mode::empty()).ok()?, &mut buffer);
    let mut count: u64 = 0;
    while let Some(entry) = entries.next() {
        let name = entry.ok()?;
        count += u64::from(!name.file_name().to_bytes().starts_with(b"."));
    }
    count.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::{Stat, count_fds, open_fds};

    #[test]
    fn a_name_with_spaces_and_parentheses_shifts_no_field() {
        let text = b"42 (a) b (c)) S 1 42 42 0 -1 4194560 100 0 0 0 7 3 0 0 20 0 11 0 8972 1581056 209 18446744073709551615";
        let stat =
            Stat { threads: 11, start_ticks: 8972, virtual_bytes: 1_581_056, resident_pages: 209 };
        assert_eq!(Stat::parse(text), Some(stat));
    }

    #[test]
    fn a_text_that_ends_early_is_no_reading() {
        assert_eq!(Stat::parse(b"42 (name) S 1 42"), None);
        assert_eq!(Stat::parse(b""), None);
    }

    #[test]
    fn both_ways_of_counting_descriptors_agree() {
        // Other tests of this binary open none.
        assert_eq!(open_fds(), count_fds());
    }
}
