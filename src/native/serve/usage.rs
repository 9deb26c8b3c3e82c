//! What this process uses of its machine, where the system tells (Linux's /proc).

use std::path::Path;

/// Processor, memory, files and disk; `None` where it is not known.
#[derive(Clone, Debug, Default)]
pub struct Usage {
    cpu_seconds: Option<f64>,
    resident_bytes: Option<f64>,
    open_files: Option<f64>,
    disk_free_bytes: Option<f64>,
}

impl Usage {
    /// Other systems have no such place.
    #[cfg(not(target_os = "linux"))]
    pub fn now(_: &Path) -> Usage {
        Usage::default()
    }

    /// As it is now; the disk is that of a directory.
    #[cfg(target_os = "linux")]
    pub fn now(directory: &Path) -> Usage {
        let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
        // The name of the process, in brackets, may hold anything.
        let fields: Vec<&str> = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_ascii_whitespace().collect();
        let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
        let memory = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
        let pages = memory.split_ascii_whitespace().nth(1).and_then(|pages| pages.parse::<f64>().ok());
        let disk = rustix::fs::statvfs(directory).ok();
        Usage {
            // User and system time are the 14th and 15th of all; two stand before the bracket's end.
            cpu_seconds: ticks(11)
                .zip(ticks(12))
                .map(|(user, system)| (user + system) / rustix::param::clock_ticks_per_second() as f64),
            resident_bytes: pages.map(|pages| pages * rustix::param::page_size() as f64),
            open_files: std::fs::read_dir("/proc/self/fd").ok().map(|files| files.count() as f64),
            disk_free_bytes: disk.map(|disk| disk.f_bavail as f64 * disk.f_frsize as f64),
        }
    }

    /// Name, kind, help and value of each, by the names that Prometheus' own clients give them.
    pub fn all(&self) -> [(&'static str, &'static str, &'static str, Option<f64>); 4] {
        [
            ("process_cpu_seconds_total", "counter", "Time of the processor.", self.cpu_seconds),
            ("process_resident_memory_bytes", "gauge", "Memory in use.", self.resident_bytes),
            ("process_open_fds", "gauge", "Open files and connections.", self.open_files),
            ("shine_disk_free_bytes", "gauge", "Room left where models are kept.", self.disk_free_bytes),
        ]
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_works_uses_more() {
        let now = || Usage::now(Path::new("."));
        let begun = now();
        // Beside this test others give memory back.
        let rises = (0..10).any(|_| {
            let before = now();
            let block = vec![1u8; 64 << 20];
            let after = now();
            std::hint::black_box(block);
            after.resident_bytes.unwrap() - before.resident_bytes.unwrap() > 32e6
        });
        assert!(rises);
        let after = now();
        assert!(after.cpu_seconds >= begun.cpu_seconds && after.cpu_seconds.unwrap() < 1e5);
        assert!(after.open_files.unwrap() >= 3.0 && after.disk_free_bytes.unwrap() > 0.0);
    }
}
