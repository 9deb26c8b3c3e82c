//! What a server counts: how many, how fast, how well, by engine, stage and release. Never an image, a landmark or anything that tells one
//! face from another.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::usage::Usage;
use crate::native::source;

/// Upper bounds of a histogram's buckets, seconds: from a cached answer to the old service's objective.
const BOUNDS: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Counts of what took up to each bound.
#[derive(Clone, Default)]
struct Histogram {
    counts: [u64; BOUNDS.len()],
    count: u64,
    sum: f64,
}

impl Histogram {
    fn add(&mut self, seconds: f64) {
        let seconds = seconds.max(0.0);
        for (count, bound) in self.counts.iter_mut().zip(BOUNDS) {
            *count += u64::from(seconds <= bound);
        }
        self.count += 1;
        self.sum += seconds;
    }
}

#[derive(Default)]
struct Counts {
    /// By path and status.
    requests: BTreeMap<(&'static str, u16), u64>,
    /// By path.
    request_seconds: BTreeMap<&'static str, Histogram>,
    /// By engine and release.
    reports: BTreeMap<(String, String), u64>,
    /// By engine and code.
    fallbacks: BTreeMap<(String, String), u64>,
    /// By engine.
    engines: BTreeMap<String, Histogram>,
    /// By release and stage.
    stages: BTreeMap<(String, String), Histogram>,
    /// By code.
    errors: BTreeMap<&'static str, u64>,
    shed: u64,
    /// Thumbs up and down.
    feedback: [u64; 2],
    /// Of the analysis alone, for how long a caller has to wait.
    work: Histogram,
}

/// Everything that is counted.
#[derive(Default)]
pub struct Metrics(Mutex<Counts>);

impl Metrics {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request has been answered.
    pub fn answered(&self, path: &'static str, status: u16, seconds: f64) {
        let mut counts = self.counts();
        *counts.requests.entry((path, status)).or_default() += 1;
        counts.request_seconds.entry(path).or_default().add(seconds);
    }

    /// A report has been made.
    pub fn reported(&self, report: &Value, seconds: f64) {
        let text = |value: &Value| value.as_str().unwrap_or("none").to_string();
        let (engine, release) = (text(&report["engine"]), text(&report["release"]["name"]));
        let mut counts = self.counts();
        counts.work.add(seconds);
        for passed in report["fallbacks"].as_array().into_iter().flatten() {
            *counts.fallbacks.entry((text(&passed["engine"]), text(&passed["code"]))).or_default() += 1;
        }
        counts.engines.entry(engine.clone()).or_default().add(seconds);
        // What another server calls its stages and releases is not ours to count.
        let foreign = engine == "server";
        let release = if foreign { "none".into() } else { release };
        for (stage, ms) in report["timings"].as_object().into_iter().flatten().filter(|_| !foreign) {
            let took = ms.as_f64().unwrap_or_default() / 1000.0;
            counts.stages.entry((release.clone(), stage.clone())).or_default().add(took);
        }
        *counts.reports.entry((engine, release)).or_default() += 1;
    }

    /// A request has ended in an error.
    pub fn failed(&self, code: &'static str) {
        *self.counts().errors.entry(code).or_default() += 1;
    }

    /// A request was refused because there was no room.
    pub fn refused(&self) {
        self.counts().shed += 1;
    }

    /// Somebody liked an answer or did not.
    pub fn rated(&self, up: bool) {
        self.counts().feedback[usize::from(!up)] += 1;
    }

    /// Mean seconds of an analysis so far; `None` before the first.
    pub fn mean_work(&self) -> Option<f64> {
        let work = &self.counts().work;
        (work.count > 0).then(|| work.sum / work.count as f64)
    }

