//! A strict reader of the text format 0.0.4, written from its description and knowing nothing of the encoder.
//!
//! It refuses more than Prometheus does: duplicate series, histograms that do not add up, families in pieces.

use std::collections::{BTreeMap, BTreeSet};

/// The labels of one sample, in order.
pub(crate) type Labels = Vec<(String, String)>;

/// One metric.
#[derive(Debug, Default)]
pub(crate) struct Family {
    pub(crate) name: String,
    pub(crate) help: Option<String>,
    pub(crate) kind: String,
    pub(crate) samples: Vec<Sample>,
}

/// One line with a value.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) labels: Labels,
    /// As it is written.
    pub(crate) text: String,
    pub(crate) value: f64,
}

impl Sample {
    pub(crate) fn label(&self, name: &str) -> Option<&str> {
        self.labels.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The labels but for one.
    pub(crate) fn labels_without(&self, name: &str) -> Labels {
        self.labels.iter().filter(|(own, _)| own != name).cloned().collect()
    }
}

/// Reads the whole text, or says which line is wrong.
pub(crate) fn parse(text: &str) -> Result<Vec<Family>, String> {
    let mut families: Vec<Family> = Vec::new();
    let mut help = None;
    if !text.is_empty() && !text.ends_with('\n') {
        return Err("the last line does not end".to_owned());
    }
    for line in text.split_terminator('\n') {
        let wrong = |what: &str| format!("{what}: {line:?}");
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, text) = rest.split_once(' ').ok_or_else(|| wrong("no help text"))?;
            if help.replace((name.to_owned(), unescape(text, false)?)).is_some() {
                return Err(wrong("two helps in a row"));
            }
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').ok_or_else(|| wrong("no type"))?;
            check_name(name, true)?;
            if !["counter", "gauge", "histogram", "summary"].contains(&kind) {
                return Err(wrong("unknown type"));
            }
            if families.iter().any(|family| family.name == name) {
                return Err(wrong("a family in two pieces"));
            }
            let help = match help.take() {
                Some((helped, _)) if helped != name => return Err(wrong("help of another family")),
                help => help.map(|(_, text)| text),
            };
            let (name, kind) = (name.to_owned(), kind.to_owned());
            families.push(Family { name, help, kind, samples: Vec::new() });
        } else {
            let family = families.last_mut().ok_or_else(|| wrong("a sample before any type"))?;
            if help.is_some() {
                return Err(wrong("a help without a type"));
            }
            family.samples.push(sample(line).map_err(|error| wrong(&error))?);
        }
    }
    families.iter().try_for_each(check_family)?;
    Ok(families)
}

fn sample(line: &str) -> Result<Sample, String> {
    let name_end = line.find(['{', ' ']).ok_or("no value")?;
    let (name, mut rest) = line.split_at(name_end);
    check_name(name, true)?;
    let mut labels = Labels::new();
    if let Some(mut inside) = rest.strip_prefix('{') {
        loop {
            let (label, after) = inside.split_once("=\"").ok_or("no label value")?;
            check_name(label, false)?;
            let end = closing_quote(after).ok_or("an open quote")?;
            if labels.iter().any(|(known, _)| known == label) {
                return Err(format!("label {label} twice"));
            }
            labels.push((label.to_owned(), unescape(&after[..end], true)?));
            inside = &after[end + 1..];
            if let Some(after) = inside.strip_prefix('}') {
                rest = after;
                break;
            }
            inside = inside.strip_prefix(',').ok_or("no comma between labels")?;
        }
    }
    let text = rest.strip_prefix(' ').ok_or("no space before the value")?;
    Ok(Sample { name: name.to_owned(), labels, text: text.to_owned(), value: number(text)? })
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })
}

fn unescape(text: &str, quoted: bool) -> Result<String, String> {
    let mut plain = String::new();
    let mut rest = text.chars();
    while let Some(next) = rest.next() {
        if next != '\\' {
            plain.push(next);
            continue;
        }
        plain.push(match rest.next() {
            Some('\\') => '\\',
            Some('n') => '\n',
            Some('"') if quoted => '"',
            other => return Err(format!("no such escape: {other:?}")),
        });
    }
    Ok(plain)
}

fn check_name(name: &str, colons: bool) -> Result<(), String> {
    let legal = |(at, byte): (usize, u8)| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'_' => true,
        b'0'..=b'9' => at > 0,
        _ => byte == b':' && colons,
    };
    let valid = !name.is_empty() && name.bytes().enumerate().all(legal);
    if valid { Ok(()) } else { Err(format!("no name: {name:?}")) }
}