    /// All of it in the text format of Prometheus.
    pub fn text(&self, usage: &Usage, inside: usize) -> String {
        let counts = self.counts();
        let mut out = Text::default();
        out.head("shine_requests_total", "counter", "Requests answered, by path and status.");
        for ((path, status), n) in &counts.requests {
            out.line("shine_requests_total", &[("path", path), ("status", &status.to_string())], *n as f64);
        }
        out.head("shine_request_seconds", "histogram", "From a request's first byte to its answer.");
        for (path, histogram) in &counts.request_seconds {
            out.histogram("shine_request_seconds", &[("path", path)], histogram);
        }
        out.head("shine_reports_total", "counter", "Reports made, by engine and release.");
        for ((engine, release), n) in &counts.reports {
            out.line("shine_reports_total", &[("engine", engine), ("release", release)], *n as f64);
        }
        out.head("shine_fallbacks_total", "counter", "Why a better engine did not answer, by engine and code.");
        for ((engine, code), n) in &counts.fallbacks {
            out.line("shine_fallbacks_total", &[("engine", engine), ("code", code)], *n as f64);
        }
        out.head("shine_engine_seconds", "histogram", "How long a report took, by the engine that made it.");
        for (engine, histogram) in &counts.engines {
            out.histogram("shine_engine_seconds", &[("engine", engine)], histogram);
        }
        out.head("shine_stage_seconds", "histogram", "How long each stage of a report took, by release.");
        for ((release, stage), histogram) in &counts.stages {
            out.histogram("shine_stage_seconds", &[("release", release), ("stage", stage)], histogram);
        }
        out.head("shine_errors_total", "counter", "Requests that ended in an error, by code.");
        for (code, n) in &counts.errors {
            out.line("shine_errors_total", &[("code", code)], *n as f64);
        }
        out.head("shine_shed_total", "counter", "Requests refused because there was no room.");
        out.line("shine_shed_total", &[], counts.shed as f64);
        out.head("shine_inside", "gauge", "Photos that are analysed or wait.");
        out.line("shine_inside", &[], inside as f64);
        out.head("shine_feedback_total", "counter", "Answers that somebody rated.");
        for (rating, n) in ["up", "down"].into_iter().zip(counts.feedback) {
            out.line("shine_feedback_total", &[("rating", rating)], n as f64);
        }
        out.head("shine_model_files_total", "counter", "Model files loaded, from the cache or from afar.");
        for (from, n) in ["cache", "source"].into_iter().zip(source::loaded()) {
            out.line("shine_model_files_total", &[("from", from)], n as f64);
        }
        for (name, kind, help, value) in usage.all() {
            if let Some(value) = value {
                out.head(name, kind, help);
                out.line(name, &[], value);
            }
        }
        out.0
    }
}

#[derive(Default)]
struct Text(String);

impl Text {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let labels: Vec<String> = labels.iter().map(|(key, text)| format!("{key}=\"{}\"", quoted(text))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    fn histogram(&mut self, name: &str, labels: &[(&str, &str)], histogram: &Histogram) {
        let bounds = BOUNDS.iter().map(f64::to_string).chain(["+Inf".to_string()]);
        for (bound, count) in bounds.zip(histogram.counts.iter().chain([&histogram.count])) {
            let mut labels = labels.to_vec();
            labels.push(("le", &bound));
            self.line(&format!("{name}_bucket"), &labels, *count as f64);
        }
        self.line(&format!("{name}_sum"), labels, histogram.sum);
        self.line(&format!("{name}_count"), labels, histogram.count as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_was_counted_is_in_the_text() {
        let metrics = Metrics::default();
        metrics.answered("/v1/analyze", 200, 0.02);
        metrics.answered("/v1/analyze", 200, 99.0);
        metrics.failed("decode-failed");
        metrics.refused();
        metrics.rated(true);
        metrics.reported(
            &json!({ "engine": "basic", "release": null, "timings": { "skin": 30.0 },
                     "fallbacks": [{ "engine": "enhanced", "code": "model-\"fetch\\", "message": "secret" }] }),
            0.4,
        );
        let text = metrics.text(&Usage::default(), 3);
        for line in [
            "shine_requests_total{path=\"/v1/analyze\",status=\"200\"} 2",
            "shine_request_seconds_bucket{path=\"/v1/analyze\",le=\"0.01\"} 0",
            "shine_request_seconds_bucket{path=\"/v1/analyze\",le=\"0.025\"} 1",
            "shine_request_seconds_bucket{path=\"/v1/analyze\",le=\"+Inf\"} 2",
            "shine_request_seconds_count{path=\"/v1/analyze\"} 2",
            "shine_reports_total{engine=\"basic\",release=\"none\"} 1",
            "shine_fallbacks_total{engine=\"enhanced\",code=\"model-\\\"fetch\\\\\"} 1",
            "shine_stage_seconds_bucket{release=\"none\",stage=\"skin\",le=\"0.05\"} 1",
            "shine_errors_total{code=\"decode-failed\"} 1",
            "shine_shed_total 1",
            "shine_inside 3",
            "shine_feedback_total{rating=\"up\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\nis not in\n{text}");
        }
        assert!(!text.contains("secret"));
        assert_eq!(metrics.mean_work(), Some(0.4));
    }
}