/// A number as Go's `ParseFloat` takes it, in the spellings that exporters use.
fn number(text: &str) -> Result<f64, String> {
    match text {
        "NaN" => Ok(f64::NAN),
        "+Inf" => Ok(f64::INFINITY),
        "-Inf" => Ok(f64::NEG_INFINITY),
        _ if text.bytes().all(|byte| b"+-.e0123456789".contains(&byte)) => {
            text.parse().map_err(|_| format!("no number: {text:?}"))
        }
        _ => Err(format!("no number: {text:?}")),
    }
}

fn check_family(family: &Family) -> Result<(), String> {
    let name = &family.name;
    if family.samples.is_empty() {
        return Err(format!("{name} has no samples"));
    }
    let suffixes: &[&str] = match family.kind.as_str() {
        "histogram" => &["_bucket", "_sum", "_count"],
        "summary" => &["", "_sum", "_count"],
        _ => &[""],
    };
    let mut seen = BTreeSet::new();
    for sample in &family.samples {
        let suffix = sample.name.strip_prefix(name.as_str());
        if !suffix.is_some_and(|suffix| suffixes.contains(&suffix)) {
            return Err(format!("{} within {name}", sample.name));
        }
        let mut labels = sample.labels.clone();
        labels.sort();
        if !seen.insert((&sample.name, labels)) {
            return Err(format!("a series twice: {sample:?}"));
        }
        let own = match (family.kind.as_str(), suffix) {
            ("histogram", Some("_bucket")) => sample.label("le").is_some(),
            ("summary", Some("")) => sample.label("quantile").is_some(),
            _ => true,
        };
        if !own {
            return Err(format!("no `le` or `quantile`: {sample:?}"));
        }
    }
    if family.kind == "histogram" { check_histogram(family) } else { Ok(()) }
}

fn check_histogram(family: &Family) -> Result<(), String> {
    let name = &family.name;
    let mut series: BTreeMap<Labels, Vec<(f64, f64)>> = BTreeMap::new();
    for bucket in family.samples.iter().filter(|sample| sample.name.ends_with("_bucket")) {
        let bound = number(bucket.label("le").unwrap_or_default())?;
        series.entry(bucket.labels_without("le")).or_default().push((bound, bucket.value));
    }
    for (labels, buckets) in &series {
        let ascending = buckets.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let monotone = buckets.windows(2).all(|pair| pair[0].1 <= pair[1].1);
        let of = |suffix: &str| {
            let full = format!("{name}{suffix}");
            let found = |sample: &&Sample| sample.name == full && sample.labels == *labels;
            family.samples.iter().find(found)
        };
        let last = buckets.last().filter(|last| last.0 == f64::INFINITY);
        let total = of("_count").map(|count| count.value.to_bits());
        let whole = last.map(|last| last.1.to_bits());
        if !(ascending && monotone && of("_sum").is_some() && total.is_some() && whole == total) {
            return Err(format!("{name} {labels:?} does not add up: {buckets:?}"));
        }
    }
    let with_count = family.samples.iter().filter(|sample| sample.name.ends_with("_count")).count();
    if with_count == series.len() { Ok(()) } else { Err(format!("{name}: counts without buckets")) }
}

#[test]
fn a_broken_exposition_is_refused() {
    let head = "# TYPE a counter\n";
    let histogram = "# TYPE h histogram\n";
    let broken = [
        "a 1\n".to_owned(),
        format!("{head}a 1"),
        format!("{head}\na 1\n"),
        format!("{head}a  1\n"),
        format!("{head}a 1 1700000000\n"),
        format!("{head}a inf\n"),
        format!("{head}a{{}} 1\n"),
        format!("{head}a{{b=\"c\"}}1\n"),
        format!("{head}a{{b=\"c}} 1\n"),
        format!("{head}a{{b=\"\\t\"}} 1\n"),
        format!("{head}a{{b=\"c\",b=\"d\"}} 1\n"),
        format!("{head}a 1\na 1\n"),
        format!("{head}b 1\n"),
        head.to_owned(),
        format!("{head}a 1\n{head}a{{b=\"c\"}} 1\n"),
        format!("# HELP b B.\n{head}a 1\n"),
        format!("{histogram}h_bucket{{le=\"1\"}} 1\nh_sum 1\nh_count 1\n"),
        format!(
            "{histogram}h_bucket{{le=\"1\"}} 2\nh_bucket{{le=\"+Inf\"}} 1\nh_sum 1\nh_count 1\n"
        ),
        format!("{histogram}h_bucket{{le=\"+Inf\"}} 1\nh_sum 1\nh_count 2\n"),
        format!("{histogram}h_bucket{{le=\"+Inf\"}} 1\nh_count 1\n"),
        format!("{histogram}h_sum 1\nh_count 1\n"),
    ];
    for text in broken {
        assert!(parse(&text).is_err(), "{text}");
    }
}
